"""A world as the tables of an inventory file, and back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, TypeVar

from msgspec import DecodeError
from msgspec.json import Decoder

from mockpos.codecs.documents import (
    event_document,
    hold_document,
    invoice_document,
    listing_document,
    read_event,
    read_hold,
    read_invoice,
    read_listing,
    read_stock,
)
from mockpos.codecs.fields import BadDocument, day, moment, optional, text, whole
from mockpos.codecs.file_layout import Table, Tables
from mockpos.domain.clock import ClockSetting, Millis, rfc3339
from mockpos.domain.event import Event
from mockpos.domain.hold import HoldStatus, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Change
from mockpos.store.faults import Complain, Fault, FaultKind, Unread, refuse
from mockpos.store.records import has_invoice, read_ended, read_ended_hold
from mockpos.store.records import read_hold as hold_of
from mockpos.store.validation import Validation
from mockpos.store.world import Limits, World

T = TypeVar("T")

_decode = Decoder(dict[str, Any]).decode

LEFT_AS_IT_IS = "The file was left as it is"


class TableReader:
    """Reads tables. ``name`` is the file's, for messages."""

    def __init__(self, tables: Tables, name: str, complain: Complain) -> None:
        self.name = name
        self.unread = Unread()
        self.complain = complain
        self._tables = tables

    def each(self, table: str, read: Callable[[dict[str, Any]], T]) -> list[T]:
        """Read the documents of a table, leaving out the bad ones, and complain of those that stand there twice."""
        found = list(self._good(table, read))
        if table in _KEYS:
            self.refuse_twice(table, found)
        return found

    def _good(self, table: str, read: Callable[[dict[str, Any]], T]) -> Iterator[T]:
        for number, document in self.each_with_place(table):
            try:
                yield read(document)
            except BadDocument as error:
                self.bad_document(table, number, document, error)

    def each_with_place(self, table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Iterate over a table's documents and their numbers."""
        for number, written in self._tables.get(table, {}).items():
            try:
                yield number, _decode(written)
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
        first = next(self._good("meta", read), None)
        return read({}) if first is None else first

    def refuse_twice(self, table: str, found: Sequence[object]) -> None:
        """Complain of keys that stand there more than once."""
        seen: set[str] = set()
        for key in map(attrgetter(_KEYS[table]), found):
            if key in seen:
                about = {_KEYS[table]: key} if table != "events" else {}
                what = f"{key} stands there twice"
                told = f"{table}: {what}; keep one of the two"
                self._complain_of(table, FaultKind.STANDS_TWICE, what, told, **about)
            seen.add(key)

    def refuse_unpaired(self, sold: set[str], invoiced: set[str]) -> None:
        """Complain of a hold that is invoiced without an invoice, and the other way round."""
        for global_id in sorted(sold ^ invoiced):
            where, of = ("holds", "invoices") if global_id in sold else ("invoices", "holds")
            if not self.unread.may_be(of, global_id):
                what = f"{global_id}: there is no {'invoice of it' if where == 'holds' else 'invoiced hold'}"
                told = f"{where}: {what}. {LEFT_AS_IT_IS}"
                self._complain_of(where, FaultKind.UNPAIRED, what, told, global_id=global_id)

    def _complain_of(self, table: str, kind: FaultKind, what: str, told: str, **place: str | None) -> None:
        message = f"{self.name}: {told}"
        self.complain(Fault(kind=kind, file=self.name, what=what, message=message, table=table, **place))  # type: ignore[arg-type]  # no place is a line or an offset


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


_KEYS = {"events": "event_id", "listings": "remote_id", "holds": "global_id", "invoices": "global_id"}


FILE_FORMAT = 1
_RUN = 2048
_LOOKED_AT_AT_ONCE = 4
"""Holds that are looked at while one document is written: it takes about as long."""
LARGEST_OFFSET_MS = 10**15


def world_tables(world: World, generation: int) -> Iterator[Table]:
    """Write a world as tables, lazily: a million listings are never written out in memory."""
    yield "meta", [_meta(world, generation)]
    yield "events", _events(world)
    yield "listings", (listing_document(listing, stock) for listing, stock in world.each_listing())
    yield "holds", _holds(world)
    yield "invoices", _invoices(world)
    yield "tombstones", ({"global_id": key, "left_at": rfc3339(at)} for key, at in world.tombstones.items())


def read_world(tables: Tables, name: str, limits: Limits) -> World:
    """Read a world from tables. Raises BadInput that names the table, the document and the fault."""
    world, _ = read_tables(tables, name, limits, refuse)
    Validation(world, name).check_live_holds()
    return world


def read_tables(tables: Tables, name: str, limits: Limits, complain: Complain) -> tuple[World, Unread]:
    """Read a world from tables, unchecked against itself, and what there is of it that could not be read."""
    world = World(limits)
    reader = TableReader(tables, name, complain)
    reader.meta(partial(_read_meta, world))
    events = {event.event_id: event for event in reader.each("events", read_event)}
    listings, stocks = _read_listings(reader, events)
    world.fill(listings)
    changes: list[Change] = [*stocks, *_read_holds(reader), *reader.each("tombstones", _read_tombstone)]
    world.apply(changes, Millis(0))
    return world, reader.unread


def generation_of(tables: Tables, name: str) -> int:
    """Return which generation of the file these tables are; 0 for a fixture or a file made by hand."""
    return TableReader(tables, name, refuse).meta(partial(_read_meta, World(Limits())))


def _meta(world: World, generation: int) -> dict[str, object]:
    anchor = {} if world.anchor is None else {"anchor": world.anchor.isoformat()}
    return {
        "format": FILE_FORMAT,
        "generation": generation,
        **anchor,
        "committed_at": rfc3339(world.committed_at),
        "clock_offset_ms": world.clock.offset_ms,
        "clock_frozen_at": None if world.clock.frozen_at is None else rfc3339(world.clock.frozen_at),
        "invoices_made": world.invoices_made,
        "forgotten_holds": world.closed.forgotten,
        "forgotten_tombstones": world.tombstones.forgotten,
    }


def _events(world: World) -> Iterator[dict[str, object] | None]:
    seen: set[str] = set()
    for remote_id in world.listing_order:
        event = world.listings[remote_id].event
        if event is None or event.event_id in seen:
            yield None
        else:
            seen.add(event.event_id)
            yield event_document(event)


def _holds(world: World) -> Iterator[dict[str, object] | None]:
    """Write those that ended, then the live ones in the order they were held."""
    for _, record in world.closed.items():
        yield hold_document(read_ended_hold(record))
    for live in _in_order(world.live.items()):
        yield None if live is None else hold_document(hold_of(live))


def _in_order(live: Iterator[tuple[str, bytes]]) -> Iterator[bytes | None]:
    """Put live holds in the order they were held; None tells that it takes a while.

    Many cannot be put in order at once while calls wait: they are in runs, which are nearly in order, and merged.
    """
    runs: list[list[tuple[Millis, str, bytes]]] = []
    while part := list(islice(live, _RUN)):
        run: list[tuple[Millis, str, bytes]] = []
        for looked_at, (global_id, record) in enumerate(part):
            run.append((hold_of(record).held_at, global_id, record))
            if looked_at % _LOOKED_AT_AT_ONCE == 0:
                yield None
        run.sort()
        runs.append(run)
    yield from (record for _, _, record in merge(*runs))


def _invoices(world: World) -> Iterator[dict[str, object] | None]:
    for _, record in world.closed.items():
        invoice = read_ended(record)[1] if has_invoice(record) else None
        yield None if invoice is None else invoice_document(invoice)


def _read_listings(reader: TableReader, events: Mapping[str, Event]) -> tuple[list[Listing], list[Stock]]:
    listings: list[Listing] = []
    stocks: list[Stock] = []
    for number, document in reader.each_with_place("listings"):
        kind = FaultKind.BAD_DOCUMENT
        try:
            listing = read_listing(_without_unread_event(reader, document), events)
            listings.append(listing)
            kind = FaultKind.BAD_STOCK
            stock = read_stock(document, listing)
        except BadDocument as error:
            reader.bad_document("listings", number, document, error, kind)
            if kind is FaultKind.BAD_STOCK:
                reader.unread.add("stock", listing.remote_id)
            continue
        if stock is not None:
            stocks.append(stock)
    reader.refuse_twice("listings", listings)
    return listings, stocks


def _without_unread_event(reader: TableReader, document: dict[str, Any]) -> dict[str, Any]:
    event_id = document.get("event_id")
    is_unread = isinstance(event_id, str) and reader.unread.may_be("events", event_id)
    return {**document, "event_id": None} if is_unread else document


def _read_holds(reader: TableReader) -> list[Change]:
    holds, invoices = reader.each("holds", read_hold), reader.each("invoices", read_invoice)
    sold = {hold.global_id for hold in holds if hold.status is HoldStatus.INVOICED}
    reader.refuse_unpaired(sold, {invoice.global_id for invoice in invoices})
    return [*holds, *invoices]


def _read_meta(world: World, document: dict[str, Any]) -> int:
    """Take over what a file says about itself into a world that is still empty; return the file's generation."""
    found = whole(document, "format", FILE_FORMAT)
    if found != FILE_FORMAT:
        raise BadDocument(f"format is {found}; this mockpos reads format {FILE_FORMAT}")
    generation = whole(document, "generation", 0)
    world.anchor = optional(day, document, "anchor")
    world.committed_at = optional(moment, document, "committed_at") or Millis(0)
    offset = whole(document, "clock_offset_ms", 0, least=-LARGEST_OFFSET_MS)
    world.clock = ClockSetting(offset, optional(moment, document, "clock_frozen_at"))
    world.invoices_made = whole(document, "invoices_made", 0)
    world.closed.forgotten = whole(document, "forgotten_holds", 0)
    world.tombstones.forgotten = whole(document, "forgotten_tombstones", 0)
    return generation


def _read_tombstone(document: dict[str, Any]) -> Tombstone:
    return Tombstone(text(document, "global_id"), moment(document, "left_at"))
