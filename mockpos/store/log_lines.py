"""The lines of a commit log as they stand on disk: a checksum, the line's number, and what it says as JSON.

    0f2b61c9 17 {"at":1795435200000,"put":[...]}

The checksum is the CRC-32 of what follows it. The numbers run from 1 without a gap, so that a line that was taken
out is missed. A last line without its end was being written when the process died and was never answered: it
is torn, which is no damage. Any other line that does not match its checksum is damaged.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, BinaryIO

from msgspec import MsgspecError
from msgspec.json import Decoder

_BODY = 9  # after eight digits of the checksum and a space
_decode = Decoder(dict[str, Any]).decode


class LineState(Enum):
    """How a line stands."""

    WHOLE = "whole"
    TORN = "torn"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: its number from 1, the offset of its first byte from 0, and its bytes without the line's end."""

    number: int
    offset: int
    text: bytes
    state: LineState

    @property
    def written_as(self) -> int:
        """The number that a whole line was written with; 0 where it has none."""
        number = self.text[_BODY:].partition(b" ")[0]
        return int(number) if number.isdigit() else 0

    def entry(self) -> dict[str, Any]:
        """Return what a whole line says. Raises ValueError when that is no JSON object."""
        try:
            return _decode(self.text[max(_BODY, self.text.find(b"{")) :])
        except MsgspecError as error:
            raise ValueError(f"not a JSON object: {error}") from None


def line_of(number: int, entry: bytes) -> bytes:
    """Write an entry, which is JSON, as a line with its end."""
    body = b"%d %b" % (number, entry)
    return b"%08x %b\n" % (zlib.crc32(body), body)


def each_line(stream: BinaryIO) -> Iterator[LogLine]:
    """Read a log line by line, so that a long one takes no more memory than its longest line."""
    offset = 0
    for number, raw in enumerate(stream, start=1):
        yield _read(number, offset, raw)
        offset += len(raw)


def _read(number: int, offset: int, raw: bytes) -> LogLine:
    text = raw.removesuffix(b"\n")
    if len(text) < len(raw):
        state = LineState.WHOLE if _is_whole(text) else LineState.DAMAGED
    else:  # the end is missing: torn off, unless a whole line stands before a byte that was its end
        state = LineState.DAMAGED if _is_whole(text[:-1]) else LineState.TORN
    return LogLine(number, offset, text, state)


def _is_whole(text: bytes) -> bool:
    return text[:_BODY] == b"%08x " % zlib.crc32(text[_BODY:])
