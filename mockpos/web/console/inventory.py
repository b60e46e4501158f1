"""The listings of one sandbox in the order of their events, found by page, and the sums of each event.

One pass over the inventory finds the order and the sums; a page costs what it looks at. Sums of what is off screen are
made anew as often as their size allows. Independent of HTTP and of how anything is drawn.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import dropwhile, islice
from typing import NamedTuple

from mockpos.domain.event import Event
from mockpos.domain.hold import Hold
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import runs_of
from mockpos.server.greenlets import pause
from mockpos.services.ports import Store, Transaction

PAGE = 50
_MOST_HOLDS = 100
_AT_A_TIME = 500  # then other calls take their turn
_S_PER_LISTING = 0.002  # an event's sums are made again at the earliest after so long, those of all after:
_S_PER_LISTING_OF_ALL = 0.005  # looking takes 3 us a listing, a small part of what calls cost meanwhile
SHOWN: Mapping[str, Callable[[Transaction, Listing], bool]] = {
    "all": lambda _, listing: True,
    "free": lambda tx, listing: tx.stock(listing).available > 0 and not _because(tx, listing),
    "held": lambda tx, listing: tx.stock(listing).held > 0,
    "sold": lambda tx, listing: tx.stock(listing).sold > 0,
    "off": lambda tx, listing: _because(tx, listing) is not None,
}
"""Which listings: all, with free, held or sold tickets, or those that are not for sale."""


class Asked(NamedTuple):
    """Which listings a page shows. ``after`` is the last one of the page before."""

    text: str = ""
    shown: str = "all"
    after: str = ""
    limit: int = PAGE


@dataclass(slots=True)
class Sums:
    """Seats and what they cost: free, held, sold."""

    seats: list[int] = field(default_factory=lambda: [0, 0, 0])
    money: list[Decimal] = field(default_factory=lambda: [Decimal(0)] * 3)

    def add(self, listing: Listing, stock: Stock) -> None:
        """Count one listing in."""
        for place, count in enumerate((stock.available, stock.held, stock.sold)):
            if count:
                self.seats[place] += count
                self.money[place] += count * listing.wholesale_price


class Run(NamedTuple):
    """Neighbouring seats in one state, f, h or s: free, held by ``hold``, or sold."""

    state: str
    start: int
    stop: int
    hold: Hold | None = None


class Row(NamedTuple):
    """One listing on a page. It has the first 100 of its holds; a page draws fewer."""

    listing: Listing
    stock: Stock
    holds: tuple[Hold, ...]
    not_for_sale: str | None

    @property
    def has_more_holds(self) -> bool:
        """Tell whether there may be holds that the row does not have."""
        return len(self.holds) == _MOST_HOLDS

    def runs(self) -> list[Run]:
        """Return the seats from the first to the last; without numbers: the free ones, the held, the sold."""
        stock, quantity, at = self.stock, self.listing.quantity, 0
        if self.listing.numbering is None:
            held_from, sold_from = stock.available, stock.available + stock.held
            runs = [Run("f", 0, held_from), Run("h", held_from, sold_from), Run("s", sold_from, quantity)]
            return [run for run in runs if run.stop > run.start]
        known = [Run("f", *run) for run in runs_of(stock.free)]
        known += [Run("h", start, stop, hold) for hold in self.holds if not hold.stolen for start, stop in hold.seats]
        found: list[Run] = []
        for run in [*sorted(known, key=lambda run: run.start), Run("s", quantity, quantity)]:
            found += [Run("s", at, run.start)] if run.start > at else []
            found += [run] if run.stop > run.start else []
            at = run.stop
        return found


@dataclass(slots=True)
class Group:
    """The listings of one event; ``key`` is its id. ``event`` is None for those of no event."""

    event: Event | None
    key: str
    ids: list[str] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)
    summed_at: float = 0.0


class Page(NamedTuple):
    """One page: its rows in order, the same by event, and the Remote ID the next page begins after."""

    rows: list[Row]
    groups: list[tuple[Group, list[Row]]]
    next_after: str | None


class Inventory:
    """The listings of one store. ``seats`` tells how many are free, held and sold, ``monotonic`` real seconds."""

    def __init__(self, store: Store, seats: Callable[[], tuple[int, int, int]], monotonic: Callable[[], float]) -> None:
        self._store = store
        self._seats = seats
        self._monotonic = monotonic
        self._groups: dict[str, Group] | None = None
        self._counted = 0
        self._looked_at = 0.0
        self._money = [Decimal(0)] * 3

    def forget(self) -> None:
        """Look at every listing again at the next question: the inventory changed."""
        self._groups = None

    def groups(self) -> dict[str, Group]:
        """Return the events by their ids, in the order they take place, each with its listings."""
        while self._groups is None or self._counted != self._store.listing_count():
            self._look()
        return self._groups

    def page(self, asked: Asked) -> Page:
        """Find one page."""
        found = ((group, row) for group, ids in self._from(asked.after) for row in self._chosen(group, ids, asked))
        by_event: dict[str, tuple[Group, list[Row]]] = {}
        for group, row in islice(found, asked.limit):
            by_event.setdefault(group.key, (group, []))[1].append(row)
        rows = [row for _, rows in by_event.values() for row in rows]
        last = rows[-1].listing.remote_id if next(found, None) else None
        return Page(rows, list(by_event.values()), last)

    def rows(self, ids: Iterable[str], seen: Mapping[str, Row] | None = None) -> list[Row]:
        """Look at some listings as they are at one moment; those that are gone are left out.

        One that is as it was ``seen`` is the same row, without looking at its holds again.
        """
        with self._store.transaction() as tx:
            found = ((tx.listing(remote_id), (seen or {}).get(remote_id)) for remote_id in ids)
            return [_row(tx, listing, before) for listing, before in found if listing is not None]

    def sums(self, group: Group, looked_at: int = 0) -> Sums:
        """Return the sums of one event, made anew when they are old for its size, or for all that is ``looked_at``.

        That is how many listings have all the events whose sums are asked for as often as this one's.
        """
        now, group = self._monotonic(), self.groups().get(group.key, group)
        if now - group.summed_at >= max(looked_at, len(group.ids)) * _S_PER_LISTING:
            before, group.sums, group.summed_at = group.sums, Sums(), now
            with self._store.transaction() as tx:
                for listing in filter(None, map(tx.listing, group.ids)):
                    group.sums.add(listing, tx.stock(listing))
            changes = zip(self._money, group.sums.money, before.money, strict=True)
            self._money = [money + more - less for money, more, less in changes]
        return group.sums

    def total(self) -> Sums:
        """Return the sums of all events; seats are exact, money is as of the last look at what is off screen."""
        self.groups()
        if self._monotonic() - self._looked_at >= self._counted * _S_PER_LISTING_OF_ALL:
            self._look()
        return Sums(list(self._seats()), self._money)

    def _look(self) -> None:
        """Look at every listing once."""
        self._counted, self._looked_at = self._store.listing_count(), self._monotonic()
        groups: dict[str, Group] = {}
        for number, (listing, stock) in enumerate(self._store.listings()):
            key = listing.event.event_id if listing.event else ""
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(listing.event, key, summed_at=self._looked_at)
            group.ids.append(listing.remote_id)
            group.sums.add(listing, stock)
            if number % _AT_A_TIME == 0:
                pause(0)
        self._groups = {group.key: group for group in sorted(groups.values(), key=_when)}
        each = [group.sums.money for group in groups.values()]
        self._money = [sum((money[place] for money in each), Decimal(0)) for place in range(3)]

    def _from(self, after: str) -> Iterator[tuple[Group, list[str]]]:
        """Yield the listings behind one, or all, in pieces that are looked at together."""
        for group in dropwhile(lambda group: after and after not in group.ids, self.groups().values()):
            at = group.ids.index(after) + 1 if after in group.ids else 0
            for start in range(at, len(group.ids), _AT_A_TIME):
                yield group, group.ids[start : start + _AT_A_TIME]
                pause(0)

    def _chosen(self, group: Group, ids: list[str], asked: Asked) -> list[Row]:
        """Return those of some listings that are asked for, a page and one more at most."""
        text, is_shown = asked.text.casefold(), SHOWN[asked.shown]
        has_all = text in (f"{group.event.name} {group.event.venue.name} {group.key}".casefold() if group.event else "")
        found: list[Row] = []
        with self._store.transaction() as tx:
            for listing in filter(None, map(tx.listing, ids)):
                if not has_all and text not in listing.remote_id.casefold() and text != listing.section.casefold():
                    continue
                if is_shown(tx, listing):
                    found.append(_row(tx, listing))
                    if len(found) > PAGE:
                        break
        return found


def _row(tx: Transaction, listing: Listing, seen: Row | None = None) -> Row:
    stock, because = tx.stock(listing), _because(tx, listing)
    if seen is not None and listing is seen.listing and because == seen.not_for_sale and _is_same(stock, seen.stock):
        return seen
    holds = tx.live_holds(listing.remote_id, _MOST_HOLDS) if stock.held else ()
    return Row(listing, stock, tuple(holds), because)


def _because(tx: Transaction, listing: Listing) -> str | None:
    return "retired" if listing.retired else listing.not_for_sale_because(tx.now)


def _is_same(stock: Stock, seen: Stock) -> bool:
    """Tell that no hold came or went: every one leaves a stock of its own, which may be worth the same."""
    return stock is seen or (not stock.held and stock == seen)


def _when(group: Group) -> tuple[str, str]:
    event = group.event
    return (f"{event.local_date} {event.local_time}", event.event_id) if event else ("9999", "")
