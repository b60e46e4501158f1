"""The layout of an inventory file: TinyDB's tables, one document a line.

A line a document keeps the file readable, and its differences small, for people
and for version control. Plain ``TinyDB(path)`` reads it.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

import orjson

Table = tuple[str, Iterable[dict[str, object]]]

_DOCUMENTS_A_SLICE = 256


class Sink(Protocol):
    """Whatever takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""
        ...


def write_world(stream: Sink, tables: Iterable[Table]) -> None:
    """Write tables, each a name and its documents; they are numbered from 1 as TinyDB does."""
    for _ in world_slices(stream, tables):
        pass


def world_slices(stream: Sink, tables: Iterable[Table]) -> Iterator[None]:
    """Do as ``write_world``, yielding every few hundred documents so that the caller can do something else."""
    opening = b"{"
    for name, documents in tables:
        stream.write(opening + orjson.dumps(name) + b": {")
        opening = b",\n"
        yield from _document_slices(stream, documents)
    stream.write(b"{}\n" if opening == b"{" else b"}\n")


def _document_slices(stream: Sink, documents: Iterable[dict[str, object]]) -> Iterator[None]:
    lines: list[bytes] = []
    number = 0
    for number, document in enumerate(documents, start=1):
        lines.append(b'"%d": %b' % (number, orjson.dumps(document)))
        if len(lines) == _DOCUMENTS_A_SLICE:
            stream.write((b"\n" if number == len(lines) else b",\n") + b",\n".join(lines))
            lines.clear()
            yield
    if lines:
        stream.write((b"\n" if number == len(lines) else b",\n") + b",\n".join(lines))
    stream.write(b"\n}" if number else b"}")
    yield
