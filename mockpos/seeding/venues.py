"""The venues of a world: a home for every team, and a growing circuit that tours play."""

from dataclasses import dataclass
from datetime import date, time

from mockpos.domain.event import Venue
from mockpos.seeding.layouts import VenueKind
from mockpos.seeding.odds import Random, happens, one_of
from mockpos.seeding.provider import TicketTradeProvider

_FIRST_FEW = 5
_NEW_ONE = 80
"""Out of a thousand stops, how many are at a venue where nothing was on before."""

_EVENING = time(17, 0)


@dataclass(frozen=True, slots=True)
class House:
    """A venue, and what it looks like inside."""

    venue: Venue
    kind: VenueKind


class Circuit:
    """All venues so far, and when they are taken."""

    def __init__(self, rng: Random, trade: TicketTradeProvider) -> None:
        self._rng = rng
        self._trade = trade
        self._houses: dict[VenueKind, list[House]] = {kind: [] for kind in VenueKind}
        self._known: set[Venue] = set()
        self._taken: set[tuple[Venue, date, bool]] = set()

    def house(self, kind: VenueKind) -> House:
        """Return a venue of this kind: mostly one that is known."""
        houses = self._houses[kind]
        if len(houses) < _FIRST_FEW or happens(self._rng, _NEW_ONE):
            return self.build(kind, self._trade.place())
        return one_of(self._rng, houses)

    def build(self, kind: VenueKind, place: tuple[str, str]) -> House:
        """Return a venue that is new, unless its town has one of that name already."""
        venue = self._trade.venue(kind, place)
        house = House(venue, kind)
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
