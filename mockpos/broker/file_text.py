"""The bytes of a file a user gave, as text: UTF-8, with or without a byte order mark, or a clear error."""

import codecs
from pathlib import Path

from mockpos.domain.errors import BadInput

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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


def utf8_of(raw: bytes, name: str) -> bytes:
    """Return the bytes without their byte order mark, once they are known to be text in UTF-8.

    Raises BadInput that names the file, and the line where one is to blame.
    """
    if raw.startswith(_UTF16):
        raise BadInput(f"{name}: the file is UTF-16. Save it as UTF-8 (in Excel: CSV UTF-8).")
    body = raw.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        raise BadInput(f"{name}: the file is empty. Check that it is the right one.")
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


def _line(body: bytes, at: int) -> int:
    """Return the line of a byte; lines end in LF, CRLF or CR, as the csv module counts them."""
    before = body[:at]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
