"""Listings as files: ``POST /listings/import`` takes a broker's whole file, ``GET /listings/export`` gives one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import PurePath
from typing import Any

from flask import Response, request
from marshmallow import fields, validate
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from mockpos.broker.columns import ColumnMap, column_map
from mockpos.broker.json_listings import read_json_bytes
from mockpos.broker.reader import BrokerFile, read_broker_bytes
from mockpos.broker.rows import BadRow
from mockpos.broker.writer import NOT_CARRIED, write_broker_file
from mockpos.codecs.documents import event_document, listing_document
from mockpos.codecs.file_layout import write_world
from mockpos.domain.clock import Millis, to_datetime
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.domain.listing import Listing, Stock
from mockpos.inventory_files import looks_like_json
from mockpos.server.greenlets import offload
from mockpos.server.parser import BODY_LIMIT
from mockpos.server.request import Request
from mockpos.services.import_listings import Conflict, ImportMode, ImportReport, import_listings
from mockpos.services.ports import Transaction, distinct_events
from mockpos.validation.schema import Strict
from mockpos.web.contract.bodies import is_json_type
from mockpos.web.control.calls import PREFIX, Context, ControlCall, body_bytes
from mockpos.web.control.guard import Guard
from mockpos.web.control.listing_fields import LARGEST, asked_truth, choice, words
from mockpos.web.exchange import current_exchange
from mockpos.web.replies import as_response, mock_problem

IMPORT_BODY_LIMIT = 64 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES = {"text/csv": "body.csv", "text/tab-separated-values": "body.txt", XLSX: "body.xlsx"}
_FORM, _CURL_DATA = "multipart/form-data", "application/x-www-form-urlencoded"
_FIELD = "data"
_BETWEEN = ";"
_LONGEST_FAULT = 2000
_FEW_LISTINGS = 1000
"""With more of them an import lets other calls go on meanwhile."""


def read_body(query: Mapping[str, Any], now: Millis) -> BrokerFile:
    """Read the request's body. Raises BadInput for a fault of the whole of it, and MockMisuse for another kind."""
    raw, name, maps, defaults = _file(body_bytes(IMPORT_BODY_LIMIT), request.environ.get("CONTENT_TYPE", ""))
    maps += [one for one in query.get("map", "").split(_BETWEEN) if one]
    defaults += [one for one in query.get("default", "").split(_BETWEEN) if one]
    try:
        columns = _column_map(maps, defaults)
        return offload(lambda: _read(raw, name, columns, now))
    except BadInput as error:
        raise BadInput(str(error)[:_LONGEST_FAULT]) from None


def _file(raw: bytes, content_type: str) -> tuple[bytes, str, list[str], list[str]]:
    """Return the file, a name that tells its kind, and what a form says of its columns."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == _FORM:
        return _from_form(raw, content_type)
    if is_json_type(content_type):
        return raw, "body.json", [], []
    if media_type in _FILES:
        return raw, _FILES[media_type], [], []
    hint = (
        "curl: --data-binary @FILE -H 'Content-Type: text/csv', or -F data=@FILE. " if media_type == _CURL_DATA else ""
    )
    raise MockMisuse(
        "mock_unsupported_media_type",
        f"{hint}Send the body as {', '.join(_FILES)}, application/json, or {_FORM} with the file in {_FIELD}.",
    )


def _from_form(raw: bytes, content_type: str) -> tuple[bytes, str, list[str], list[str]]:
    _, options = parse_options_header(content_type)
    parser = FormDataParser(_in_memory, max_form_memory_size=None, max_form_parts=100, silent=False)
    try:
        _, fields, files = parser.parse(BytesIO(raw), _FORM, len(raw), options)
    except ValueError as error:
        raise BadInput(f"body: no form: {error}") from None
    upload, text = files.get(_FIELD), fields.get(_FIELD)
    if upload is None and text is None:
        raise BadInput(f"body: the form has no field {_FIELD!r} with the file; curl: -F data=@FILE")
    maps, defaults = fields.getlist("map"), fields.getlist("default")
    if upload is None:
        return str(text).encode("utf-8", "surrogateescape"), "body", maps, defaults
    suffix = PurePath(upload.filename or "").suffix.lower()
    return upload.stream.read(), f"body{suffix}", maps, defaults


def _in_memory(*_: object, **__: object) -> BytesIO:
    """Return where a file of a form goes: the whole form is in memory already."""
    return BytesIO()


def _column_map(maps: list[str], defaults: list[str]) -> ColumnMap:
    """Read what was said of the columns; here a map is no name of a file."""
    wrong = next((one for one in maps if "=" not in one), None)
    if wrong is not None:
        raise BadInput(f"map: {wrong[:80]!r} must be COLUMN=HEADER, as Event=event_name")
    return column_map(maps, defaults)


def _read(raw: bytes, name: str, columns: ColumnMap, now: Millis) -> BrokerFile:
    if name == "body.json" or (name == "body" and looks_like_json(raw)):
        return read_json_bytes(raw, "body")
    return read_broker_bytes(raw, name, today=to_datetime(now).date(), columns=columns)


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


class AskedImport(Strict):
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


def _carry_out(context: Context) -> Mapping[str, Any] | Response:
    mode, skip = ImportMode(context.query["mode"]), context.query["skip_bad_rows"]
    now = context.sandbox.clock.now()
    read = read_body(context.query, now)
    if read.bad.count and not (skip and read.listings):
        others = "skip_bad_rows=true imports the others." if read.listings else "no row is left."
        return refused(f"Rows are bad, so nothing was imported; {others}", read.bad_rows, bad=read.bad.count)
    if mode is ImportMode.REPLACE:
        read.check_replacement("body", ", line ", "mode=replace", "mode=update")
    store = context.sandbox.store
    read = replace(read, listings=read.listings_for(store.anchor))
    is_large = len(read.listings) + store.listing_count() > _FEW_LISTINGS

    def bring(tx: Transaction, between: Callable[[], None]) -> ImportReport:
        return _bring(tx, read, mode, skip=skip, between=between)

    if is_large:
        report = store.long_transaction(bring)
    else:
        with store.transaction() as tx:
            report = bring(tx, lambda: None)
    if not report.applied:
        hint = "mode=update or mode=replace changes what is there" if mode is ImportMode.NEW else "skip_bad_rows=true"
        return refused(f"Listings conflict, so nothing was imported ({hint}).", [], report.conflicts)
    return _told(read, report, store.listing_count())


def _bring(
    tx: Transaction, read: BrokerFile, mode: ImportMode, *, skip: bool, between: Callable[[], None]
) -> ImportReport:
    unfit: list[Conflict] = []
    for listing in read.listings:
        conflict = _unfit(tx, listing)
        if conflict is not None:
            unfit.append(conflict)
        between()
    if unfit and not skip:
        return ImportReport(conflicts=tuple(unfit))
    names = {conflict.remote_id for conflict in unfit}
    fit = [listing for listing in read.listings if listing.remote_id not in names] if names else read.listings
    unread = read.bad.remote_ids
    report = import_listings(
        tx, fit, mode=mode, current=tx.listings(), keep=unread | names, skip_conflicts=skip, between=between
    )
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
        **report.counts(read.bad.count),
        "bad_rows": shown_rows(read.bad_rows),
        "conflicts": shown_conflicts(report.conflicts),
        "warnings": read.warnings,
        "ignored_columns": [column[:100] for column in read.ignored_columns[:1000]],
        "total": total,
    }


_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


class AskedExport(Strict):
    """Which kind of file."""

    format = fields.String(load_default="json", validate=validate.OneOf(list(_MEDIA_TYPES)))


def _export(context: Context) -> Response:
    context.sandbox.store.expire_due()
    kind = context.query["format"]
    listings = context.sandbox.store.listings()
    body = offload(lambda: _csv(listings) if kind == "csv" else _json(listings))
    name = f'attachment; filename="listings.{kind}"'
    return Response(body, headers={"Content-Disposition": name}, content_type=_MEDIA_TYPES[kind])


def _csv(listings: Iterable[tuple[Listing, Stock]]) -> bytes:
    stream = StringIO(newline="")
    write_broker_file(stream, listings)
    return stream.getvalue().encode("utf-8", "replace")


def _json(listings: Iterable[tuple[Listing, Stock]]) -> bytes:
    pairs = list(listings)
    stream = BytesIO()
    events = distinct_events(listing for listing, _ in pairs).values()
    tables = (
        ("events", (event_document(event) for event in events)),
        ("listings", (listing_document(listing, stock) for listing, stock in pairs)),
    )
    write_world(stream, tables)
    return stream.getvalue()


CALLS = (
    ControlCall(
        area="listings", method="POST", path="/listings/import", summary="Import a broker's file", serve=_carry_out,
        query=AskedImport, errors=("mock_import_refused", "mock_unsupported_media_type", "mock_request_too_large"),
        description="The body is TEvo's import format (`Content-Type: text/csv`, or text/tab-separated-values), an "
        "Excel workbook, or JSON (application/json: an inventory, or a list of listings), up to 64 MiB; or a form "
        "(multipart/form-data) with the file in the field data, as TEvo's own upload takes it. With mode=new, as "
        "without any, nothing may be there already; update adds and changes; replace also drops what the file lacks, "
        "save what is held or sold, which is retired. A bad row or a conflict keeps everything as it is, and the "
        "refusal lists them in bad_rows (line, reason, remote_id) and conflicts; with skip_bad_rows=true the others "
        "are imported.",
    ),
    ControlCall(
        area="listings", method="GET", path="/listings/export", summary="Export the listings", serve=_export,
        query=AskedExport,
        description="As JSON in the layout of inventory files, or (format=csv) as a broker's CSV, which does not "
        f"carry: {'; '.join(NOT_CARRIED)}.",
    ),
)  # fmt: skip
