"""The layout of an inventory file: TinyDB's tables, one document a line.

A line a document keeps the file readable, and its differences small, for people
and for version control. Plain ``TinyDB(path)`` reads it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Protocol

from msgspec.json import encode

Document = dict[str, object]
Table = tuple[str, Mapping[str, Document] | Iterable[Document | None]]
"""A name, and documents: by their numbers, or one after another, with None for one that is left out."""

_DOCUMENTS_A_SLICE = 16
"""A tenth of a millisecond's: so long a call may have to wait, again and again, while a file is written."""


class Sink(Protocol):
    """Whatever takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


def write_world(stream: Sink, tables: Iterable[Table]) -> None:
    """Write tables; documents without numbers get them from 1, as TinyDB does."""
    for _ in world_slices(stream, tables):
        pass


def world_slices(stream: Sink, tables: Iterable[Table]) -> Iterator[None]:
    """Do as ``write_world``, yielding every few documents so that the caller can do something else.

    Those left out count too: finding out that there is nothing to write takes time as well.
    """
    opening = b"{"
    for name, documents in tables:
        stream.write(opening + encode(name) + b": {")
        opening = b",\n"
        yield from _document_slices(stream, documents)
    stream.write(b"{}\n" if opening == b"{" else b"}\n")


def _document_slices(stream: Sink, documents: Mapping[str, Document] | Iterable[Document | None]) -> Iterator[None]:
    separator = b"\n"
    lines: list[bytes] = []
    for looked_at, line in enumerate(_lines(documents), start=1):
        if line is not None:
            lines.append(line)
        if looked_at % _DOCUMENTS_A_SLICE == 0:
            if lines:
                stream.write(separator + b",\n".join(lines))
                separator = b",\n"
                lines.clear()
            yield
    if lines:
        stream.write(separator + b",\n".join(lines))
    stream.write(b"\n}" if lines or separator == b",\n" else b"}")
    yield


def _lines(documents: Mapping[str, Document] | Iterable[Document | None]) -> Iterator[bytes | None]:
    if isinstance(documents, Mapping):
        for number, document in documents.items():
            yield b"%b: %b" % (encode(str(number)), encode(document))
        return
    numbers = count(1)
    for document in documents:
        yield None if document is None else b'"%d": %b' % (next(numbers), encode(document))
