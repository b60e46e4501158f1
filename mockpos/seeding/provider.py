"""A Faker provider of the ticket trade: performers, teams, tours, venues. None is meant to name a real one.

It gives words only. Whatever else a world is made of (numbers, dates, prices) is drawn elsewhere,
so that another version of Faker may change a name and nothing more.
"""

from typing import TypeVar

from faker.providers import BaseProvider

from mockpos.domain.event import Venue

NICKNAMES = (
    "Herons", "Kestrels", "Ferrymen", "Tinkers", "Lamplighters", "Stonecutters", "Wayfarers", "Quarrymen",
    "Cinders", "Tidewaters", "Ironbarks", "Beekeepers", "Millwrights", "Harriers", "Longshoremen", "Coopers",
    "Snowgeese", "Weathervanes", "Stargazers", "Ridgebacks", "Copperheads", "Plovers", "Foxgloves", "Bellringers",
)  # fmt: skip

_ADJECTIVES = (
    "Paper", "Copper", "Hollow", "Amber", "Borrowed", "Midnight", "Northern", "Salted", "Wandering", "Glass",
    "Quiet", "Painted", "Feathered", "Tin", "Crooked", "Evergreen", "Distant", "Sunken", "Woolen", "Second",
)  # fmt: skip

_BAND_NOUNS = (
    "Meridians", "Lanterns", "Almanacs", "Cartographers", "Orchards", "Telegraphs", "Thimbles", "Peninsulas",
    "Parasols", "Harvesters", "Semaphores", "Bicycles", "Umbrellas", "Barometers", "Magpies", "Escapements",
)  # fmt: skip

_SURNAMES = (
    "Quillfeather", "Fennimore-Vane", "Thistlewood", "Brackenbury", "Oakenshaw", "Merriwether-Lund", "Larkspur",
    "Halvergate", "Winterbourne", "Pennywhistle", "Ashgrove", "Saltmarsh", "Emberley", "Coldbrook", "Tamarind",
)  # fmt: skip

_TOUR_TITLES = (
    "Long Way Round", "Letters From Nowhere", "Every Other Summer", "Maps We Lost", "The Tide Comes Back",
    "Slow Fireworks", "Half the Sky", "Leave the Porch Light On", "Static and Snow", "One More Orchard",
)  # fmt: skip

_SHOW_TITLES = (
    "The Clockmaker's Daughter of Vell", "Seven Bridges Home", "The Understudy's Ghost", "Marigold Lane",
    "A Lighthouse for Agnes", "The Last Ferry", "Tin Crown", "The Beekeeper's Waltz", "Midwinter Express to Orla",
    "Salt and Cedar", "The Cartographer's Wife of Penn", "Nine Lanterns",
)  # fmt: skip

_FESTIVAL_NOUNS = ("Orchard", "Driftwood", "Cloudberry", "Millpond", "Hayloft", "Tideline", "Foxfire", "Junebug")
_FESTIVAL_KINDS = ("Music Festival", "Folk Weekend", "Jazz Days", "Sound Fair")

_VENUE_WORDS = (
    "Harborlight", "Copperline", "Ironwood", "Bluestem", "Granary", "Northgate", "Foundry", "Silverbirch",
    "Lockkeeper", "Marlstone", "Tallgrass", "Brightwater", "Kingfisher", "Old Mill", "Summit Ridge", "Riverbend",
    "Cedar Point Row", "Lanternfield", "Stillwater Quay", "Redwing", "Halcyon Row", "Wheelhouse", "Amberfield",
    "Saltworks", "Thornbury",
)  # fmt: skip

VENUE_KINDS = {
    "arena": ("Arena", "Center", "Coliseum", "Fieldhouse"),
    "stadium": ("Stadium", "Field", "Park", "Bowl"),
    "theatre": ("Theatre", "Playhouse", "Opera House", "Hall"),
    "club": ("Club", "Ballroom", "Taproom", "Social Hall"),
    "grounds": ("Fairgrounds", "Meadow", "Showgrounds", "Green"),
}
"""What names of each kind of venue end in."""

T = TypeVar("T")

_COUNTRIES = ("US", "US", "US", "US", "US", "US", "US", "US", "US", "CA")


class TicketTradeProvider(BaseProvider):
    """Invented names of the trade. Add it with ``fake.add_provider(TicketTradeProvider)``.

    The generator needs Faker's own providers of people and of places as well.
    """

    def place(self) -> tuple[str, str]:
        """Return a real town and its IANA time zone: ("Toledo", "America/New_York")."""
        town = self.generator.format("local_latlng", country_code=self._one(_COUNTRIES))
        return str(town[2]), str(town[4])

    def team(self, city: str | None = None) -> str:
        """Return a team: "Toledo Herons"."""
        return f"{city or self.place()[0]} {self._one(NICKNAMES)}"

    def person(self) -> str:
        """Return a person's name, such as a season ticket holder's."""
        return f"{self.generator.format('first_name')} {self.generator.format('last_name')}"

    def performer(self) -> str:
        """Return a band or a solo artist: "The Paper Meridians", "Odette Larkspur"."""
        if self._one((True, True, False)):
            return f"The {self._one(_ADJECTIVES)} {self._one(_BAND_NOUNS)}"
        return f"{self.generator.format('first_name')} {self._one(_SURNAMES)}"

    def tour(self) -> str:
        """Return a tour's title: "Long Way Round Tour"."""
        return f"{self._one(_TOUR_TITLES)} Tour"

    def show(self) -> str:
        """Return the title of a play or musical."""
        return self._one(_SHOW_TITLES)

    def festival(self) -> str:
        """Return a festival's name: "Driftwood Folk Weekend"."""
        return f"{self._one(_FESTIVAL_NOUNS)} {self._one(_FESTIVAL_KINDS)}"

    def venue(self, kind: str = "arena", place: tuple[str, str] | None = None) -> Venue:
        """Return a venue of this kind in a town, in that town's time zone."""
        city, time_zone = place or self.place()
        return Venue(f"{self._one(_VENUE_WORDS)} {self._one(VENUE_KINDS[kind])}", city, time_zone)

    def _one(self, things: tuple[T, ...]) -> T:
        return things[int(self.generator.random.random() * len(things))]
