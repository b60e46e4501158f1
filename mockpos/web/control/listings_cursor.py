"""Where a page goes on: an opaque text for callers, a number and a name here."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from mockpos.domain.errors import BadInput

LONGEST_CURSOR = 800
_MOST_DIGITS = 15


def write_cursor(number: int, name: str) -> str:
    """Write a place down."""
    return urlsafe_b64encode(f"{number}:{name}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """Read a place. Raises BadInput for a text that ``write_cursor`` never wrote."""
    try:
        number, colon, name = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        number = colon = name = ""
    if not colon or not number.isascii() or not number.isdigit() or len(number) > _MOST_DIGITS:
        raise BadInput("cursor: take it from next_cursor of the page before")
    return int(number), name
