"""What the entries of the commit log say: its header, commits, how the clock was set, and which file it belongs to.

A commit tells what it changed: of a stock its counts, and the seats that were free and are not, or the other way
round. So its line does not grow with the listing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import MsgspecError, convert
from msgspec.json import Encoder

from mockpos.codecs.documents import event_document, listing_document, read_event, read_listing
from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.hold import Hold, Invoice, Tombstone
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import Runs, runs_of, seat_set
from mockpos.services.ports import Change, DroppedListing
from mockpos.store.records import RECORD_FORMAT
from mockpos.store.world import World

Record = Sequence[Any]  # what JSON gives back: checked by the functions that read it

encode = Encoder().encode


@dataclass(frozen=True, slots=True)
class LogHeader:
    """Which file a log belongs to, and how many lines the log before it had.

    ``fingerprint`` is the file's, or empty while that file is being written. ``lines_before`` is 0 where the file
    has all of the logs before.
    """

    generation: int
    fingerprint: str = ""
    lines_before: int = 0


def header_entry(header: LogHeader) -> bytes:
    """Write a header."""
    return encode(
        {
            "mockpos": RECORD_FORMAT,
            "generation": header.generation,
            "fingerprint": header.fingerprint,
            "lines_before": header.lines_before,
        }
    )


def read_header(entry: dict[str, Any]) -> LogHeader | None:
    """Read what ``header_entry`` wrote, or return None when another format was. Raises ValueError for no header."""
    if "mockpos" not in entry:
        raise ValueError("not the header of a log")
    if entry["mockpos"] != RECORD_FORMAT:
        return None
    try:
        return convert({name: value for name, value in entry.items() if name != "mockpos"}, LogHeader)
    except MsgspecError:
        raise ValueError("not the header of a log") from None


def fingerprint_entry(fingerprint: str) -> bytes:
    """Write down which file this log belongs to, once that is written."""
    return encode({"fingerprint": fingerprint})


def fingerprint_in(entry: dict[str, Any]) -> str | None:
    """Return the fingerprint in such an entry, or None for any other: a commit."""
    return str(entry["fingerprint"]) if "fingerprint" in entry else None


def entry_of(changes: Sequence[Change], at: Millis, world: World) -> bytes:
    """Write a commit to a world: its moment, and each change behind a letter for its kind."""
    stocks = _Stocks(world)
    return encode({"at": at, "put": [_WRITERS[type(change)](change, stocks) for change in changes]})


@dataclass(slots=True)
class Staged:
    """The parts of one long transaction in the log of one generation."""

    number: int
    generation: int
    parts: int = 0


_IN_A_PART = 100

Parts = dict[int, list[list[Any]]]
"""What the parts say of transactions that do not count yet, by their number."""


def part_entries(number: int, changes: Sequence[Change], before: World) -> Iterator[bytes]:
    """Write the changes to a world in parts, which count once ``parts_entry`` follows."""
    stocks = _Stocks(before)
    for start in range(0, len(changes), _IN_A_PART):
        part = changes[start : start + _IN_A_PART]
        yield encode({"part": number, "put": [_WRITERS[type(change)](change, stocks) for change in part]})


def parts_entry(number: int, parts: int, at: Millis) -> bytes:
    """Write down that the parts with this number, so many of them, were committed."""
    return encode({"at": at, "parts": [number, parts]})


def clock_entry(setting: ClockSetting, at: Millis) -> bytes:
    """Write down how the clock was set."""
    return encode({"clock": [setting.offset_ms, setting.frozen_at], "at": at})


def is_part(entry: dict[str, Any]) -> bool:
    """Tell whether an entry is a part of a commit, which counts once another entry says so."""
    return "part" in entry


def number_in(entry: dict[str, Any]) -> int | None:
    """Return the number that a part has in common with the entry that commits it; None for any other entry."""
    try:
        number = entry["part"] if is_part(entry) else entry["parts"][0]
    except (KeyError, IndexError, TypeError):
        return None
    return number if isinstance(number, int) else None


def apply_entry(entry: dict[str, Any], world: World, parts: Parts) -> None:
    """Make what was committed part of a world, or keep it in ``parts``. Raises ValueError for what makes no sense.

    A commit is never before the one before it: a clock that is set back on purpose leaves an entry of its own.
    """
    try:
        if "clock" in entry:
            setting, at = clock_in(entry)
            world.keep_clock(setting, at)
            return
        if is_part(entry):
            parts.setdefault(entry["part"], []).append(entry["put"])
            return
        if "parts" in entry:
            entry = _joined(entry, parts)
        changes, at = changes_in(entry, world)
        if at < world.committed_at:
            raise ValueError("it was committed before the one that stands before it")
        world.apply(changes, at)
    except (KeyError, IndexError, TypeError, AttributeError, ArithmeticError, MsgspecError) as error:
        raise ValueError(f"it makes no sense: {error!r}") from None


def _joined(entry: dict[str, Any], parts: Parts) -> dict[str, Any]:
    """Return a commit with what its parts say. Raises ValueError when one is missing."""
    number, count = entry["parts"]
    found = parts.pop(number, [])
    if len(found) != count:
        raise ValueError(f"it has {count} parts, of which {len(found)} are there")
    return {"at": entry["at"], "put": [change for part in found for change in part]}


def global_ids_in(entry: dict[str, Any]) -> Iterator[str]:
    """Name the Global IDs that a commit is about, each once, without reading the rest of it."""
    about = (record[_GLOBAL_ID_AT[kind]] for kind, record in entry.get("put", ()) if kind in _GLOBAL_ID_AT)
    yield from dict.fromkeys(map(str, about))


def changes_in(entry: dict[str, Any], world: World) -> tuple[list[Change], Millis]:
    """Read what ``entry_of`` wrote of this world."""
    stocks = _Stocks(world)
    return [_read_change(kind, record, stocks) for kind, record in entry["put"]], Millis(entry["at"])


def clock_in(entry: dict[str, Any]) -> tuple[ClockSetting, Millis]:
    """Read the entry that a change of the clock left."""
    offset_ms, frozen_at = entry["clock"]
    return ClockSetting(offset_ms, frozen_at), Millis(entry["at"])


class _Stocks:
    """The stocks that a commit changes, as they are before each of its changes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._changed: dict[str, Stock] = {}

    def free_before(self, remote_id: str) -> int:
        """Return the free seats of a listing before its next change."""
        stock = self._changed.get(remote_id) or self._world.stock.get(remote_id)
        if stock is None:
            listing = self._world.listings.get(remote_id)
            return Stock.untouched(listing).free if listing is not None else 0
        return stock.free

    def change(self, stock: Stock) -> None:
        """Take note of a change."""
        self._changed[stock.remote_id] = stock


def _stock_record(stock: Stock, stocks: _Stocks) -> tuple[str, Record]:
    turned = runs_of(stocks.free_before(stock.remote_id) ^ stock.free)
    stocks.change(stock)
    return "s", (stock.remote_id, stock.available, stock.held, stock.sold, stock.last_sold_at, turned)


def _listing_record(listing: Listing, _: _Stocks) -> tuple[str, Record]:
    """Write a listing as the file does, with its event beside it: listings change seldom."""
    event = event_document(listing.event) if listing.event else None
    return "l", (listing_document(listing, Stock.untouched(listing)), event)


_WRITERS: dict[type, Callable[[Any, _Stocks], tuple[str, Record]]] = {
    Stock: _stock_record,
    Hold: lambda hold, _: ("h", hold),
    Invoice: lambda invoice, _: ("i", invoice),
    Tombstone: lambda tombstone, _: ("t", (tombstone.global_id, tombstone.left_at)),
    Listing: _listing_record,
    DroppedListing: lambda dropped, _: ("d", (dropped.remote_id,)),
}


def _read_change(kind: str, record: Record, stocks: _Stocks) -> Change:
    if kind == "s":
        remote_id, available, held, sold, last_sold_at, turned = record
        free = stocks.free_before(remote_id) ^ seat_set(convert(turned, Runs))
        stock = convert((remote_id, available, held, sold, free, last_sold_at), Stock)
        stocks.change(stock)
        return stock
    return _READERS[kind](record)


def _read_listing_record(record: Record) -> Listing:
    document, event_doc = record
    events = {event.event_id: event for event in ([read_event(event_doc)] if event_doc else [])}
    return read_listing(document, events)


_READERS: dict[str, Callable[[Record], Change]] = {
    "h": lambda record: convert(record, Hold),
    "i": lambda record: convert(record, Invoice),
    "t": lambda record: Tombstone(record[0], record[1]),
    "l": _read_listing_record,
    "d": lambda record: DroppedListing(record[0]),
}

_GLOBAL_ID_AT = {"h": 0, "i": 2, "t": 0}
"""Where a record has its Global ID, by the letter of its kind."""
