"""Rows of a broker's text or workbook, each with the line it begins on."""

import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, TextIOWrapper
from pathlib import PurePath
from typing import Any

from mockpos.broker.columns import column_called
from mockpos.broker.file_text import SAVE_AS_CSV, check_not_empty, refuse_other_kinds
from mockpos.domain.errors import BadInput

Progress = Callable[[int], None]
"""Told how much of the file is done, in percent, each time that grows."""

_DELIMITERS = {".csv": ",", ".txt": "\t", ".tsv": "\t", ".tab": "\t"}
_TO_SAVE_AS_CSV = (".xls", ".xlsb", ".ods", ".numbers", ".html", ".htm", ".xml", ".pdf")
_SEPARATOR_LINE = re.compile(rb'\A"?sep=(,|;|\t|\|)"?[ ,;\t]*(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
_FIRST_LINE = re.compile(rb"\A\s*([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row's cells, or the fault for which it has none. A fault in a file's first row keeps its line as it stands."""

    line: int
    cells: list[str]
    fault: str = ""
    first_line: str = ""


def delimiter_of(path: PurePath) -> str:
    """Return what is between the columns, by the file's name (TEvo wiki, Import File Specification).

    Raises BadInput for another kind of file.
    """
    delimiter = _DELIMITERS.get(path.suffix.lower())
    if delimiter is None:
        way_out = "Rename the file." if path.suffix.lower() not in _TO_SAVE_AS_CSV else SAVE_AS_CSV
        raise BadInput(f"{path}: broker files are named .csv (commas) or .txt (tabs), also .tsv, .xlsx. {way_out}")
    return delimiter


def separator_line(body: bytes) -> tuple[str, bytes]:
    """Return the delimiter that the line ``sep=,`` names, as Excel writes it, and the text behind it; "" for none."""
    match = _SEPARATOR_LINE.match(body)
    return (match[1].decode(), body[match.end() :]) if match else ("", body)


def likely_delimiter(body: bytes) -> str:
    """Return the tab or the comma, whichever the first line has more of: for a text without a file name."""
    line = _first_line(body)
    return "\t" if line.count("\t") > line.count(",") else ","


def _first_line(body: bytes) -> str:
    match = _FIRST_LINE.match(body)
    return match[1].decode(errors="replace") if match else ""


def csv_rows(body: bytes, name: str, delimiter: str, *, lines_before: int = 0) -> Iterator[RawRow]:
    """Iterate over the rows of a text in UTF-8, empty ones left out.

    Strict about quotes: a forgiving parser would swallow the rest of the file after one that
    is never closed. Raises BadInput for that; a quote in the wrong place spoils its row only.
    """
    reader = csv.reader(TextIOWrapper(BytesIO(body), encoding="utf-8", newline=""), delimiter=delimiter, strict=True)
    while True:
        before = reader.line_num
        line = before + 1 + lines_before
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = _quote_fault(str(error), f"{name}, line {line}")
            yield RawRow(line, [], fault, _first_line(body) if before == 0 else "")
            continue
        if any(map(str.strip, cells)):
            yield RawRow(line, cells)


def with_progress(rows: Iterator[RawRow], lines: int, progress: Progress | None) -> Iterator[RawRow]:
    """Pass rows through, and tell ``progress`` how far the file is read."""
    if progress is None:
        yield from rows
        return
    told = 0
    for row in rows:
        percent = min(99, 100 * row.line // max(lines, 1))
        if percent > told:
            progress(told := percent)
        yield row
    progress(100)


def _quote_fault(error: str, where: str) -> str:
    """Return what is wrong with one row's quotes. Raises BadInput when the fault reaches further."""
    if "expected after" in error:
        return 'A quote inside a quoted field must be doubled (""), and a quoted field must be closed.'
    if "field larger" in error:
        raise BadInput(
            f"{where}: a field of the row that begins here is longer than {csv.field_size_limit():,} characters. "
            "Probably its quote is never closed."
        )
    raise BadInput(f"{where}: a quote opened in the row that begins here is never closed. Close it.")


_LARGEST_UNPACKED = 512 * 1024 * 1024
_LOOKED_AT = 25
_EXACT = 2**53
_WORKBOOK = b"PK\x03\x04"
_NO_VALUE = (
    "Formulas that no program has computed were read as empty: open the workbook in Excel, save it, import it again."
)


_UNCOMPUTED = re.compile(rb"</f>(?:<v ?/>|<v></v>|</c>)")


def xlsx_rows(raw: bytes, name: str) -> tuple[Iterator[RawRow], list[str], int]:
    """Return the rows of the sheet that has the inventory, what to tell of the others, and how many rows it has.

    That is the first sheet with a header, visible ones first. Raises BadInput for no workbook, or without openpyxl.
    """
    try:
        import openpyxl
    except ImportError:
        raise BadInput(
            f"{name}: reading Excel workbooks needs openpyxl: pip install 'mockpos[xlsx]'. Or save the sheet as CSV "
            "(in Excel: File, Save As, CSV UTF-8)."
        ) from None
    check_not_empty(raw, name)
    refuse_other_kinds(raw, name, expected=_WORKBOOK)
    told = _look_inside(raw, name)
    try:
        book = openpyxl.load_workbook(BytesIO(raw), read_only=True, data_only=True)
        sheets = sorted(book.worksheets, key=lambda sheet: bool(sheet.sheet_state != "visible"))
        read, *others = [sheet for sheet in sheets if _has_header(sheet)] or sheets[:1]
    except Exception as error:  # a damaged workbook fails in whatever way its damage has
        raise _unreadable(name, error) from None
    unread = f", not {', '.join(repr(sheet.title) for sheet in others)}" if others else ""
    return _rows(read, name), [f"The sheet {read.title!r} of the workbook was read{unread}.", *told], read.max_row or 0


def _unreadable(name: str, error: Exception) -> BadInput:
    why = str(error).partition("\n")[0].rstrip(".")
    return BadInput(f"{name}: the workbook cannot be read ({why}). Save it again, or as CSV.")


def _rows(sheet: Any, name: str) -> Iterator[RawRow]:
    try:
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_text(value) for value in values]
            if any(map(str.strip, cells)):
                yield RawRow(line, cells)
    except BadInput:
        raise
    except Exception as error:  # as above: rows are parsed when they are asked for
        raise _unreadable(name, error) from None


def _has_header(sheet: Any) -> bool:
    first = sheet.iter_rows(max_row=_LOOKED_AT, values_only=True)
    return any(sum(column_called(_text(value)) is not None for value in row) >= 3 for row in first)


def _text(value: object) -> str:
    """Return a cell as a CSV would have it. A whole number has no fraction, a date no midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0, 0) else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _look_inside(raw: bytes, name: str) -> list[str]:
    """Say whether there are formulas that no program computed, which have no value. Raises BadInput for no workbook."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _LARGEST_UNPACKED:
                raise BadInput(f"{name}: unpacked, the workbook is larger than {_LARGEST_UNPACKED >> 20} MiB.")
            sheets = [item for item in archive.namelist() if item.startswith("xl/worksheets/")]
            uncomputed = any(_UNCOMPUTED.search(archive.read(item)) for item in sheets)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise BadInput(f"{name}: this is no Excel workbook, or a damaged one. Save it again, or as CSV.") from None
    return [_NO_VALUE] if uncomputed else []
