"""What reading a broker's file gives: listings, and everything to tell the broker about the rest."""

from dataclasses import dataclass, field

from mockpos.domain.listing import Listing


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no listing. ``line`` is the line of the file it begins on, counted from 1.

    ``reason`` holds one sentence for each thing wrong. ``remote_id`` is known where that
    cell at least was good, so that an import can leave the listing it means alone.
    """

    line: int
    reason: str
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class BrokerFile:
    """A file that was read. ``ignored_columns`` are the headers nobody knows, as written."""

    listings: list[Listing]
    bad_rows: list[BadRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
