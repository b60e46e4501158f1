"""Rows of a CSV or tab-separated file, each with the line it begins on. Independent of columns."""

import csv
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, TextIOWrapper
from pathlib import PurePath
from typing import Any

from mockpos.broker.columns import column_called
from mockpos.domain.errors import BadInput

Progress = Callable[[int], None]
"""Told how much of the file is done, in percent, each time that grows."""

_DELIMITERS = {".csv": ",", ".txt": "\t", ".tsv": "\t", ".tab": "\t"}
_SEPARATOR_LINE = re.compile(rb'\A"?sep=(,|;|\t|\|)"?[ ,;\t]*(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
_FIRST_LINE = re.compile(rb"\A\s*([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row's cells, or the fault for which it has none."""

    line: int
    cells: list[str]
    fault: str = ""


def delimiter_of(path: PurePath) -> str:
    """Return what is between the columns, by the file's name (TEvo wiki, Import File Specification).

    Raises BadInput for another kind of file.
    """
    delimiter = _DELIMITERS.get(path.suffix.lower())
    if delimiter is None:
        raise BadInput(f"{path}: broker files are named .csv (commas) or .txt (tabs), also .tsv. Rename the file.")
    return delimiter


def separator_line(body: bytes) -> tuple[str, bytes]:
    """Return the delimiter that the line ``sep=,`` names, as Excel writes it, and the text behind it; "" for none."""
    match = _SEPARATOR_LINE.match(body)
    return (match[1].decode(), body[match.end() :]) if match else ("", body)


def likely_delimiter(body: bytes) -> str:
    """Return the tab or the comma, whichever the first line has more of: for a text without a file name."""
    match = _FIRST_LINE.match(body)
    line = match[1] if match else b""
    return "\t" if line.count(b"\t") > line.count(b",") else ","


def csv_rows(body: bytes, name: str, delimiter: str, *, lines_before: int = 0) -> Iterator[RawRow]:
    """Iterate over the rows of a text in UTF-8, empty ones left out.

    Strict about quotes: a forgiving parser would swallow the rest of the file after one that
    is never closed. Raises BadInput for that; a quote in the wrong place spoils its row only.
    """
    reader = csv.reader(TextIOWrapper(BytesIO(body), encoding="utf-8", newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1 + lines_before
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RawRow(line, [], _quote_fault(str(error), f"{name}, line {line}"))
            continue
        if any(map(str.strip, cells)):
            yield RawRow(line, cells)


def counted(rows: Iterator[RawRow], lines: int, progress: Progress | None) -> Iterator[RawRow]:
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


def xlsx_rows(raw: bytes, name: str) -> tuple[Iterator[RawRow], str, int]:
    """Return the rows of the sheet that has the inventory, its title, and how many rows it has.

    That is the first sheet with a header, else the first. Raises BadInput for no workbook, or without openpyxl.
    """
    try:
        import openpyxl
    except ImportError:
        raise BadInput(
            f"{name}: reading Excel workbooks needs openpyxl: pip install 'mockpos[xlsx]'. Or save the sheet as CSV "
            "(in Excel: File, Save As, CSV UTF-8)."
        ) from None
    _check_size(raw, name)
    try:
        book = openpyxl.load_workbook(BytesIO(raw), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        sheet = next((one for one in sheets if _has_header(one)), sheets[0])
    except Exception as error:  # a damaged workbook fails in whatever way its damage has
        raise BadInput(f"{name}: the workbook cannot be read ({error}). Save it again, or as CSV.") from None
    return _rows(sheet, name), sheet.title, sheet.max_row or 0


def _rows(sheet: Any, name: str) -> Iterator[RawRow]:
    try:
        for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_text(value) for value in values]
            if any(map(str.strip, cells)):
                yield RawRow(line, cells)
    except BadInput:
        raise
    except Exception as error:  # as above: rows are parsed when they are asked for
        raise BadInput(f"{name}: the workbook cannot be read ({error}). Save it again, or as CSV.") from None


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


def _check_size(raw: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile:
        raise BadInput(f"{name}: this is no Excel workbook, or a damaged one. Save it again, or as CSV.") from None
    if unpacked > _LARGEST_UNPACKED:
        raise BadInput(f"{name}: unpacked, the workbook is larger than {_LARGEST_UNPACKED >> 20} MiB.")
