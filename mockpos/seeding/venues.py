"""The venues of a world and their seats: a home for every team, and a growing circuit that tours play."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, time

from mockpos.domain.event import Venue
from mockpos.domain.numbering import Numbering, numbered
from mockpos.seeding.layouts import Layout, Section, VenueKind
from mockpos.seeding.odds import Random, between, happens, one_of
from mockpos.seeding.provider import TicketTradeProvider

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
