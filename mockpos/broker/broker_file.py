"""What reading a broker's file gives: listings, and everything to tell the broker about the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing

MOST_KEPT = 10_000
"""Bad rows of a file that are kept with their reasons; of more there is only the number."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no listing. ``line`` is the line of the file it begins on, counted from 1.

    ``reason`` holds one sentence for each thing wrong. ``remote_id`` is known where that
    cell at least was good, so that an import can leave the listing it means alone.
    """

    line: int
    reason: str
    remote_id: str | None = None


@dataclass(slots=True)
class BadRows:
    """The bad rows of a file: the first of them whole, of all of them what an import has to know.

    ``remote_ids`` are those that could be read; ``unnamed_line`` is the first row whose could not.
    """

    first: list[BadRow] = field(default_factory=list)
    count: int = 0
    remote_ids: set[str] = field(default_factory=set)
    unnamed_line: int | None = None

    def add(self, row: BadRow) -> None:
        """Take note of a row."""
        self.count += 1
        if len(self.first) < MOST_KEPT:
            self.first.append(row)
        if row.remote_id is not None:
            self.remote_ids.add(row.remote_id)
        elif self.unnamed_line is None:
            self.unnamed_line = row.line


@dataclass(frozen=True, slots=True)
class BrokerFile:
    """A file that was read. ``ignored_columns`` are the headers nobody knows, as written.

    ``anchor`` is the day that the events of an exported world were made to lie ahead of; a broker's file has none.
    """

    listings: list[Listing]
    bad: BadRows = field(default_factory=BadRows)
    warnings: list[str] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    anchor: date | None = None

    @property
    def bad_rows(self) -> list[BadRow]:
        """Return the bad rows, the first of many."""
        return self.bad.first

    def check_replacement(self, name: str, line: str, replace: str, update: str) -> None:
        """Refuse to drop listings on the word of a file that does not say which ones it means. Raises BadInput.

        ``replace`` and ``update`` are what the ways to import are called, ``line`` stands before a line's number.
        """
        if not self.listings:
            raise BadInput(f"{name}: it has no listing, so {replace} would empty the inventory; nothing was changed")
        if self.bad.unnamed_line is not None:
            raise BadInput(
                f"{name}{line}{self.bad.unnamed_line}: this row is bad and its Remote ID cannot be read, so {replace} "
                f"would drop a listing that may be meant; correct the row, or use {update}. Nothing was changed"
            )

    def listings_for(self, anchor: date | None) -> list[Listing]:
        """Return the listings for an inventory that has this anchor: there, dates made ahead of another day stay."""
        if self.anchor is not None and self.anchor == anchor:
            return self.listings
        return list(_with_fixed_dates(self.listings))


def _with_fixed_dates(listings: Iterable[Listing]) -> Iterator[Listing]:
    events: dict[str, Event] = {}
    for listing in listings:
        event = listing.event
        if event is None or event.fixed_date:
            yield listing
        else:
            yield replace(listing, event=events.setdefault(event.event_id, replace(event, fixed_date=True)))
