"""``POST /listings/import``: a broker's whole file in the body of one call, imported whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response

from mockpos.broker.broker_file import BadRow, BrokerFile
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import Listing
from mockpos.server.parser import BODY_LIMIT
from mockpos.server.request import Request
from mockpos.services.import_listings import Conflict, ImportMode, ImportReport, import_listings
from mockpos.services.ports import Transaction
from mockpos.validation.schema import Strict
from mockpos.web.control.calls import PREFIX, Context, ControlCall
from mockpos.web.control.guard import Guard
from mockpos.web.control.listing_fields import LARGEST, asked_truth, choice, words
from mockpos.web.control.listing_import_body import IMPORT_BODY_LIMIT, read_body
from mockpos.web.exchange import current_exchange
from mockpos.web.replies import as_response, mock_problem

_CODE = "mock_import_refused"
_MOST_SHOWN = 10_000
_LONGEST = 500
_FEW = 3


def refused(
    detail: str, bad_rows: Sequence[BadRow], conflicts: Sequence[Conflict] = (), *, bad: int | None = None
) -> Response:
    """Return the answer. ``detail`` says what happened and what to do; the first faults are told with it."""
    first = [f"line {row.line}: {row.reason[:_LONGEST]}" for row in bad_rows[:_FEW]]
    first += [f"{conflict.remote_id}: {conflict.reason}" for conflict in conflicts[:_FEW]]
    told = " ".join([detail, f"{(len(bad_rows) if bad is None else bad) + len(conflicts):,} in all:", *first])
    details = {"bad_rows": shown_rows(bad_rows), "conflicts": shown_conflicts(conflicts)}
    return as_response(mock_problem(_CODE, told, current_exchange().request_id, details=details))


def shown_rows(rows: Sequence[BadRow]) -> list[dict[str, object]]:
    """Show bad rows, the first ten thousand."""
    return [
        {"line": row.line, "reason": row.reason[:_LONGEST], "remote_id": row.remote_id} for row in rows[:_MOST_SHOWN]
    ]


def shown_conflicts(conflicts: Sequence[Conflict]) -> list[dict[str, str]]:
    """Show conflicts, the first ten thousand."""
    return [{"remote_id": each.remote_id, "reason": each.reason} for each in conflicts[:_MOST_SHOWN]]


_PATH = f"{PREFIX}/listings/import".encode()


class Asked(Strict):
    """How to import."""

    mode = choice(ImportMode, load_default=ImportMode.NEW.value)
    skip_bad_rows = asked_truth(load_default=False)
    map = words(2000, metadata={"description": "`Event=event_name`: the header that means a column; `;` between them."})
    default = words(2000, metadata={"description": "`Venue=Larch Hall`: for empty cells; `;` between them."})


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
    now = context.sandbox.clock.now()
    read = read_body(context.query, now)
    if read.bad.count and not (skip and read.listings):
        others = "skip_bad_rows=true imports the others." if read.listings else "no row is left."
        return refused(f"Rows are bad, so nothing was imported; {others}", read.bad_rows, bad=read.bad.count)
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


def _check_replacement(read: BrokerFile) -> None:
    """Refuse to drop listings on the word of a file that does not say which ones it means."""
    if not read.listings:
        raise BadInput("body: it has no listing, so mode=replace would empty the inventory; nothing was changed")
    unknown = read.bad.unnamed_line
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
    unread = read.bad.remote_ids
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
        "skipped": read.bad.count + len(report.conflicts),
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
        description="The body is TEvo's import format (`Content-Type: text/csv`, or text/tab-separated-values), an "
        "Excel workbook, or JSON (application/json: an inventory, or a list of listings), up to 64 MiB; or a form "
        "(multipart/form-data) with the file in the field data, as TEvo's own upload takes it. With mode=new, as "
        "without any, nothing may be there already; update adds and changes; replace also drops what the file lacks, "
        "save what is held or sold, which is retired. A bad row or a conflict keeps everything as it is, and the "
        "refusal lists them in bad_rows (line, reason, remote_id) and conflicts; with skip_bad_rows=true the others "
        "are imported.",
    ),
)  # fmt: skip
