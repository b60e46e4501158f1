"""The text of an inventory file: JSON that has to be an object of tables, and what tells one version from another."""

import json
import re
import zlib
from typing import Any, BinaryIO

from msgspec import DecodeError, Raw, ValidationError
from msgspec.json import Decoder

from mockpos.domain.errors import BadInput

Tables = dict[str, dict[str, Raw]]
"""Documents by their numbers, by their table. Each is read when it is asked for: all at once take a lot of memory."""

_TABLES = frozenset({"meta", "events", "listings", "holds", "invoices", "tombstones"})
_SHEETS = (".csv", ".txt", ".tsv", ".xlsx")
_CHUNK = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OPENING = ord("{")
_PLACE = re.compile(r" \(byte (\d+)\)$")
_decode = Decoder(Tables).decode


def fingerprint(data: bytes) -> str:
    """Return what tells one version of a file from another: an accident's check, not a cryptographic one."""
    return f"{len(data)}-{zlib.crc32(data):08x}"


def fingerprint_of(stream: BinaryIO) -> str:
    """Return the fingerprint of all that is still to be read, without having it in memory at once."""
    size, crc = 0, 0
    while data := stream.read(_CHUNK):
        size, crc = size + len(data), zlib.crc32(data, crc)
    return f"{size}-{crc:08x}"


def parse_tables(data: bytes, name: str) -> Tables:
    """Read the bytes of an inventory file. Raises BadInput that says where they stop making sense."""
    data = data.removeprefix(_BYTE_ORDER_MARK)
    if not data.strip():
        return {}  # as TinyDB has it
    try:
        data.decode("utf-8")
        tables = _decode(data)
    except UnicodeDecodeError as error:
        raise _not_json(name, data, error.start, "not UTF-8") from None
    except DecodeError as error:  # a ValidationError too, which may stand before the place that is no JSON
        place = _place_of(error, data)
        raise _not_an_inventory(name) if place is None else _not_json(name, data, *place) from None
    if not all(memoryview(document)[0] == _OPENING for table in tables.values() for document in table.values()):
        raise _not_an_inventory(name)
    if any(tables.values()) and not _TABLES & tables.keys():
        raise _not_ours(name, tables)
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


def _not_json(name: str, data: bytes, offset: int, why: str) -> BadInput:
    line = data.count(b"\n", 0, offset) + 1
    column = offset - data.rfind(b"\n", 0, offset)
    told = f"{name}:{line}:{column}: not JSON: {why}. The file was left as it is; "
    if not data.lstrip().startswith((b"{", b"[")) and (name.lower().endswith(_SHEETS) or b"," in data[:_CHUNK]):
        return BadInput(f"{told}a broker's file is read into an inventory by `mockpos import {name}`")
    return BadInput(f"{told}correct it, or move it away to start from a fixture")


def _not_ours(name: str, tables: Tables) -> BadInput:
    known = ", ".join(list(tables)[:5])
    return BadInput(
        f"{name}: a TinyDB file, but no inventory: its tables are {known[:200]}. It was left as it is; name another "
        "file with --inventory"
    )


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
