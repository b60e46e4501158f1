"""Rows of an Excel workbook (.xlsx) as texts, as CSV would have them. Needs openpyxl: the extra ``xlsx`` brings it."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from mockpos.broker.columns import column_called
from mockpos.broker.csv_rows import RawRow
from mockpos.domain.errors import BadInput

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
