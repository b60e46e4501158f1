"""Rows of a broker's text or workbook, each with the line it begins on; a text in whatever encoding it has."""

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, TextIOWrapper
from pathlib import Path, PurePath
from typing import Any

from mockpos.broker.columns import column_called
from mockpos.domain.errors import BadInput

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SAVE_AS_CSV = "Open it and save it as CSV UTF-8 (in Excel: File, Save As, CSV UTF-8)."
WORKBOOK = b"PK\x03\x04"
_NOT_TEXT = (
    (WORKBOOK, "this is an Excel workbook: name it .xlsx, or save it as CSV (in Excel: CSV UTF-8)."),
    (b"\xd0\xcf\x11\xe0", f"this is an old Excel workbook (.xls), or one with a password. {_SAVE_AS_CSV}"),
    (b"%PDF", "this is a PDF. Export the inventory as CSV."),
    (b"\x1f\x8b", "this is a gzip archive. Unpack it first."),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table")
_LOST_ACCENT = re.compile("\ufffd|\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]")
_UTF8_BEYOND_ASCII = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_bytes(path: Path) -> bytes:
    """Read a whole file. Raises BadInput when it is not there or cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file. Check the path.") from None
    except IsADirectoryError:
        raise BadInput(f"{path}: this is a directory. Name a file in it.") from None
    except OSError as error:
        raise BadInput(f"{path}: the file cannot be read: {error.strerror}.") from None


def text_of(raw: bytes, name: str) -> tuple[bytes, list[str]]:
    """Return the text of a file in UTF-8, UTF-16 or windows-1252 as UTF-8, and what to tell the broker about that.

    Raises BadInput that names the file.
    """
    refuse_other_kinds(raw, name)
    if raw.lstrip()[:9].lower().startswith(_MARKUP):
        raise BadInput(f"{name}: this is a web page or XML, as some tools export under another name. {_SAVE_AS_CSV}")
    encoding, called = _marked(raw)
    if encoding:
        return _decoded(raw, encoding, called, name), [f"The file is {called}, and was read as such."]
    if _is_utf8(raw) or _UTF8_BEYOND_ASCII.search(raw) or _CONTROLS.search(raw):
        body = utf8_of(raw, name)  # or the error that says where it is damaged
        return body, _told_of_lost_accents(body.decode())
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return utf8_of(raw, name), []
    line = next(line for line in text.splitlines() if not line.isascii())
    at = next(place for place, character in enumerate(line) if not character.isascii())
    shown = line[max(0, at - 20) : at + 20].strip()
    return text.encode(), [f"The file is not UTF-8, and was read as windows-1252: check the accents, as in {shown!r}."]


def refuse_other_kinds(raw: bytes, name: str, *, expected: bytes = b"none") -> None:
    """Refuse a file that begins as an archive or an office document does, save as the expected one. Raises BadInput."""
    for magic, what in _NOT_TEXT:
        if raw.startswith(magic) and magic != expected:
            raise BadInput(f"{name}: {what}")


def utf8_of(raw: bytes, name: str) -> bytes:
    """Return the bytes without their byte order mark, once they are known to be text in UTF-8.

    Raises BadInput that names the file, and the line where one is to blame.
    """
    _, called = _marked(raw)
    if called:
        raise BadInput(f"{name}: the file is {called}. Save it as UTF-8.")
    body = raw.removeprefix(codecs.BOM_UTF8)
    check_not_empty(body, name)
    nul = body.find(b"\0")
    if nul >= 0:
        raise BadInput(
            f"{name}, line {_line(body, nul)}: a NUL byte; this is a binary file, or a damaged one. Export it again."
        )
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name}, line {_line(body, error.start)}: byte 0x{body[error.start]:02X} is not UTF-8. "
            "Save the file as UTF-8 (in Excel: CSV UTF-8)."
        ) from None
    return body


def _marked(raw: bytes) -> tuple[str, str]:
    """Return the encoding that a byte order mark tells, or that NUL bytes in every other place do, and its name."""
    for mark, encoding, called in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return encoding, called
    start = raw[:400]
    if len(start) >= 4 and len(start) % 2 == 0:
        for encoding, zeros, letters in (
            ("utf-16-le", start[1::2], start[::2]),
            ("utf-16-be", start[::2], start[1::2]),
            ("utf-32-le", start[2::4] + start[3::4], start[::4]),
            ("utf-32-be", start[::4] + start[1::4], start[3::4]),
        ):
            if zeros.count(0) > 0.9 * len(zeros) and not letters.count(0):
                return encoding, encoding[:6].upper()
    return "", ""


def _decoded(raw: bytes, encoding: str, called: str, name: str) -> bytes:
    try:
        body = raw.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeError:
        raise BadInput(f"{name}: the file is {called}, and damaged or cut off. Export it again.") from None
    check_not_empty(body, name)
    nul = body.find(b"\0")
    if nul >= 0:
        raise BadInput(f"{name}, line {_line(body, nul)}: a NUL character; the file is damaged. Export it again.")
    return body


def check_not_empty(body: bytes, name: str) -> None:
    """Raise BadInput for a file with nothing in it."""
    if not body.strip():
        raise BadInput(f"{name}: the file is empty. Check that it is the right one.")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _told_of_lost_accents(text: str) -> list[str]:
    """Say where accents were damaged before: by a program that lost them, or wrote them in UTF-8 twice."""
    lost = None if text.isascii() else _LOST_ACCENT.search(text)
    if lost is None:
        return []
    around = text[max(0, lost.start() - 20) : lost.end() + 20].splitlines()
    shown = next(line for line in around if lost[0] in line)
    line = text.count("\n", 0, lost.start()) + 1
    return [f"The file has damaged accents, as in {shown!r} on line {line}: they were lost where it was made."]


def _line(body: bytes, at: int) -> int:
    """Return the line of a byte; lines end in LF, CRLF or CR, as the csv module counts them."""
    before = body[:at]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


Progress = Callable[[int], None]
"""Told how much of the file is done, in percent, each time that grows."""

_DELIMITERS = {".csv": ",", ".txt": "\t", ".tsv": "\t", ".tab": "\t"}
_TO_SAVE_AS_CSV = (".xls", ".xlsb", ".ods", ".numbers", ".html", ".htm", ".xml", ".pdf")
_SEPARATOR_LINE = re.compile(rb'\A"?sep=(,|;|\t|\|)"?[ ,;\t]*(?:\r\n|\n|\r|\Z)', re.IGNORECASE)


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
        way_out = "Rename the file." if path.suffix.lower() not in _TO_SAVE_AS_CSV else _SAVE_AS_CSV
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
    return body.lstrip().partition(b"\n")[0].partition(b"\r")[0].decode(errors="replace")


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
    refuse_other_kinds(raw, name, expected=WORKBOOK)
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
