"""The text of an inventory file: TinyDB's tables, one document a line.

A line a document keeps the file readable, and its differences small, for people
and for version control. Plain ``TinyDB(path)`` reads it.
"""

import json
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice
from typing import Any, BinaryIO

from msgspec import DecodeError, Raw, ValidationError
from msgspec.json import Decoder, encode

from mockpos.domain.errors import BadInput

Document = dict[str, object]
Table = tuple[str, Mapping[str, Document] | Iterable[Document | None]]
"""A name, and documents: by their numbers, or one after another, with None for one that is left out."""

_DOCUMENTS_A_SLICE = 16
"""A tenth of a millisecond's: so long a call may have to wait, again and again, while a file is written."""


def write_world(stream: BinaryIO, tables: Iterable[Table]) -> None:
    """Write tables; documents without numbers get them from 1, as TinyDB does."""
    stream.writelines(world_slices(tables))


def world_slices(tables: Iterable[Table]) -> Iterator[bytes]:
    """Return what ``write_world`` writes, a few documents at a time, so that the caller can do something else.

    Those left out count too: finding out that there is nothing to write takes time as well.
    """
    opening = b"{"
    for name, documents in tables:
        yield opening + encode(name) + b": {"
        opening = b",\n"
        yield from _document_slices(documents)
    yield b"{}\n" if opening == b"{" else b"}\n"


def _document_slices(documents: Mapping[str, Document] | Iterable[Document | None]) -> Iterator[bytes]:
    lines = _lines(documents)
    separator, end = b"\n", b"}"
    while looked_at := list(islice(lines, _DOCUMENTS_A_SLICE)):
        there = [line for line in looked_at if line is not None]
        yield separator + b",\n".join(there) if there else b""
        if there:
            separator, end = b",\n", b"\n}"
    yield end


def _lines(documents: Mapping[str, Document] | Iterable[Document | None]) -> Iterator[bytes | None]:
    if isinstance(documents, Mapping):
        for number, document in documents.items():
            yield b"%b: %b" % (encode(str(number)), encode(document))
        return
    numbers = count(1)
    for document in documents:
        yield None if document is None else b'"%d": %b' % (next(numbers), encode(document))


Tables = dict[str, dict[str, Raw]]
"""Documents by their numbers, by their table. Each is read when it is asked for: all at once take a lot of memory."""

_TABLES = frozenset({"meta", "events", "listings", "holds", "invoices", "tombstones"})
_SHEETS = (".csv", ".txt", ".tsv", ".xlsx")
_CHUNK = 1 << 20
_OPENING = ord("{")
_PLACE = re.compile(r" \(byte (\d+)\)$")
_decode = Decoder(Tables).decode


class Fingerprint:
    """Tells one version of a file from another: an accident's check, not a cryptographic one."""

    def __init__(self) -> None:
        self._size = self._crc = 0

    def add(self, data: bytes) -> None:
        """Take in what follows in the file."""
        self._size, self._crc = self._size + len(data), zlib.crc32(data, self._crc)

    def __str__(self) -> str:
        return f"{self._size}-{self._crc:08x}"


def fingerprint_of(stream: BinaryIO) -> str:
    """Return the fingerprint of all that is still to be read, without having it in memory at once."""
    fingerprint = Fingerprint()
    while data := stream.read(_CHUNK):
        fingerprint.add(data)
    return str(fingerprint)


class NotJson(BadInput):
    """A file that is no JSON: the line, the offset of the byte in the file, from 0, and what is wrong there."""

    def __init__(self, message: str, line: int, offset: int, what: str) -> None:
        super().__init__(message)
        self.line, self.offset, self.what = line, offset, what


def parse_tables(raw: bytes, name: str) -> Tables:
    """Read the bytes of an inventory file. Raises BadInput that says where they stop making sense."""
    data = raw.removeprefix(BOM_UTF8)
    if not data.strip():
        return {}  # as TinyDB has it
    try:
        data.decode("utf-8")
        tables = _decode(data)
    except UnicodeDecodeError as error:
        raise _not_json(name, raw, error.start, "not UTF-8") from None
    except DecodeError as error:  # a ValidationError too, which may stand before the place that is no JSON
        place = _place_of(error, data)
        raise _not_an_inventory(name) if place is None else _not_json(name, raw, *place) from None
    if not all(memoryview(document)[0] == _OPENING for table in tables.values() for document in table.values()):
        raise _not_an_inventory(name)
    if any(tables.values()) and not _TABLES & tables.keys():
        known = ", ".join(list(tables)[:5])[:200]
        raise BadInput(
            f"{name}: a TinyDB file, but no inventory: its tables are {known}. It was left as it is; name another "
            "file with --inventory"
        )
    _refuse_keys_given_twice(data, tables, name)
    return tables


def _place_of(error: DecodeError, data: bytes) -> tuple[int, str] | None:
    """Return the offset of what is no JSON, and why, in the words of Python's own parser; None for JSON."""
    try:
        json.loads(data)
    except json.JSONDecodeError as plain:
        return len(plain.doc[: plain.pos].encode()), plain.msg
    except RecursionError:
        return 0, "nested too deeply"
    if isinstance(error, ValidationError):
        return None
    found = _PLACE.search(str(error))
    return int(found[1]) if found else len(data), _PLACE.sub("", str(error))


def _not_json(name: str, raw: bytes, offset: int, why: str) -> NotJson:
    data, what = raw.removeprefix(BOM_UTF8), f"not JSON: {why}"
    line = data.count(b"\n", 0, offset) + 1
    column = offset - data.rfind(b"\n", 0, offset)
    way_out = "correct it, or move it away to start from a fixture"
    if not data.lstrip().startswith((b"{", b"[")) and (name.lower().endswith(_SHEETS) or b"," in data[:_CHUNK]):
        way_out = f"a broker's file is read into an inventory by `mockpos import {name}`"
    message = f"{name}:{line}:{column}: {what}. The file was left as it is; {way_out}"
    return NotJson(message, line, offset + len(raw) - len(data), what)


def _not_an_inventory(name: str) -> BadInput:
    return BadInput(f"{name}: not an inventory file: expected an object of tables such as listings and holds")


def _refuse_keys_given_twice(data: bytes, tables: Tables, name: str) -> None:
    """Refuse a document that a copied line's number hides: a parser takes the last one without a word."""
    seen = sum(bytes(document).count(b"{") for table in tables.values() for document in table.values())
    if data.count(b"{") == 1 + len(tables) + seen:
        return

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(f"{name}: {twice!r} is given twice in one object; number the documents of a table apart")
        return found

    json.loads(data, object_pairs_hook=unique)
