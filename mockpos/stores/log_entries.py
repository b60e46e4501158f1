"""What one commit looks like as an entry of the commit log."""

from collections.abc import Callable, Sequence
from typing import Any

from mockpos.documents.listings import event_document, listing_document, read_event, read_listing
from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.hold import Hold, Tombstone
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Listing, Stock
from mockpos.stores.records import (
    Record,
    hold_record,
    invoice_record,
    read_hold,
    read_invoice,
    read_stock,
    stock_record,
)
from mockpos.stores.world import Change, DroppedListing


def entry_of(changes: Sequence[Change], at: Millis) -> dict[str, object]:
    """Write a commit: its moment, and each change behind a letter for its kind."""
    return {"at": at, "put": [_written(change) for change in changes]}


def changes_in(entry: dict[str, Any]) -> tuple[list[Change], Millis]:
    """Read what ``entry_of`` wrote."""
    return [_READERS[kind](record) for kind, record in entry["put"]], Millis(entry["at"])


def clock_in(entry: dict[str, Any]) -> tuple[ClockSetting, Millis]:
    """Read the entry that a change of the clock left."""
    offset_ms, frozen_at = entry["clock"]
    return ClockSetting(offset_ms, frozen_at), Millis(entry["at"])


def _written(change: Change) -> tuple[str, Record]:
    match change:
        case Stock():
            return "s", stock_record(change)
        case Hold():
            return "h", hold_record(change)
        case Invoice():
            return "i", invoice_record(change)
        case Tombstone():
            return "t", (change.global_id, change.left_at)
        case Listing():
            return "l", _listing_record(change)
        case DroppedListing():
            return "d", (change.remote_id,)


def _listing_record(listing: Listing) -> Record:
    """Write a listing as the file does, with its event beside it: listings change seldom."""
    event = event_document(listing.event) if listing.event else None
    return (listing_document(listing, Stock.untouched(listing)), event)


def _read_listing_record(record: Record) -> Listing:
    document, event_doc = record
    events = {event.event_id: event for event in ([read_event(event_doc)] if event_doc else [])}
    return read_listing(document, events)


_READERS: dict[str, Callable[[Record], Change]] = {
    "s": read_stock,
    "h": read_hold,
    "i": read_invoice,
    "t": lambda record: Tombstone(record[0], record[1]),
    "l": _read_listing_record,
    "d": lambda record: DroppedListing(record[0]),
}
