"""The text of an inventory file: JSON that has to be an object of tables, and what tells one version from another."""

import json
import zlib
from typing import Any, BinaryIO

import orjson

from mockpos.domain.errors import BadInput

_CHUNK = 1 << 20


def fingerprint(data: bytes) -> str:
    """Return what tells one version of a file from another: an accident's check, not a cryptographic one."""
    return f"{len(data)}-{zlib.crc32(data):08x}"


def fingerprint_of(stream: BinaryIO) -> str:
    """Return the fingerprint of all that is still to be read, without having it in memory at once."""
    size, crc = 0, 0
    while data := stream.read(_CHUNK):
        size, crc = size + len(data), zlib.crc32(data, crc)
    return f"{size}-{crc:08x}"


def parse_tables(data: bytes, name: str) -> dict[str, dict[str, Any]]:
    """Read the bytes of an inventory file. Raises BadInput that says where they stop making sense."""
    if not data.strip():
        return {}  # as TinyDB has it
    try:
        tables = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput(
            f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}. The file was left as it is; correct it, "
            f"or move it away to start from a fixture"
        ) from None
    if not isinstance(tables, dict) or not all(_is_table(table) for table in tables.values()):
        raise BadInput(f"{name}: not an inventory file: expected an object of tables such as listings and holds")
    if data.count(b"{") != _count_objects(tables):
        _refuse_keys_given_twice(data, name)
    return tables


def _count_objects(tables: dict[str, dict[str, Any]]) -> int:
    """Count the objects in an ordinary inventory file: documents, and the venues in events."""
    venues = sum(type(event.get("venue")) is dict for event in tables.get("events", {}).values())
    return 1 + len(tables) + sum(map(len, tables.values())) + venues


def _refuse_keys_given_twice(data: bytes, name: str) -> None:
    """Refuse a document that a copied line's number hides: a parser takes the last one without a word."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(f"{name}: {twice!r} is given twice in one object; number the documents of a table apart")
        return found

    json.loads(data, object_pairs_hook=unique)


def _is_table(table: object) -> bool:
    return isinstance(table, dict) and all(isinstance(document, dict) for document in table.values())
