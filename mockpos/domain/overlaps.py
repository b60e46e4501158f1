"""Listings that have seats of one another: one seat of one event, offered twice, can be sold twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mockpos.domain.listing import Listing

MOST_FOUND = 1000
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two listings of one row that share seats: how many, and the first of them."""

    first: Listing
    second: Listing
    seats: tuple[str, ...]
    count: int

    def __str__(self) -> str:
        shown = ", ".join(self.seats) + (", ..." if self.count > len(self.seats) else "")
        place = f"section {self.first.section}, row {self.first.row or '(none)'}"
        return f"{self.second.remote_id} has seats that {self.first.remote_id} has too ({place}, seats {shown})"


def overlaps(listings: Iterable[Listing]) -> list[Overlap]:
    """Find the pairs of listings that share seats, up to ``MOST_FOUND``. Retired ones share none."""
    rows: defaultdict[tuple[str, str, str], list[Listing]] = defaultdict(list)
    for listing in listings:
        if listing.numbering is not None and listing.event is not None and not listing.retired:
            rows[listing.event.event_id, listing.section.casefold(), listing.row.casefold()].append(listing)
    found: list[Overlap] = []
    for row in rows.values():
        if len(row) > 1:
            for overlap in _within(row):
                found.append(overlap)
                if len(found) == MOST_FOUND:
                    return found
    return found


def _within(row: list[Listing]) -> Iterator[Overlap]:
    """Find those of one row: each is compared with those that reach up to its first seat."""
    place = {listing.remote_id: number for number, listing in enumerate(row)}
    reaching: list[Listing] = []
    for listing in sorted(row, key=lambda one: _seats(one).start):
        reaching = [one for one in reaching if _seats(one)[-1] >= _seats(listing).start]
        for other in reaching:
            shared = _shared(_seats(other), _seats(listing))
            if shared:
                first, second = sorted((other, listing), key=lambda one: place[one.remote_id])
                yield Overlap(first, second, tuple(map(str, shared[:_SHOWN])), len(shared))
        reaching.append(listing)


def _seats(listing: Listing) -> range:
    assert listing.numbering is not None
    low, step = listing.numbering.low, listing.numbering.step
    return range(low, low + step * listing.quantity, step)


def _shared(one: range, other: range) -> list[int]:
    smaller, larger = sorted((one, other), key=len)
    return [seat for seat in smaller if seat in larger]
