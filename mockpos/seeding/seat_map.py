"""Which seats of one event are offered already, so that no ticket is offered twice."""

from collections.abc import Container
from dataclasses import dataclass

from mockpos.domain.numbering import Numbering, numbered
from mockpos.seeding.layouts import Layout, Section
from mockpos.seeding.odds import Random, between, one_of

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
