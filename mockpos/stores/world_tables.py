"""A world as the tables of an inventory file, and back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from mockpos.documents.fields import BadDocument, moment, text, whole
from mockpos.documents.holds import hold_document, invoice_document, read_hold, read_invoice
from mockpos.documents.listings import event_document, listing_document, read_event, read_listing, read_stock
from mockpos.documents.world_file import Table
from mockpos.domain.clock import Millis, parse_rfc3339, rfc3339
from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event
from mockpos.domain.hold import Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.stores.world import Change, Limits, World

FILE_FORMAT = 1
T = TypeVar("T")
Tables = Mapping[str, Mapping[str, dict[str, Any]]]


def world_tables(world: World, generation: int) -> Iterator[Table]:
    """Write a world as tables, lazily: a million listings are never written out in memory."""
    yield "meta", [_meta(world, generation)]
    yield "events", _events(world)
    yield "listings", (listing_document(listing, stock) for listing, stock in world.each_listing())
    yield "holds", _holds(world)
    yield "invoices", (invoice_document(invoice) for _, invoice in world.each_closed() if invoice is not None)
    yield "tombstones", ({"global_id": key, "left_at": rfc3339(at)} for key, at in world.tombstones.items())


def read_world(tables: Tables, name: str, limits: Limits) -> World:
    """Read a world from tables. Raises BadInput that names the table, the document and the fault."""
    world = World(limits)
    meta = next(iter(tables.get("meta", {}).values()), {})
    if meta.get("format", FILE_FORMAT) != FILE_FORMAT:
        raise BadInput(f"{name}: its format is {meta['format']}; this mockpos reads format {FILE_FORMAT}")
    reader = _Reader(tables, name)
    events = {event.event_id: event for event in reader.each("events", read_event)}
    pairs = list(reader.each("listings", lambda document: _read_listing_and_stock(document, events)))
    reader.refuse_twice("listings", (listing.remote_id for listing, _ in pairs))
    world.fill(listing for listing, _ in pairs)
    changes: list[Change] = [stock for _, stock in pairs if stock is not None]
    changes += _read_holds(reader)
    changes += reader.each("tombstones", _read_tombstone)
    world.apply(changes, Millis(0))
    world.invoices_made = max(world.invoices_made, _count(meta, "invoices_made"))
    world.closed.forgotten = _count(meta, "forgotten_holds")
    world.tombstones.forgotten = _count(meta, "forgotten_tombstones")
    world.committed_at = parse_rfc3339(meta["committed_at"]) if "committed_at" in meta else Millis(0)
    _check_live_holds(world, name)
    return world


def generation_of(tables: Tables) -> int:
    """Return which generation of the file these tables are; 0 for a fixture or a file made by hand."""
    meta = next(iter(tables.get("meta", {}).values()), {})
    return _count(meta, "generation")


class _Reader:
    """Reads documents of tables and says where one of them is wrong."""

    def __init__(self, tables: Tables, name: str) -> None:
        self._tables = tables
        self._name = name

    def each(self, table: str, read: Callable[[dict[str, Any]], T]) -> Iterator[T]:
        for number, document in self._tables.get(table, {}).items():
            try:
                yield read(document)
            except BadDocument as error:
                known_as = document.get("remote_id") or document.get("global_id") or document.get("event_id")
                called = f" ({known_as})" if isinstance(known_as, str) else ""
                place = f"{self._name}: {table} {number}{called}"
                raise BadInput(f"{place}: {error}. The file was left as it is") from None

    def refuse_twice(self, table: str, keys: Iterable[str]) -> None:
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                raise BadInput(f"{self._name}: {table}: {key} stands there twice; keep one of the two")
            seen.add(key)


def _meta(world: World, generation: int) -> dict[str, object]:
    return {
        "format": FILE_FORMAT,
        "generation": generation,
        "committed_at": rfc3339(world.committed_at),
        "invoices_made": world.invoices_made,
        "forgotten_holds": world.closed.forgotten,
        "forgotten_tombstones": world.tombstones.forgotten,
    }


def _events(world: World) -> Iterator[dict[str, object]]:
    seen: set[str] = set()
    for remote_id in world.listing_order:
        event = world.listings[remote_id].event
        if event is not None and event.event_id not in seen:
            seen.add(event.event_id)
            yield event_document(event)


def _holds(world: World) -> Iterator[dict[str, object]]:
    for hold, _ in world.each_closed():
        yield hold_document(hold)
    for hold in sorted(world.live.values(), key=lambda hold: (hold.held_at, hold.global_id)):
        yield hold_document(hold)


def _read_listing_and_stock(document: dict[str, Any], events: Mapping[str, Event]) -> tuple[Listing, Stock | None]:
    listing = read_listing(document, events)
    return listing, read_stock(document, listing)


def _read_holds(reader: _Reader) -> list[Change]:
    holds = list(reader.each("holds", read_hold))
    reader.refuse_twice("holds", (hold.global_id for hold in holds))
    return [*holds, *reader.each("invoices", read_invoice)]


def _read_tombstone(document: dict[str, Any]) -> Tombstone:
    return Tombstone(text(document, "global_id"), moment(document, "left_at"))


def _check_live_holds(world: World, name: str) -> None:
    """Make sure that what listings say is held is what live holds hold."""
    held: dict[str, int] = {}
    for hold in world.live.values():
        if hold.remote_id not in world.listings:
            raise BadInput(f"{name}: hold {hold.global_id} is on {hold.remote_id}, which is not among the listings")
        held[hold.remote_id] = held.get(hold.remote_id, 0) + hold.quantity
    for remote_id in held.keys() | {stock.remote_id for stock in world.stock.values() if stock.held}:
        stock = world.stock_of(world.listings[remote_id])
        if stock.held != held.get(remote_id, 0):
            raise BadInput(
                f"{name}: listing {remote_id} says {stock.held} held, but its live holds have "
                f"{held.get(remote_id, 0)}. Correct one of the two"
            )


def _count(meta: Mapping[str, object], field: str) -> int:
    try:
        return whole(meta, field, 0)
    except BadDocument as error:
        raise BadInput(f"meta: {error}") from None
