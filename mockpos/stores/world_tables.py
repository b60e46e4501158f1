"""A world as the tables of an inventory file, and back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mockpos.documents.fields import BadDocument, moment, optional_moment, text, whole
from mockpos.documents.holds import hold_document, invoice_document, read_hold, read_invoice
from mockpos.documents.listings import event_document, listing_document, read_event, read_listing, read_stock
from mockpos.documents.world_file import Table
from mockpos.domain.clock import ClockSetting, Millis, rfc3339
from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event
from mockpos.domain.hold import Hold, HoldStatus, Tombstone
from mockpos.domain.identifiers import BUILT_IN_PREFIX
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import Runs, give_back
from mockpos.stores.world import Change, Limits, World

FILE_FORMAT = 1
LARGEST_OFFSET_MS = 10**15
T = TypeVar("T")
Tables = Mapping[str, Mapping[str, dict[str, Any]]]


def world_tables(world: World, generation: int) -> Iterator[Table]:
    """Write a world as tables, lazily: a million listings are never written out in memory."""
    yield "meta", [_meta(world, generation)]
    yield "events", _events(world)
    yield "listings", (listing_document(listing, stock) for listing, stock in world.each_listing())
    yield "holds", _holds(world)
    yield "invoices", (invoice_document(invoice) if invoice else None for _, invoice in world.each_closed())
    yield "tombstones", ({"global_id": key, "left_at": rfc3339(at)} for key, at in world.tombstones.items())


def read_world(tables: Tables, name: str, limits: Limits) -> World:
    """Read a world from tables. Raises BadInput that names the table, the document and the fault."""
    world = World(limits)
    reader = _Reader(tables, name)
    meta = reader.meta(_read_meta)
    found_events = list(reader.each("events", read_event))
    reader.refuse_twice("events", (event.event_id for event in found_events))
    events = {event.event_id: event for event in found_events}
    pairs = list(reader.each("listings", lambda document: _read_listing_and_stock(document, events)))
    reader.refuse_twice("listings", (listing.remote_id for listing, _ in pairs))
    world.fill(listing for listing, _ in pairs)
    changes: list[Change] = [stock for _, stock in pairs if stock is not None]
    changes += _read_holds(reader)
    changes += reader.each("tombstones", _read_tombstone)
    world.apply(changes, Millis(0))
    world.invoices_made = max(world.invoices_made, meta.invoices_made)
    world.closed.forgotten += meta.forgotten_holds
    world.tombstones.forgotten += meta.forgotten_tombstones
    world.committed_at = meta.committed_at
    world.clock = meta.clock
    _check_live_holds(world, name)
    return world


def generation_of(tables: Tables, name: str) -> int:
    """Return which generation of the file these tables are; 0 for a fixture or a file made by hand."""
    return _Reader(tables, name).meta(_read_meta).generation


@dataclass(frozen=True, slots=True)
class _Meta:
    """What a file says about itself."""

    generation: int
    committed_at: Millis
    clock: ClockSetting
    invoices_made: int
    forgotten_holds: int
    forgotten_tombstones: int


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
                known_as = document.get("global_id") or document.get("remote_id") or document.get("event_id")
                called = f" ({known_as})" if isinstance(known_as, str) else ""
                place = f"{self._name}: {table} {number}{called}"
                raise BadInput(f"{place}: {error}. The file was left as it is") from None

    def meta(self, read: Callable[[dict[str, Any]], T]) -> T:
        """Read the one document about the file, or nothing where a person left it out."""
        first = next(self.each("meta", read), None)
        return read({}) if first is None else first

    def refuse_twice(self, table: str, keys: Iterable[str]) -> None:
        seen: set[str] = set()
        for key in keys:
            if key in seen:
                raise BadInput(f"{self._name}: {table}: {key} stands there twice; keep one of the two")
            seen.add(key)

    def refuse_unpaired(self, sold: set[str], invoiced: set[str]) -> None:
        """Refuse a hold that is invoiced without an invoice, and the other way round."""
        for global_id in sorted(sold ^ invoiced):
            missing = "invoice of it" if global_id in sold else "invoiced hold"
            where = "holds" if global_id in sold else "invoices"
            raise BadInput(f"{self._name}: {where}: {global_id}: there is no {missing}. The file was left as it is")


def _meta(world: World, generation: int) -> dict[str, object]:
    return {
        "format": FILE_FORMAT,
        "generation": generation,
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
    """Write those that ended, then the live ones in the order they were held.

    Putting a great many in order takes long, so that is done bit by bit too: a second's holds at a time.
    """
    for hold, _ in world.each_closed():
        yield hold_document(hold)
    by_second: dict[int, list[tuple[Millis, str]]] = {}
    for hold in world.live.values():
        by_second.setdefault(hold.held_at // 1000, []).append((hold.held_at, hold.global_id))
        yield None
    for second in sorted(by_second):
        for _, global_id in sorted(by_second[second]):
            yield hold_document(world.live[global_id])


def _read_listing_and_stock(document: dict[str, Any], events: Mapping[str, Event]) -> tuple[Listing, Stock | None]:
    listing = read_listing(document, events)
    return listing, read_stock(document, listing)


def _read_holds(reader: _Reader) -> list[Change]:
    holds = list(reader.each("holds", read_hold))
    reader.refuse_twice("holds", (hold.global_id for hold in holds))
    invoices = list(reader.each("invoices", read_invoice))
    reader.refuse_twice("invoices", (invoice.global_id for invoice in invoices))
    sold = {hold.global_id for hold in holds if hold.status is HoldStatus.INVOICED}
    reader.refuse_unpaired(sold, {invoice.global_id for invoice in invoices})
    return [*holds, *invoices]


def _read_meta(document: dict[str, Any]) -> _Meta:
    found = whole(document, "format", FILE_FORMAT)
    if found != FILE_FORMAT:
        raise BadDocument(f"format is {found}; this mockpos reads format {FILE_FORMAT}")
    return _Meta(
        generation=whole(document, "generation", 0),
        committed_at=optional_moment(document, "committed_at") or Millis(0),
        clock=ClockSetting(
            whole(document, "clock_offset_ms", 0, least=-LARGEST_OFFSET_MS),
            optional_moment(document, "clock_frozen_at"),
        ),
        invoices_made=whole(document, "invoices_made", 0),
        forgotten_holds=whole(document, "forgotten_holds", 0),
        forgotten_tombstones=whole(document, "forgotten_tombstones", 0),
    )


def _read_tombstone(document: dict[str, Any]) -> Tombstone:
    return Tombstone(text(document, "global_id"), moment(document, "left_at"))


def _check_live_holds(world: World, name: str) -> None:
    """Make sure that what listings say is held is what live holds hold, and no seat twice."""
    holds: dict[str, list[Hold]] = {stock.remote_id: [] for stock in world.stock.values() if stock.held}
    for hold in world.live.values():
        if hold.remote_id not in world.listings:
            if hold.remote_id.startswith(BUILT_IN_PREFIX):
                continue  # its listing stands beside every inventory
            raise BadInput(f"{name}: hold {hold.global_id} is on {hold.remote_id}, which is not among the listings")
        if not hold.stolen:
            holds.setdefault(hold.remote_id, []).append(hold)
    for remote_id, on_it in holds.items():
        stock, held = world.stock_of(world.listings[remote_id]), sum(hold.quantity for hold in on_it)
        if stock.held != held:
            raise BadInput(
                f"{name}: listing {remote_id} says {stock.held} held, but its live holds have {held}. "
                f"Correct one of the two"
            )
        _check_seats(world.listings[remote_id], stock.free, on_it, name)


def _check_seats(listing: Listing, free: Runs, holds: list[Hold], name: str) -> None:
    for hold in holds:
        beyond = hold.seats and hold.seats[-1][1] > listing.quantity
        if hold.numbering != listing.numbering or beyond:
            raise BadInput(f"{name}: hold {hold.global_id} has seats that {listing.remote_id} does not have")
    try:
        give_back(free, tuple(run for hold in holds for run in hold.seats))
    except ValueError:
        raise BadInput(
            f"{name}: listing {listing.remote_id}: a seat of a live hold is free too, or held twice"
        ) from None
