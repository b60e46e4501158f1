"""Read a broker's import file, ``.csv`` or ``.txt``, as TEvo's Import File Specification describes it.

A fault of the whole file is raised; a fault of a row is collected, with all others.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePath

from mockpos.broker.broker_file import BadRow, BrokerFile
from mockpos.broker.csv_rows import Progress, RawRow, counted, csv_rows, delimiter_of
from mockpos.broker.file_text import read_bytes, utf8_of
from mockpos.broker.header import Header, read_header
from mockpos.broker.notices import Notices
from mockpos.broker.remote_ids import MADE_IDS
from mockpos.broker.row import Row
from mockpos.broker.rows import Rows
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import Listing


def read_broker_file(path: Path, *, today: date, progress: Progress | None = None) -> BrokerFile:
    """Read a file. ``today`` decides what is in hand, past, or too far ahead.

    Raises BadInput for a fault of the whole file: missing, empty, not UTF-8, no header, an unclosed quote.
    """
    delimiter_of(path)
    return read_broker_bytes(read_bytes(path), str(path), today=today, progress=progress)


def read_broker_bytes(raw: bytes, name: str, *, today: date, progress: Progress | None = None) -> BrokerFile:
    """Read the bytes of a file of this name, as ``read_broker_file`` does."""
    delimiter = delimiter_of(PurePath(name))
    body = utf8_of(raw, name)
    raw_rows = counted(csv_rows(body, name, delimiter), body, progress)
    header = _header(raw_rows, name, delimiter)
    ids_given = "TicketID" in header.places
    notices = Notices()
    listings: list[Listing] = []
    bad_rows: list[BadRow] = []
    rows = Rows(ids_given=ids_given, today=today, notices=notices)
    for raw_row in raw_rows:
        found = _listing_or_fault(raw_row, header, rows)
        if isinstance(found, Listing):
            listings.append(found)
        elif found is not None:
            bad_rows.append(found)
    warnings = ([] if ids_given else [MADE_IDS]) + notices.sentences()
    if not listings and not bad_rows:
        warnings.append("The file has a header, but no listing.")
    return BrokerFile(listings, bad_rows, warnings, header.ignored)


def _header(raw_rows: Iterator[RawRow], name: str, delimiter: str) -> Header:
    first = next(raw_rows)  # there is one: the file is not empty
    where = f"{name}, line {first.line}"
    if first.fault:
        raise BadInput(f"{where}: the header cannot be read. {first.fault}")
    return read_header(first.cells, where, delimiter)


def _listing_or_fault(raw_row: RawRow, header: Header, rows: Rows) -> Listing | BadRow | None:
    """Return a row's listing, or what is wrong with it, or None when the row is to be ignored."""
    fault = raw_row.fault or _misfit(raw_row.cells, header.width)
    if fault:
        return BadRow(raw_row.line, fault)
    row = Row(raw_row.line, raw_row.cells, header.places)
    return rows.read(row)


def _misfit(cells: list[str], width: int) -> str:
    """Say how a row does not fit its header; empty cells too many are no matter."""
    count = len(cells)
    if count == width or (count > width and not any(map(str.strip, cells[width:]))):
        return ""
    way_out = "quote every field that has the delimiter in it" if count > width else "write empty cells too"
    return f"The row has {count} cells, and the header {width}: {way_out}."
