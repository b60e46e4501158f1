"""``POST /listings/import``: a broker's whole file in the body of one call, imported whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, request

from mockpos.broker.broker_file import BrokerFile
from mockpos.broker.json_listings import read_json_bytes
from mockpos.broker.reader import read_broker_bytes
from mockpos.domain.clock import Millis, to_datetime
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.domain.listing import Listing
from mockpos.server.greenlets import offload
from mockpos.server.parser import BODY_LIMIT
from mockpos.server.request import Request
from mockpos.services.import_listings import Conflict, ImportMode, ImportReport, import_listings
from mockpos.services.ports import Transaction
from mockpos.validation.schema import Strict
from mockpos.web.contract.bodies import is_json_type
from mockpos.web.control.calls import PREFIX, Context, ControlCall
from mockpos.web.control.guard import Guard
from mockpos.web.control.listing_fields import LARGEST, asked_truth, choice
from mockpos.web.control.listing_import_refusal import refused, shown_conflicts, shown_rows
from mockpos.web.exchange import current_exchange

IMPORT_BODY_LIMIT = 64 * 1024 * 1024
_PATH = f"{PREFIX}/listings/import".encode()
_FILES = {"text/csv": "body.csv", "text/tab-separated-values": "body.txt"}
_LONGEST_FAULT = 2000


class Asked(Strict):
    """How to import."""

    mode = choice(ImportMode, load_default=ImportMode.NEW.value)
    skip_bad_rows = asked_truth(load_default=False)


def import_body_limit(guard: Guard) -> Callable[[Request], int]:
    """Return how large a request's body may be: an import's, in whichever sandbox, is a whole file.

    Only for who may import: nobody else makes the server keep so much.
    """

    def limit(asked: Request) -> int:
        path = asked.target.partition(b"?")[0]
        is_import = asked.method == "POST" and (path == _PATH or (path.startswith(b"/s/") and path.endswith(_PATH)))
        return IMPORT_BODY_LIMIT if is_import and guard.trusts(asked) else BODY_LIMIT

    return limit


def carry_out(context: Context) -> Mapping[str, Any] | Response:
    """Import the body."""
    mode, skip = ImportMode(context.query["mode"]), context.query["skip_bad_rows"]
    raw, media_type = _body(), request.environ.get("CONTENT_TYPE", "")
    now = context.sandbox.clock.now()
    read = offload(lambda: _read(raw, media_type, now))
    if read.bad_rows and not skip:
        return refused("Rows are bad, so nothing was imported; skip_bad_rows=true imports the others.", read.bad_rows)
    if mode is ImportMode.REPLACE:
        _check_replacement(read)
    store = context.sandbox.store
    read = replace(read, listings=read.listings_for(store.anchor))
    with store.transaction() as tx:
        report = _bring(tx, read, mode, skip=skip)
    store.settle()
    if not report.applied:
        hint = "mode=update or mode=replace changes what is there" if mode is ImportMode.NEW else "skip_bad_rows=true"
        return refused(f"Listings conflict, so nothing was imported ({hint}).", [], report.conflicts)
    return _told(read, report, store.listing_count())


def _body() -> bytes:
    """Return the body. Raises MockMisuse when it was too large to be read."""
    asked = current_exchange().request
    if asked.is_too_large:
        raise MockMisuse("mock_request_too_large", 413, f"The body is larger than {IMPORT_BODY_LIMIT} bytes.")
    return asked.body


def _read(raw: bytes, media_type: str, now: Millis) -> BrokerFile:
    """Read the body as the file its Content-Type says it is. Raises BadInput for a fault of the whole of it."""
    name = _FILES.get(media_type.partition(";")[0].strip().lower())
    if name is None and not is_json_type(media_type):
        raise MockMisuse(
            "mock_unsupported_media_type", 415, f"Send the body as {', '.join(_FILES)} or application/json."
        )
    try:
        if name is None:
            return read_json_bytes(raw, "body")
        return read_broker_bytes(raw, name, today=to_datetime(now).date())
    except BadInput as error:
        raise BadInput(str(error)[:_LONGEST_FAULT]) from None


def _check_replacement(read: BrokerFile) -> None:
    """Refuse to drop listings on the word of a file that does not say which ones it means."""
    if not read.listings:
        raise BadInput("body: it has no listing, so mode=replace would empty the inventory; nothing was changed")
    unknown = next((row.line for row in read.bad_rows if row.remote_id is None), None)
    if unknown is not None:
        raise BadInput(
            f"body, line {unknown}: this row is bad and its Remote ID cannot be read, so mode=replace would drop a "
            "listing that may be meant; correct the row, or use mode=update. Nothing was changed"
        )


def _bring(tx: Transaction, read: BrokerFile, mode: ImportMode, *, skip: bool) -> ImportReport:
    unfit = [conflict for listing in read.listings if (conflict := _unfit(tx, listing)) is not None]
    if unfit and not skip:
        return ImportReport(
            applied=False, added=0, updated=0, unchanged=0, dropped=0, retired=0, conflicts=tuple(unfit)
        )
    names = {conflict.remote_id for conflict in unfit}
    fit = [listing for listing in read.listings if listing.remote_id not in names] if names else read.listings
    unread = {row.remote_id for row in read.bad_rows if row.remote_id is not None}
    report = import_listings(tx, fit, mode=mode, current=tx.listings(), keep=unread | names, skip_conflicts=skip)
    return replace(report, conflicts=(*unfit, *report.conflicts))


def _unfit(tx: Transaction, listing: Listing) -> Conflict | None:
    """Say why no inventory can hold a listing, whatever is in it."""
    if tx.is_built_in(listing.remote_id):
        return Conflict(listing.remote_id, "It is built in.")
    if max(listing.quantity, listing.numbering.low if listing.numbering else 0) > LARGEST:
        return Conflict(listing.remote_id, f"A quantity or seat is more than {LARGEST:,}.")
    return None


def _told(read: BrokerFile, report: ImportReport, total: int) -> dict[str, Any]:
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "dropped": report.dropped,
        "retired": report.retired,
        "skipped": len(read.bad_rows) + len(report.conflicts),
        "bad_rows": shown_rows(read.bad_rows),
        "conflicts": shown_conflicts(report.conflicts),
        "warnings": read.warnings,
        "ignored_columns": [column[:100] for column in read.ignored_columns[:1000]],
        "total": total,
    }


CALLS = (
    ControlCall(
        area="listings", method="POST", path="/listings/import", summary="Import a broker's file", serve=carry_out,
        query=Asked, errors=("mock_import_refused", "mock_unsupported_media_type", "mock_request_too_large"),
        example={
            "added": 12, "updated": 3, "unchanged": 185, "dropped": 0, "retired": 0, "skipped": 0,
            "bad_rows": [], "conflicts": [], "warnings": [], "ignored_columns": [], "total": 200,
        },
        description="The body is TEvo's import format (`Content-Type: text/csv`, or text/tab-separated-values) or JSON "
        "(application/json: an inventory, or a list of listings), up to 64 MiB. With mode=new, as without any, nothing "
        "may be there already; update adds and changes; replace also drops what the file lacks, save what is held or "
        "sold, which is retired. A bad row or a conflict keeps everything as it is, and the refusal lists them in "
        "bad_rows (line, reason, remote_id) and conflicts; with skip_bad_rows=true the others are imported.",
    ),
)  # fmt: skip
