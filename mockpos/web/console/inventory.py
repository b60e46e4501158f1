"""The listings of one sandbox in the order of their events, found by page, and the sums of each event.

The order is made once for an inventory and kept; a page costs what it looks at. Sums of what is off screen are made
anew as often as their size allows. Independent of HTTP and of how anything is drawn.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from mockpos.domain.event import Event
from mockpos.domain.hold import Hold
from mockpos.domain.listing import Listing, Stock
from mockpos.server.greenlets import pause
from mockpos.services.ports import Store, Transaction

PAGE = 50
_AT_A_TIME = 500  # then other calls take their turn
_S_PER_LISTING = (
    0.0005  # a sum is made again at the earliest after so long: that costs a fifth of a percent of the time
)
SHOWN = ("all", "free", "held", "sold", "off")
"""Which listings: all, with free, held or sold tickets, or those that are not for sale."""


class Asked(NamedTuple):
    """Which listings a page shows. ``after`` is the last one of the page before."""

    text: str = ""
    shown: str = "all"
    after: str = ""
    limit: int = PAGE


class Sums(NamedTuple):
    """Seats and what they cost: free, held, sold."""

    seats: tuple[int, int, int] = (0, 0, 0)
    money: tuple[Decimal, Decimal, Decimal] = (Decimal(0), Decimal(0), Decimal(0))

    def plus(self, more: "Sums", less: "Sums") -> "Sums":
        """Return what it becomes when one event's sums change from ``less`` to ``more``."""
        (a, b, c), (d, e, f), (x, y, z) = self.money, more.money, less.money
        return self._replace(money=(a + d - x, b + e - y, c + f - z))


class Row(NamedTuple):
    """One listing on a page."""

    listing: Listing
    stock: Stock
    holds: tuple[Hold, ...]
    not_for_sale: str | None


@dataclass(slots=True)
class Group:
    """The listings of one event; ``event`` is None for those of no event."""

    event: Event | None
    ids: list[str] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)
    summed_at: float = float("-inf")

    @property
    def key(self) -> str:
        """Return the event's id."""
        return self.event.event_id if self.event else ""


class Page(NamedTuple):
    """One page: its rows by event, in order, and the Remote ID the next page begins after."""

    groups: list[tuple[Group, list[Row]]]
    next_after: str | None

    @property
    def ids(self) -> list[str]:
        """List the Remote IDs on it."""
        return [row.listing.remote_id for _, rows in self.groups for row in rows]


class Inventory:
    """The listings of one store. ``seats`` tells how many are free, held and sold, ``monotonic`` real seconds."""

    def __init__(self, store: Store, seats: Callable[[], tuple[int, int, int]], monotonic: Callable[[], float]) -> None:
        self._store = store
        self._seats = seats
        self._total = Sums()
        self._totalled_at = float("-inf")
        self._monotonic = monotonic
        self._groups: list[Group] | None = None
        self._counted = 0

    def forget(self) -> None:
        """Look at every listing again at the next question: the inventory changed."""
        self._groups = None

    def groups(self) -> list[Group]:
        """Return the events in the order they take place, each with its listings."""
        while self._groups is None or self._counted != self._store.listing_count():
            self._counted = self._store.listing_count()
            self._groups = self._grouped()
            self._total, self._totalled_at = Sums(), float("-inf")
        return self._groups

    def page(self, asked: Asked) -> Page:
        """Find one page."""
        found: list[tuple[Group, list[Row]]] = []
        left, last = asked.limit, None
        for group, ids in self._from(asked.after):
            for row in self._chosen(group, ids, asked):
                if not left:
                    return Page(found, last)
                if not found or found[-1][0] is not group:
                    found.append((group, []))
                found[-1][1].append(row)
                left, last = left - 1, row.listing.remote_id
            pause(0)
        return Page(found, None)

    def rows(self, ids: list[str], seen: Mapping[str, Row] = MappingProxyType({})) -> list[Row]:
        """Look at some listings as they are at one moment; those that are gone are left out.

        One that is as it was ``seen`` is the same row, without looking at its holds again.
        """
        with self._store.transaction() as tx:
            found = (_row(tx, remote_id, seen.get(remote_id)) for remote_id in ids)
            return [row for row in found if row is not None]

    def sums(self, group: Group) -> Sums:
        """Return the sums of one event, made anew when they are old for its size."""
        now = self._monotonic()
        if now - group.summed_at >= len(group.ids) * _S_PER_LISTING:
            before, group.sums = group.sums, self._summed(group.ids)
            group.summed_at = now
            self._total = self._total.plus(group.sums, before)
        return group.sums

    def total(self) -> Sums:
        """Return the sums of all events; seats are exact, money is as of the last look at what is off screen."""
        groups, now = self.groups(), self._monotonic()
        if now - self._totalled_at >= self._store.listing_count() * _S_PER_LISTING:
            self._totalled_at = now
            for group in groups:
                self.sums(group)
        return self._total._replace(seats=self._seats())

    def _grouped(self) -> list[Group]:
        groups: dict[str, Group] = {}
        for looked_at, (listing, _) in enumerate(self._store.listings()):
            key = listing.event.event_id if listing.event else ""
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(listing.event)
            group.ids.append(listing.remote_id)
            if looked_at % _AT_A_TIME == 0:
                pause(0)
        return sorted(groups.values(), key=_when)

    def _from(self, after: str) -> Iterator[tuple[Group, list[str]]]:
        """Yield the listings behind one, or all, in pieces that are looked at together."""
        began = not after
        for group in self.groups():
            at = 0
            if not began:
                if after not in group.ids:
                    continue
                at, began = group.ids.index(after) + 1, True
            for start in range(at, len(group.ids), _AT_A_TIME):
                yield group, group.ids[start : start + _AT_A_TIME]

    def _chosen(self, group: Group, ids: list[str], asked: Asked) -> list[Row]:
        """Return those of some listings that are asked for, a page and one more at most."""
        text = asked.text.casefold()
        found: list[Row] = []
        with self._store.transaction() as tx:
            for remote_id in ids:
                row = _row(tx, remote_id)
                if row is not None and _is_shown(row, asked.shown) and _has(row, group, text):
                    found.append(row)
                    if len(found) > PAGE:
                        break
        return found

    def _summed(self, ids: list[str]) -> Sums:
        seats, money = [0, 0, 0], [Decimal(0)] * 3
        for start in range(0, len(ids), _AT_A_TIME):
            with self._store.transaction() as tx:
                for remote_id in ids[start : start + _AT_A_TIME]:
                    listing = tx.listing(remote_id)
                    if listing is None:
                        continue
                    stock = tx.stock(listing)
                    for place, count in enumerate((stock.available, stock.held, stock.sold)):
                        if count:
                            seats[place] += count
                            money[place] += count * listing.wholesale_price
            pause(0)
        return Sums((seats[0], seats[1], seats[2]), (money[0], money[1], money[2]))


def _row(tx: Transaction, remote_id: str, seen: Row | None = None) -> Row | None:
    listing = tx.listing(remote_id)
    if listing is None:
        return None
    stock = tx.stock(listing)
    because = "retired" if listing.retired else listing.not_for_sale_because(tx.now)
    if seen is not None and listing is seen.listing and because == seen.not_for_sale and _is_same(stock, seen.stock):
        return seen
    holds = sorted(tx.live_holds(remote_id), key=lambda hold: (hold.held_at, hold.global_id)) if stock.held else ()
    return Row(listing, stock, tuple(holds), because)


def _is_same(stock: Stock, seen: Stock) -> bool:
    """Tell that no hold came or went: every one leaves a stock of its own, which may be worth the same."""
    return stock is seen or (not stock.held and stock == seen)


def _is_shown(row: Row, asked: str) -> bool:
    match asked:
        case "free":
            return row.stock.available > 0 and row.not_for_sale is None
        case "held":
            return row.stock.held > 0
        case "sold":
            return row.stock.sold > 0
        case "off":
            return row.not_for_sale is not None
    return True


def _has(row: Row, group: Group, text: str) -> bool:
    if not text:
        return True
    event = f"{group.event.name} {group.event.venue.name} {group.key}".casefold() if group.event else ""
    listing = row.listing
    return text in event or text in listing.remote_id.casefold() or text == f"{listing.section}".casefold()


def _when(group: Group) -> tuple[str, str]:
    event = group.event
    return (f"{event.local_date} {event.local_time}", event.event_id) if event else ("9999", "")
