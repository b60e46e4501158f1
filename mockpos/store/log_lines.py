"""The lines of a commit log as they stand on disk: each begins with the CRC-32 of what follows it.

A last line without its end was being written when the process died and was never answered: it
is torn, which is no damage. Any other line that does not match its checksum is damaged.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, BinaryIO

import orjson

_BODY = 9  # after eight digits of the checksum and a space


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

    def entry(self) -> dict[str, Any]:
        """Return what a whole line says. Raises ValueError when that is no JSON object."""
        entry = orjson.loads(self.text[_BODY:])
        if not isinstance(entry, dict):
            raise ValueError("not a JSON object")
        return entry


def line_of(entry: Mapping[str, object]) -> bytes:
    """Write an entry as a line, with its end."""
    body = orjson.dumps(entry)
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
