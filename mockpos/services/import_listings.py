"""Import listings: a broker sent the inventory again, and what is held and sold must survive it.

Everything is decided before anything is changed, so that an import is whole or not at all.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Entity, Transaction, distinct_events


class ImportMode(StrEnum):
    """What listings that are already there mean."""

    NEW = "new"
    """Nothing sent may be there already."""
    REPLACE = "replace"
    """What is sent is the whole inventory: the rest goes, save what is held or sold."""
    UPDATE = "update"
    """What is sent is added or changed; the rest stays."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A listing that cannot be imported, and why, as a sentence."""

    remote_id: str
    reason: str


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What an import did, in listings; or would have done, when conflicts kept it from being ``applied``.

    ``updated`` counts retired listings that came back, and those whose event alone changed;
    ``retired`` those newly withdrawn yet kept, because of holds or sales.
    """

    applied: bool = False
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    dropped: int = 0
    retired: int = 0
    conflicts: tuple[Conflict, ...] = ()

    def counts(self, bad_rows: int) -> dict[str, int]:
        """Return the numbers to tell, with those that were skipped."""
        counted = {name: getattr(self, name) for name in ("added", "updated", "unchanged", "dropped", "retired")}
        return {**counted, "skipped": bad_rows + len(self.conflicts)}


def import_listings(
    tx: Transaction,
    listings: Iterable[Listing],
    *,
    mode: ImportMode,
    current: Iterable[Listing],
    keep: Collection[str] = (),
    skip_conflicts: bool = False,
    between: Callable[[], None] = lambda: None,
) -> ImportReport:
    """Bring listings into the inventory, of which ``current`` is all.

    Remote IDs in ``keep`` are neither dropped nor retired: those of rows that could not be
    read, say. With conflicts nothing changes, unless they are to be skipped; what is
    there under a skipped Remote ID stays as it is. ``between`` is called between two listings:
    a caller that must not hold others back lets them go on there.
    """
    plan = _Plan(tx, mode)
    sent: set[str] = set()
    current = list(_paced(current, between))
    known = distinct_events(_paced(current, between))
    for listing in _paced(listings, between):
        there = known.get(listing.event.event_id) if listing.event is not None else None
        if there is not None and there == listing.event and there.fixed_date is not listing.event.fixed_date:
            listing = replace(listing, event=there)  # whether its date is fixed stays so
        if listing.remote_id in sent:
            plan.refuse(listing, "It is sent twice")
        else:
            sent.add(listing.remote_id)
            plan.take_sent(listing)
    events = distinct_events(_paced(plan.imported.values(), between))
    for present in _paced(current, between):
        if present.remote_id not in plan.imported:
            absent = mode is ImportMode.REPLACE and present.remote_id not in sent and present.remote_id not in keep
            plan.take_present(present, events, absent=absent)
    report = plan.report
    report.conflicts, report.dropped = tuple(plan.conflicts), len(plan.drops)
    report.applied = skip_conflicts or not report.conflicts
    if report.applied:
        plan.carry_out(between)
    return report


def _paced(listings: Iterable[Listing], between: Callable[[], None]) -> Iterator[Listing]:
    for listing in listings:
        between()
        yield listing


@dataclass
class _Plan:
    """What is to be done, and why some of it cannot be."""

    tx: Transaction
    mode: ImportMode
    imported: dict[str, Listing] = field(default_factory=dict)
    puts: list[Entity] = field(default_factory=list)
    drops: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    report: ImportReport = field(default_factory=ImportReport)

    def refuse(self, listing: Listing, reason: str) -> None:
        self.conflicts.append(Conflict(listing.remote_id, f"{reason}."))

    def take_sent(self, listing: Listing) -> None:
        """Decide about a listing that is sent."""
        present = self.tx.listing(listing.remote_id)
        if present is None:
            self.report.added += 1
            self.imported[listing.remote_id] = listing
            self.puts.append(listing)
        elif self.mode is ImportMode.NEW:
            self.refuse(listing, "It is in the inventory already")
        else:
            self._change(_numbered_as(present, listing), present)

    def _change(self, listing: Listing, present: Listing) -> None:
        """Decide about a listing that is sent and there already."""
        same_tickets = listing.quantity == present.quantity and listing.numbering == present.numbering
        stock = self.tx.stock(present)
        if not same_tickets and (stock.held or stock.sold):
            self.refuse(listing, _difference(listing, present, stock))
            return
        self.imported[listing.remote_id] = listing
        if listing == present:
            self.report.unchanged += 1
            return
        self.report.updated += 1
        self.puts += [listing] if same_tickets else [listing, Stock.untouched(listing)]

    def take_present(self, present: Listing, events: dict[str, Event], *, absent: bool) -> None:
        """Decide about a listing that is there and was not imported.

        Its event may have changed all the same: an event is one thing for all its listings.
        """
        stock = self.tx.stock(present)
        if absent and not stock.held and not stock.sold:
            self.drops.append(present.remote_id)
            return
        event = events.get(present.event.event_id, present.event) if present.event else None
        changed = replace(present, event=event, retired=present.retired or absent)
        if changed == present:
            return
        if changed.retired and not present.retired:
            self.report.retired += 1
        else:
            self.report.updated += 1
        self.puts.append(changed)

    def carry_out(self, between: Callable[[], None]) -> None:
        for entity in self.puts:
            self.tx.put(entity)
            between()
        for remote_id in self.drops:
            self.tx.drop_listing(remote_id)
            between()


def _numbered_as(present: Listing, listing: Listing) -> Listing:
    """Return the listing with the numbering it has, where a single seat cannot tell steps of 1 and 2 apart."""
    if listing.quantity != 1 or present.quantity != 1 or not listing.numbering or not present.numbering:
        return listing
    same = listing.numbering.label(0) == present.numbering.label(0)
    return replace(listing, numbering=present.numbering) if same else listing


def _difference(listing: Listing, present: Listing, stock: Stock) -> str:
    parts = []
    if listing.quantity != present.quantity:
        parts.append(f"quantity from {present.quantity} to {listing.quantity}")
    if listing.numbering != present.numbering:
        parts.append(f"seats from {_seats(present)} to {_seats(listing)}")
    taken = [f"{count} {what}" for count, what in ((stock.held, "held"), (stock.sold, "sold")) if count]
    return f"It would change its {' and its '.join(parts)}, with {' and '.join(taken)}"


def _seats(listing: Listing) -> str:
    if listing.numbering is None:
        return "unnumbered"
    return f"{listing.numbering.label(0)}-{listing.numbering.label(listing.quantity - 1)}"
