"""Reads the documents of an inventory file's tables, and says where one of them is wrong.

A reader that goes on after a complaint remembers what it could not read, so that nobody complains of
what only follows from that: a hold on a listing that is there and could not be read, say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import DecodeError, Raw
from msgspec.json import Decoder

from mockpos.codecs.fields import BadDocument
from mockpos.store.replay_faults import Complain, Fault, FaultKind

T = TypeVar("T")
Tables = Mapping[str, Mapping[str, Raw]]

_decode = Decoder(dict[str, Any]).decode

LEFT_AS_IT_IS = "The file was left as it is"


class Unread:
    """What could not be read, by a kind and a key. A document whose key is illegible may be any of its kind."""

    def __init__(self) -> None:
        self._keys: dict[str, set[str | None]] = {}

    def add(self, kind: str, key: object) -> None:
        """Remember one."""
        legible = str(key) if isinstance(key, str | int) else None
        self._keys.setdefault(kind, set()).add(legible)

    def may_be(self, kind: str, key: str) -> bool:
        """Tell whether this one may have been among them."""
        keys = self._keys.get(kind, set())
        return key in keys or None in keys

    def __bool__(self) -> bool:
        return bool(self._keys)


class TableReader:
    """Reads tables. ``name`` is the file's, for messages."""

    def __init__(self, tables: Tables, name: str, complain: Complain) -> None:
        self.name = name
        self.unread = Unread()
        self.complain = complain
        self._tables = tables

    def each(self, table: str, read: Callable[[dict[str, Any]], T]) -> Iterator[T]:
        """Read each document of a table, leaving out the bad ones."""
        for number, document in self.each_with_place(table):
            try:
                yield read(document)
            except BadDocument as error:
                self.bad_document(table, number, document, error)

    def each_with_place(self, table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Iterate over a table's documents and their numbers."""
        for number, text in self._tables.get(table, {}).items():
            try:
                yield number, _decode(text)
            except DecodeError as error:
                self.bad_document(table, number, {}, BadDocument(f"not JSON: {error}"))

    def bad_document(
        self, table: str, number: str, document: dict[str, Any], error: BadDocument,
        kind: FaultKind = FaultKind.BAD_DOCUMENT,
    ) -> None:  # fmt: skip
        """Complain of a document."""
        known_as = document.get("global_id") or document.get("remote_id") or document.get("event_id")
        called = f" ({known_as})" if isinstance(known_as, str) else ""
        about = {name: _text(document.get(name)) for name in ("remote_id", "global_id")}
        what = f"{known_as}: {error}" if called else str(error)
        told = f"{table} {number}{called}: {error}. {LEFT_AS_IT_IS}"
        self._complain_of(table, kind, what, told, document=number, **about)
        if kind is FaultKind.BAD_DOCUMENT:
            self.unread.add(table, document.get(_KEYS.get(table, "")))
            self.unread.add(f"{table} on", document.get("remote_id"))

    def meta(self, read: Callable[[dict[str, Any]], T]) -> T:
        """Read the one document about the file, or nothing where a person left it out."""
        first = next(self.each("meta", read), None)
        return read({}) if first is None else first

    def refuse_twice(self, table: str, keys: Iterable[str]) -> None:
        """Complain of keys that stand there more than once."""
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                about = {_KEYS[table]: key} if table != "events" else {}
                what = f"{key} stands there twice"
                told = f"{table}: {what}; keep one of the two"
                self._complain_of(table, FaultKind.STANDS_TWICE, what, told, **about)
            seen.add(key)

    def refuse_unpaired(self, sold: set[str], invoiced: set[str]) -> None:
        """Complain of a hold that is invoiced without an invoice, and the other way round."""
        for global_id in sorted(sold ^ invoiced):
            missing, where, of = (
                ("invoice of it", "holds", "invoices") if global_id in sold else ("invoiced hold", "invoices", "holds")
            )
            if not self.unread.may_be(of, global_id):
                what = f"{global_id}: there is no {missing}"
                told = f"{where}: {what}. {LEFT_AS_IT_IS}"
                self._complain_of(where, FaultKind.UNPAIRED, what, told, global_id=global_id)

    def _complain_of(self, table: str, kind: FaultKind, what: str, told: str, **place: str | None) -> None:
        message = f"{self.name}: {told}"
        self.complain(Fault(kind=kind, file=self.name, what=what, message=message, table=table, **place))  # type: ignore[arg-type]  # no place is a line or an offset


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


_KEYS = {"events": "event_id", "listings": "remote_id", "holds": "global_id", "invoices": "global_id"}
