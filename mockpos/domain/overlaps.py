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
    for listing in sorted(row, key=lambda one: _span(one).start):
        reaching = [one for one in reaching if _may_reach(one, listing)]
        for other in reaching:
            first, second = sorted((other, listing), key=lambda one: place[one.remote_id])
            shared = _shared(first, second)
            if shared:
                yield Overlap(first, second, tuple(shared[:_SHOWN]), len(shared))
        reaching.append(listing)


def _span(listing: Listing) -> range:
    """Return the numbers of a listing's seats, as far as they have any."""
    assert listing.numbering is not None
    low, step, _ = listing.numbering
    return range(low, low + step * listing.quantity, step)


def _may_reach(one: Listing, listing: Listing) -> bool:
    return _is_named(one) or _is_named(listing) or _span(one)[-1] >= _span(listing).start


def _is_named(listing: Listing) -> bool:
    return listing.numbering is not None and listing.numbering.is_named


def _shared(one: Listing, other: Listing) -> list[str]:
    """Return the labels of the seats that both have, in the order of the first."""
    assert one.numbering is not None
    assert other.numbering is not None
    if one.numbering.is_named or other.numbering.is_named:
        theirs = set(other.numbering.labels(((0, other.quantity),)))
        return [label for label in one.numbering.labels(((0, one.quantity),)) if label in theirs]
    if one.numbering.form != other.numbering.form:
        return []
    numbers, others = _span(one), _span(other)
    return [one.numbering.label(position) for position, number in enumerate(numbers) if number in others]
