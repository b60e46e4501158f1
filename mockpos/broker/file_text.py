"""The bytes of a file a user gave, as text in UTF-8, whatever encoding it has; or a clear error."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from mockpos.domain.errors import BadInput

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
SAVE_AS_CSV = "Open it and save it as CSV UTF-8 (in Excel: File, Save As, CSV UTF-8)."
_NOT_TEXT = (
    (b"PK\x03\x04", "this is an Excel workbook: name it .xlsx, or save it as CSV (in Excel: CSV UTF-8)."),
    (b"\xd0\xcf\x11\xe0", f"this is an old Excel workbook (.xls), or one with a password. {SAVE_AS_CSV}"),
    (b"%PDF", "this is a PDF. Export the inventory as CSV."),
    (b"\x1f\x8b", "this is a gzip archive. Unpack it first."),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table")
_LOST_ACCENT = re.compile("\ufffd|\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]")
_UTF8_BEYOND_ASCII = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class FileText:
    """A text in UTF-8. ``told`` is what to tell the broker about its encoding, if anything."""

    body: bytes
    told: str = ""


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


def text_of(raw: bytes, name: str) -> FileText:
    """Return the text of a file in UTF-8, UTF-16 or windows-1252. Raises BadInput that names the file."""
    refuse_other_kinds(raw, name)
    if raw.lstrip()[:9].lower().startswith(_MARKUP):
        raise BadInput(f"{name}: this is a web page or XML, as some tools export under another name. {SAVE_AS_CSV}")
    encoding, called = _marked(raw)
    if encoding:
        return FileText(_decoded(raw, encoding, called, name), f"The file is {called}, and was read as such.")
    if _is_utf8(raw) or _UTF8_BEYOND_ASCII.search(raw) or _CONTROLS.search(raw):
        body = utf8_of(raw, name)  # or the error that says where it is damaged
        return FileText(body, _told_of_lost_accents(body.decode()))
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return FileText(utf8_of(raw, name))
    strange = next(line for line in text.splitlines() if not line.isascii())
    return FileText(
        text.encode(),
        f"The file is not UTF-8, and was read as windows-1252: check the accents, as in {_around_accent(strange)!r}.",
    )


def refuse_other_kinds(raw: bytes, name: str, *, expected: bytes = b"none") -> None:
    """Refuse a file that begins as an archive or an office document does, save as the expected one. Raises BadInput."""
    for magic, what in _NOT_TEXT:
        if raw.startswith(magic) and magic != expected:
            raise BadInput(f"{name}: {what}")


def utf8_of(raw: bytes, name: str) -> bytes:
    """Return the bytes without their byte order mark, once they are known to be text in UTF-8.

    Raises BadInput that names the file, and the line where one is to blame.
    """
    if _marked(raw)[0]:
        raise BadInput(f"{name}: the file is {_marked(raw)[1]}. Save it as UTF-8.")
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


def _told_of_lost_accents(text: str) -> str:
    """Say where accents were damaged before: by a program that lost them, or wrote them in UTF-8 twice."""
    lost = None if text.isascii() else _LOST_ACCENT.search(text)
    if lost is None:
        return ""
    around = text[max(0, lost.start() - 20) : lost.end() + 20].splitlines()
    shown = next(line for line in around if lost[0] in line)
    line = text.count("\n", 0, lost.start()) + 1
    return f"The file has damaged accents, as in {shown!r} on line {line}: they were lost where it was made."


def _around_accent(line: str) -> str:
    at = next(place for place, character in enumerate(line) if not character.isascii())
    return line[max(0, at - 20) : at + 20].strip()


def _line(body: bytes, at: int) -> int:
    """Return the line of a byte; lines end in LF, CRLF or CR, as the csv module counts them."""
    before = body[:at]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
