"""A Faker provider of the ticket trade: performers, teams, tours, venues.

It gives words only. Whatever else a world is made of (numbers, dates, prices) is drawn elsewhere,
so that another version of Faker may change a name and nothing more.
"""

from typing import TypeVar

from faker.generator import Generator
from faker.providers import BaseProvider

from mockpos.domain.event import Venue
from mockpos.seeding import words
from mockpos.seeding.layouts import VenueKind

T = TypeVar("T")

_COUNTRIES = ("US", "US", "US", "US", "US", "US", "US", "US", "US", "CA")


class TicketTradeProvider(BaseProvider):
    """Invented names of the trade. Add it with ``fake.add_provider(TicketTradeProvider)``.

    The generator needs Faker's own providers of people and of places as well.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__(generator)

    def place(self) -> tuple[str, str]:
        """Return a real town and its IANA time zone: ("Toledo", "America/New_York")."""
        town = self.generator.format("local_latlng", country_code=self._one(_COUNTRIES))
        return str(town[2]), str(town[4])

    def team(self, city: str | None = None) -> str:
        """Return a team: "Toledo Herons"."""
        return f"{city or self.place()[0]} {self._one(words.NICKNAMES)}"

    def person(self) -> str:
        """Return a person's name, such as a season ticket holder's."""
        return f"{self.generator.format('first_name')} {self.generator.format('last_name')}"

    def performer(self) -> str:
        """Return a band or a solo artist: "The Paper Meridians", "Odette Larkspur"."""
        if self._one((True, True, False)):
            return f"The {self._one(words.ADJECTIVES)} {self._one(words.BAND_NOUNS)}"
        return f"{self.generator.format('first_name')} {self._one(words.SURNAMES)}"

    def tour(self) -> str:
        """Return a tour's title: "Long Way Round Tour"."""
        return f"{self._one(words.TOUR_TITLES)} Tour"

    def show(self) -> str:
        """Return the title of a play or musical."""
        return self._one(words.SHOW_TITLES)

    def festival(self) -> str:
        """Return a festival's name: "Driftwood Folk Weekend"."""
        return f"{self._one(words.FESTIVAL_NOUNS)} {self._one(words.FESTIVAL_KINDS)}"

    def venue(self, kind: str = VenueKind.ARENA, place: tuple[str, str] | None = None) -> Venue:
        """Return a venue of this kind in a town, in that town's time zone."""
        city, time_zone = place or self.place()
        return Venue(f"{self._one(words.VENUE_WORDS)} {self._one(VenueKind(kind).surnames)}", city, time_zone)

    def _one(self, things: tuple[T, ...]) -> T:
        return things[int(self.generator.random.random() * len(things))]
