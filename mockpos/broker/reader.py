"""Read a broker's file, .csv, .txt, .tsv or .xlsx, as TEvo's Import File Specification and other tools write it.

A fault of the whole file is raised; a fault of a row is collected, with all others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path, PurePath

from mockpos.broker.broker_file import BadRow, BadRows, BrokerFile
from mockpos.broker.cells import Notices, Row
from mockpos.broker.columns import NO_MAP, ColumnMap
from mockpos.broker.csv_rows import (
    Progress,
    RawRow,
    csv_rows,
    delimiter_of,
    likely_delimiter,
    separator_line,
    with_progress,
    xlsx_rows,
)
from mockpos.broker.file_text import read_bytes, text_of
from mockpos.broker.header import Header, find_header
from mockpos.broker.rows import MADE_IDS, Rows
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import Listing
from mockpos.domain.overlaps import overlaps

_WORKBOOKS = (".xlsx", ".xlsm")
_MOST_BAD = 100_000
"""Bad rows after which a file is taken for something else than an inventory."""
_OVERLAPS_TOLD = 5
_LOST = (
    "All of it is one line, so its line breaks may be lost: curl -d drops them; send the file with --data-binary "
    "@FILE, or with -F data=@FILE."
)


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
    is_workbook = _is_workbook(PurePath(name)) or (not PurePath(name).suffix and raw[:4] == b"PK\3\4")
    sheet = _workbook(raw, name, progress) if is_workbook else _text(raw, name, progress)
    try:
        header, first = find_header(sheet.rows, name, sheet.delimiter, columns)
    except BadInput as error:
        raise BadInput(f"{error} {_LOST}" if sheet.first_line_is_all else str(error)) from None
    reading = _Reading(header, Notices(), today)
    if sheet.first_line_is_all and header.ignored:
        raise BadInput(f"{name}: it has a header and no row, and unknown columns in it: {header.ignored[0]!r}. {_LOST}")
    for row in chain(first, sheet.rows):
        reading.read(row, name)
    return reading.result(sheet.told)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The rows of a file, and what to tell of how it was read."""

    rows: Iterator[RawRow]
    delimiter: str
    told: list[str] = field(default_factory=list)
    first_line_is_all: bool = False


def _text(raw: bytes, name: str, progress: Progress | None) -> _Sheet:
    path = PurePath(name)
    by_name = delimiter_of(path) if path.suffix else ""
    text = text_of(raw, name)
    named, body = separator_line(text.body)
    delimiter = named or by_name or likely_delimiter(body)
    rows = csv_rows(body, name, delimiter, lines_before=1 if named else 0)
    is_one_line = b"\n" not in body.strip() and b"\r" not in body.strip()
    return _Sheet(
        with_progress(rows, body.count(b"\n") + 1, progress), delimiter, [text.told] if text.told else [], is_one_line
    )


def _workbook(raw: bytes, name: str, progress: Progress | None) -> _Sheet:
    rows, told, count = xlsx_rows(raw, name)
    return _Sheet(with_progress(rows, count, progress), ",", told)


def _is_workbook(path: PurePath) -> bool:
    return path.suffix.lower() in _WORKBOOKS


class _Reading:
    """What was read of one file so far."""

    def __init__(self, header: Header, notices: Notices, today: date) -> None:
        self._header = header
        self._notices = notices
        self._ids_given = "TicketID" in header.places
        self._rows = Rows(ids_given=self._ids_given, today=today, notices=notices)
        self._listings: list[Listing] = []
        self._bad = BadRows()

    def read(self, raw_row: RawRow, name: str) -> None:
        """Read a row. Raises BadInput when there are so many bad ones that this is no inventory."""
        found = self._listing_or_fault(raw_row)
        if isinstance(found, Listing):
            self._listings.append(found)
        elif found is not None:
            self._bad.add(found)
            if self._bad.count > _MOST_BAD:
                first = self._bad.first[0]
                raise BadInput(
                    f"{name}, line {first.line}: {first.reason} More than {_MOST_BAD:,} rows are bad, and the rest was "
                    "not read: is this an inventory?"
                )

    def result(self, told: list[str]) -> BrokerFile:
        """Return the file."""
        warnings = [*told, *([] if self._ids_given else [MADE_IDS]), *self._notices.sentences()]
        if not self._listings and not self._bad.count:
            warnings.append("The file has a header, but no listing.")
        if self._header.titles:
            warnings.insert(0, f"The rows above the header, which is on line {self._header.line}, were passed over.")
        return BrokerFile(self._listings, self._bad, [*warnings, *overlaps_told(self._listings)], self._header.ignored)

    def _listing_or_fault(self, raw_row: RawRow) -> Listing | BadRow | None:
        """Return a row's listing, or what is wrong with it, or None when the row is to be ignored."""
        fault = raw_row.fault or _misfit(raw_row.cells, self._header)
        if fault:
            return BadRow(raw_row.line, fault)
        if raw_row.cells == self._header.cells:
            self._notices.add("The header came again, and was passed over", raw_row.line)
            return None
        cells = self._header.whole(raw_row, self._notices)
        return self._rows.read(Row(raw_row.line, cells, self._header.places))


def overlaps_told(listings: list[Listing]) -> list[str]:
    """Say which listings have seats of one another, the first few of them: the same seats can be sold twice."""
    found = overlaps(listings)
    told = [f"{overlap}: these seats can be sold twice." for overlap in found[:_OVERLAPS_TOLD]]
    if len(found) > len(told):
        told.append(f"And {counted(len(found) - len(told), 'more pair')} of listings share seats.")
    return told


def _misfit(cells: list[str], header: Header) -> str:
    """Say how a row does not fit its header; empty cells too many are no matter, nor are trailing ones too few."""
    count = len(cells)
    if count <= header.width or not any(map(str.strip, cells[header.width :])):
        return ""
    return f"The row has {count} cells, and the header {header.width}: quote every field that has the delimiter in it."
