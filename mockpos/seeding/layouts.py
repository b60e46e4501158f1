"""What venues look like inside: sections, rows, seats, and how good each is to sit in."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mockpos.seeding.odds import Odds

SEATS_A_LISTING = 28
"""The most seats of a row that one listing can use up: 20 of its own, and 8 skipped before it."""


class VenueKind(StrEnum):
    """The kinds of venue that listings are traded for."""

    ARENA = "arena"
    STADIUM = "stadium"
    THEATRE = "theatre"
    CLUB = "club"
    GROUNDS = "grounds"

    @property
    def surnames(self) -> tuple[str, ...]:
        """Return what names of such venues end in."""
        return _SURNAMES[self]


_SURNAMES = {
    VenueKind.ARENA: ("Arena", "Center", "Coliseum", "Fieldhouse"),
    VenueKind.STADIUM: ("Stadium", "Field", "Park", "Bowl"),
    VenueKind.THEATRE: ("Theatre", "Playhouse", "Opera House", "Hall"),
    VenueKind.CLUB: ("Club", "Ballroom", "Taproom", "Social Hall"),
    VenueKind.GROUNDS: ("Fairgrounds", "Meadow", "Showgrounds", "Green"),
}


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
