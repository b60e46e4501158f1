"""Read a broker's file, .csv, .txt, .tsv or .xlsx, as TEvo's Import File Specification and other tools write it.

A fault of the whole file is raised; a fault of a row is collected, with all others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path, PurePath

from mockpos.broker.cells import Notices
from mockpos.broker.columns import NO_MAP, ColumnMap
from mockpos.broker.header import find_header
from mockpos.broker.raw_rows import (
    WORKBOOK,
    Progress,
    RawRow,
    csv_rows,
    delimiter_of,
    likely_delimiter,
    read_bytes,
    separator_line,
    text_of,
    with_progress,
    xlsx_rows,
)
from mockpos.broker.rows import BadRow, Rows
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, overlaps

MOST_KEPT = 10_000
"""Bad rows of a file that are kept with their reasons; of more there is only the number."""

_WORKBOOKS = (".xlsx", ".xlsm")
_MOST_BAD = 100_000
"""Bad rows after which a file is taken for something else than an inventory."""
_OVERLAPS_TOLD = 5
_LOST = (
    "All of it is one line, so its line breaks may be lost: curl -d drops them; send the file with --data-binary "
    "@FILE, or with -F data=@FILE."
)


@dataclass(slots=True)
class BadRows:
    """The bad rows of a file: the first of them whole, of all of them what an import has to know.

    ``remote_ids`` are those that could be read; ``unnamed_line`` is the first row whose could not.
    """

    first: list[BadRow] = field(default_factory=list)
    count: int = 0
    remote_ids: set[str] = field(default_factory=set)
    unnamed_line: int | None = None

    def add(self, row: BadRow) -> None:
        """Take note of a row."""
        self.count += 1
        if len(self.first) < MOST_KEPT:
            self.first.append(row)
        if row.remote_id is not None:
            self.remote_ids.add(row.remote_id)
        elif self.unnamed_line is None:
            self.unnamed_line = row.line


@dataclass(frozen=True, slots=True)
class BrokerFile:
    """A file that was read. ``ignored_columns`` are the headers nobody knows, as written.

    ``anchor`` is the day that the events of an exported world were made to lie ahead of; a broker's file has none.
    """

    listings: list[Listing]
    bad: BadRows = field(default_factory=BadRows)
    warnings: list[str] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    anchor: date | None = None

    @property
    def bad_rows(self) -> list[BadRow]:
        """Return the bad rows, the first of many."""
        return self.bad.first

    def check_replacement(self, name: str, line: str, replace: str, update: str) -> None:
        """Refuse to drop listings on the word of a file that does not say which ones it means. Raises BadInput.

        ``replace`` and ``update`` are what the ways to import are called, ``line`` stands before a line's number.
        """
        if not self.listings:
            raise BadInput(f"{name}: it has no listing, so {replace} would empty the inventory; nothing was changed")
        if self.bad.unnamed_line is not None:
            raise BadInput(
                f"{name}{line}{self.bad.unnamed_line}: this row is bad and its Remote ID cannot be read, so {replace} "
                f"would drop a listing that may be meant; correct the row, or use {update}. Nothing was changed"
            )

    def listings_for(self, anchor: date | None) -> list[Listing]:
        """Return the listings for an inventory that has this anchor: there, dates made ahead of another day stay."""
        if self.anchor is not None and self.anchor == anchor:
            return self.listings
        return list(_with_fixed_dates(self.listings))


def _with_fixed_dates(listings: Iterable[Listing]) -> Iterator[Listing]:
    events: dict[str, Event] = {}
    for listing in listings:
        event = listing.event
        if event is None or event.fixed_date:
            yield listing
        else:
            yield replace(listing, event=events.setdefault(event.event_id, replace(event, fixed_date=True)))


def read_broker_file(
    path: Path, *, today: date, columns: ColumnMap = NO_MAP, progress: Progress | None = None
) -> BrokerFile:
    """Read a file. ``today`` decides what is in hand, past, or too far ahead.

    Raises BadInput for a fault of the whole file: missing, empty, no text, no header, an unclosed quote.
    """
    if not _is_workbook(path):
        delimiter_of(path)
    return read_broker_bytes(read_bytes(path), str(path), today=today, columns=columns, progress=progress)


def read_broker_bytes(
    raw: bytes, name: str, *, today: date, columns: ColumnMap = NO_MAP, progress: Progress | None = None
) -> BrokerFile:
    """Read the bytes of a file of this name, as ``read_broker_file`` does. A name without an ending tells no kind."""
    is_workbook = _is_workbook(PurePath(name)) or (not PurePath(name).suffix and raw.startswith(WORKBOOK))
    sheet = _workbook(raw, name, progress) if is_workbook else _text(raw, name, progress)
    try:
        header, first = find_header(sheet.rows, name, sheet.delimiter, columns)
    except BadInput as error:
        raise BadInput(f"{error} {_LOST}" if sheet.first_line_is_all else str(error)) from None
    if sheet.first_line_is_all and header.ignored:
        raise BadInput(f"{name}: it has a header and no row, and unknown columns in it: {header.ignored[0]!r}. {_LOST}")
    rows = Rows(header, today, Notices())
    listings, bad = _read_rows(chain(first, sheet.rows), rows, name)
    above = [f"The rows above the header, which is on line {header.line}, were passed over."] if header.titles else []
    none = [] if listings or bad.count else ["The file has a header, but no listing."]
    warnings = [*above, *sheet.told, *rows.remarks(), *none, *_overlaps_told(listings)]
    return BrokerFile(listings, bad, warnings, header.ignored)


def _read_rows(raw_rows: Iterable[RawRow], rows: Rows, name: str) -> tuple[list[Listing], BadRows]:
    """Read all rows. Raises BadInput when so many are bad that this is no inventory."""
    listings, bad = [], BadRows()
    for raw_row in raw_rows:
        found = rows.read(raw_row)
        if isinstance(found, Listing):
            listings.append(found)
        elif found is not None:
            bad.add(found)
        if bad.count > _MOST_BAD:
            first = bad.first[0]
            raise BadInput(
                f"{name}, line {first.line}: {first.reason} More than {_MOST_BAD:,} rows are bad, and the rest was "
                "not read: is this an inventory?"
            )
    return listings, bad


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The rows of a file, and what to tell of how it was read."""

    rows: Iterator[RawRow]
    delimiter: str
    told: list[str]
    first_line_is_all: bool = False


def _text(raw: bytes, name: str, progress: Progress | None) -> _Sheet:
    path = PurePath(name)
    by_name = delimiter_of(path) if path.suffix else ""
    text, told = text_of(raw, name)
    named, body = separator_line(text)
    delimiter = named or by_name or likely_delimiter(body)
    rows = csv_rows(body, name, delimiter, lines_before=1 if named else 0)
    is_one_line = b"\n" not in body.strip() and b"\r" not in body.strip()
    return _Sheet(with_progress(rows, body.count(b"\n") + 1, progress), delimiter, told, is_one_line)


def _workbook(raw: bytes, name: str, progress: Progress | None) -> _Sheet:
    rows, told, count = xlsx_rows(raw, name)
    return _Sheet(with_progress(rows, count, progress), ",", told)


def _is_workbook(path: PurePath) -> bool:
    return path.suffix.lower() in _WORKBOOKS


def _overlaps_told(listings: list[Listing]) -> list[str]:
    """Say which listings have seats of one another, the first few of them: the same seats can be sold twice."""
    found = overlaps(listings)
    told = [f"{overlap}: these seats can be sold twice." for overlap in found[:_OVERLAPS_TOLD]]
    if len(found) > len(told):
        told.append(f"And {counted(len(found) - len(told), 'more pair')} of listings share seats.")
    return told
