"""The venues of a world: what each kind looks like inside, when each is taken, and the seats of one event."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from mockpos.domain.event import Venue
from mockpos.domain.seats import Numbering, numbered
from mockpos.seeding.odds import Odds, Random, between, happens, one_of
from mockpos.seeding.provider import TicketTradeProvider

SEATS_A_LISTING = 28
"""The most seats of a row that one listing can use up: 20 of its own, and 8 skipped before it."""


class VenueKind(StrEnum):
    """The kinds of venue that listings are traded for."""

    ARENA = "arena"
    STADIUM = "stadium"
    THEATRE = "theatre"
    CLUB = "club"
    GROUNDS = "grounds"


@dataclass(frozen=True, slots=True)
class Section:
    """One section. ``seats`` are those of each row, 0 where people stand or sit freely.

    ``price`` is in percent of the event's usual one; ``low`` and ``step`` number the row's seats;
    ``weight`` says how often brokers have tickets there.
    """

    name: str
    rows: tuple[str, ...]
    seats: int
    price: int
    low: int = 1
    step: int = 1
    weight: int = 2


@dataclass(frozen=True, slots=True)
class Layout:
    """The sections of one kind of venue, and the most listings that surely fit in."""

    sections: tuple[Section, ...]
    odds: Odds[Section]
    most_listings: int


def _layout(*sections: Section) -> Layout:
    seats = sum(len(section.rows) * section.seats for section in sections)
    standing = any(not section.seats for section in sections)
    most = max(seats // SEATS_A_LISTING, 120 if standing else 0)
    return Layout(sections, Odds(*((section, section.weight) for section in sections)), most)


def _numbers(last: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, last + 1))


def _letters(last: str) -> tuple[str, ...]:
    """Return A, B, ...: without I and O, which read as 1 and 0 on a ticket."""
    return tuple(letter for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ" if letter <= last)


def _ring(names: range, rows: int, seats: int, price: int) -> Iterable[Section]:
    """Give the sections around a floor or field: the two long sides cost more than the ends."""
    for index, number in enumerate(names):
        side = index * 4 // len(names) % 2 == 0
        yield Section(str(number), _numbers(rows), seats, price if side else price * 4 // 5)


def _house(name: str, last_row: str, seats: int, price: int) -> Iterable[Section]:
    """Give one level of a theatre: odd seats left, even seats right, 101 and up in the centre."""
    rows = _letters(last_row)
    yield Section(f"{name} Left", rows, seats, price * 4 // 5, low=1, step=2)
    yield Section(f"{name} Center", rows, seats, price, low=101)
    yield Section(f"{name} Right", rows, seats, price * 4 // 5, low=2, step=2)


_GA = ("GA",)
_ARENA = (*_ring(range(101, 121), 25, 20, 130), *_ring(range(201, 233), 18, 22, 65))
_STADIUM = (
    *_ring(range(101, 141), 35, 22, 125),
    *_ring(range(201, 229), 15, 20, 150),
    *_ring(range(301, 345), 30, 24, 60),
)
_FLOOR = tuple(Section(f"Floor {letter}", _numbers(14), 20, 240) for letter in "ABCD")

LAYOUTS = {
    VenueKind.ARENA: _layout(*_ARENA, *_FLOOR, Section("Floor GA", _GA, 0, 180, weight=6)),
    VenueKind.STADIUM: _layout(*_STADIUM, *_FLOOR, Section("Field GA", _GA, 0, 170, weight=8)),
    VenueKind.THEATRE: _layout(
        *_house("Orchestra", "W", 20, 140), *_house("Mezzanine", "J", 18, 95), *_house("Balcony", "G", 18, 55)
    ),
    VenueKind.CLUB: _layout(
        Section("General Admission", _GA, 0, 90, weight=12),
        Section("Balcony", _letters("D"), 20, 120),
        Section("Table", _numbers(24), 4, 190),
    ),
    VenueKind.GROUNDS: _layout(
        Section("General Admission", _GA, 0, 80, weight=10),
        Section("VIP", _GA, 0, 210, weight=3),
        Section("Grandstand", _letters("T"), 24, 130, weight=3),
    ),
}
"""The inside of each kind of venue. Real ones differ more; what is sold in them hardly does."""

FOR_A_GAME = {VenueKind.ARENA: _layout(*_ARENA), VenueKind.STADIUM: _layout(*_STADIUM)}
"""The same venues when teams play where the audience of a concert stands."""


_FIRST_FEW = 5
_NEW_ONE = 80
"""Out of a thousand stops, how many are at a venue where nothing was on before."""

_EVENING = time(17, 0)


@dataclass(frozen=True, slots=True)
class KnownVenue:
    """A venue, and what it looks like inside."""

    venue: Venue
    kind: VenueKind


class Circuit:
    """All venues so far, and when they are taken."""

    def __init__(self, rng: Random, trade: TicketTradeProvider) -> None:
        self._rng = rng
        self._trade = trade
        self._houses: dict[VenueKind, list[KnownVenue]] = {kind: [] for kind in VenueKind}
        self._known: set[Venue] = set()
        self._taken: set[tuple[Venue, date, bool]] = set()

    def house(self, kind: VenueKind) -> KnownVenue:
        """Return a venue of this kind: mostly one that is known."""
        houses = self._houses[kind]
        if len(houses) < _FIRST_FEW or happens(self._rng, _NEW_ONE):
            return self.build(kind, self._trade.place())
        return one_of(self._rng, houses)

    def build(self, kind: VenueKind, place: tuple[str, str]) -> KnownVenue:
        """Return a venue that is new, unless its town has one of that name already."""
        venue = self._trade.venue(kind, place)
        house = KnownVenue(venue, kind)
        if venue not in self._known:
            self._known.add(venue)
            self._houses[kind].append(house)
        return house

    def book(self, venue: Venue, day: date, at: time) -> bool:
        """Take a venue for an afternoon or an evening; False when it is taken."""
        slot = (venue, day, at >= _EVENING)
        if slot in self._taken:
            return False
        self._taken.add(slot)
        return True


_TRIES = 8
_SKIPPED = (0, 0, 0, 1, 2, 4, 6, 8)
_NO_ROWS: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Neighbouring seats, or as many places to stand."""

    section: Section
    row: str
    quantity: int
    numbering: Numbering | None


class SeatMap:
    """The seats of one event. Each row is given out from its low end, with gaps."""

    def __init__(self, layout: Layout, closed: Container[tuple[str, str]] = _NO_ROWS) -> None:
        """Open all rows but the ``closed`` ones, which are named by section and row."""
        self._layout = layout
        self._closed = closed
        self._given: dict[tuple[str, str], int] = {}

    def place(self, rng: Random, quantity: int) -> Place:
        """Give out seats in a random row; fewer than asked where the rows are shorter."""
        for _ in range(_TRIES):
            section = self._layout.odds.draw(rng)
            row = one_of(rng, section.rows)
            if not section.seats:
                return Place(section, row, quantity, None)
            fits = min(quantity, section.seats)
            place = self._in_row(section, row, fits, one_of(rng, _SKIPPED))
            if place is not None:
                return place
        return self._anywhere(quantity, between(rng, 0, len(self._layout.sections) - 1))

    def _in_row(self, section: Section, row: str, quantity: int, skipped: int) -> Place | None:
        key = (section.name, row)
        start = self._given.get(key, 0) + skipped
        if start + quantity > section.seats or key in self._closed:
            return None
        self._given[key] = start + quantity
        step = section.step if quantity > 1 else 1  # one seat alone tells nobody how its row is numbered
        return Place(section, row, quantity, numbered(section.low + start * section.step, step))

    def _anywhere(self, quantity: int, first: int) -> Place:
        """Look row by row, from this section on, for a house that is nearly full."""
        sections = self._layout.sections
        for section in sections[first:] + sections[:first]:
            for row in section.rows:
                if not section.seats:
                    return Place(section, row, quantity, None)
                left = section.seats - self._given.get((section.name, row), 0)
                place = self._in_row(section, row, min(quantity, left), 0) if left > 0 else None
                if place is not None:
                    return place
        raise ValueError("no seat is left: the layout's most_listings was not respected")
