"""What the entries of the commit log say: its header, commits, how the clock was set, and which file it belongs to."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mockpos.codecs.listings import event_document, listing_document, read_event, read_listing
from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.hold import Hold, Tombstone
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Listing, Stock
from mockpos.store.records import (
    RECORD_FORMAT,
    Record,
    hold_record,
    invoice_record,
    read_hold,
    read_invoice,
    read_stock,
    stock_record,
)
from mockpos.store.world import Change, DroppedListing, World


@dataclass(frozen=True, slots=True)
class LogHeader:
    """Which file a log belongs to. ``fingerprint`` is the file's, or empty while that file is being written."""

    generation: int
    fingerprint: str = ""


def header_entry(header: LogHeader) -> dict[str, object]:
    """Write a header."""
    return {"mockpos": RECORD_FORMAT, "generation": header.generation, "fingerprint": header.fingerprint}


def read_header(entry: dict[str, Any]) -> LogHeader | None:
    """Read what ``header_entry`` wrote, or return None when another format was. Raises ValueError for no header."""
    if "mockpos" not in entry:
        raise ValueError("not the header of a log")
    if entry["mockpos"] != RECORD_FORMAT:
        return None
    generation, fingerprint = entry.get("generation"), entry.get("fingerprint")
    if not isinstance(generation, int) or not isinstance(fingerprint, str):
        raise ValueError("not the header of a log")
    return LogHeader(generation, fingerprint)


def fingerprint_entry(fingerprint: str) -> dict[str, object]:
    """Write down which file this log belongs to, once that is written."""
    return {"fingerprint": fingerprint}


def fingerprint_in(entry: dict[str, Any]) -> str | None:
    """Return the fingerprint in such an entry, or None for any other: a commit."""
    return str(entry["fingerprint"]) if "fingerprint" in entry else None


def entry_of(changes: Sequence[Change], at: Millis) -> dict[str, object]:
    """Write a commit: its moment, and each change behind a letter for its kind."""
    return {"at": at, "put": [_written(change) for change in changes]}


def clock_entry(setting: ClockSetting, at: Millis) -> dict[str, object]:
    """Write down how the clock was set."""
    return {"clock": [setting.offset_ms, setting.frozen_at], "at": at}


def apply_entry(entry: dict[str, Any], world: World) -> None:
    """Make what was committed part of a world. Raises ValueError for what makes no sense.

    A commit is never before the one before it: a clock that is set back on purpose leaves an entry of its own.
    """
    try:
        if "clock" in entry:
            setting, at = clock_in(entry)
            world.keep_clock(setting, at)
            return
        changes, at = changes_in(entry)
        if at < world.committed_at:
            raise ValueError("it was committed before the one that stands before it")
        world.apply(changes, at)
    except (KeyError, IndexError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"it makes no sense: {error!r}") from None


def global_ids_in(entry: dict[str, Any]) -> Iterator[str]:
    """Name the Global IDs that a commit is about, each once, without reading the rest of it."""
    about = (record[_GLOBAL_ID_AT[kind]] for kind, record in entry.get("put", ()) if kind in _GLOBAL_ID_AT)
    yield from dict.fromkeys(map(str, about))


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

_GLOBAL_ID_AT = {"h": 0, "i": 2, "t": 0}
"""Where a record has its Global ID, by the letter of its kind."""
