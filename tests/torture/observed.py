"""What is there: a world looked at over the API of a quiet server, or in the file that a clean stop left.

Both give the same ``ObservedWorld``, so that one verdict judges both. Must not know what ought to be there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tinydb import TinyDB

from tests.torture.client import Body, Client

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing as it is. ``free`` are seat numbers; none for a listing without."""

    remote_id: str
    mark: str
    quantity: int
    available: int
    held: int
    sold: int
    free: tuple[int, ...]
    numbered: bool
    retired: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it is."""

    global_id: str
    remote_id: str
    quantity: int
    status: str
    held_at: str
    expires_at: str
    released_at: str | None
    invoice_id: str | None
    seats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as it is."""

    invoice_id: str
    order_id: str
    global_id: str
    remote_id: str
    quantity: int
    total: str
    invoiced_at: str
    seats: tuple[int, ...]


@dataclass(slots=True)
class ObservedWorld:
    """A world, looked at between two moments of its clock. ``twice`` names what stood there more than once.

    ``tombstones`` are the Global IDs that have one, of those ``looked_for`` (None: of all). A file may still say that a
    hold is held which has lapsed: nobody called since. A server that is looked at lets it end first.
    """

    since: str
    until: str
    offset_ms: int
    is_file: bool = False
    listings: dict[str, Listing] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    looked_for: set[str] | None = None
    twice: list[str] = field(default_factory=list)

    def take_in(self, listings: Iterable[Body], holds: Iterable[Body], invoices: Iterable[Body]) -> None:
        """Add documents."""
        for document in listings:
            self._note(document["remote_id"], self.listings)
            self.listings[document["remote_id"]] = _listing(document)
        for document in holds:
            self._note(document["global_id"], self.holds)
            self.holds[document["global_id"]] = _hold(document)
        for document in invoices:
            self._note(document["global_id"], self.invoices)
            self.invoices[document["global_id"]] = _invoice(document)

    def _note(self, key: str, known: dict[str, Listing] | dict[str, Hold] | dict[str, Invoice]) -> None:
        if key in known:
            self.twice.append(key)


def look(client: Client, global_ids: Iterable[str]) -> ObservedWorld:
    """Look at a quiet server. It is asked for the tombstones of these Global IDs where they have no hold."""
    clock = client.call("GET", "/_mock/clock").body
    sight = ObservedWorld(clock["now"], "", clock["offset_ms"], looked_for=set(global_ids))
    sight.take_in(
        _pages(client, "/_mock/listings", "listings"),
        _pages(client, "/_mock/holds", "holds"),
        _pages(client, "/_mock/invoices", "invoices"),
    )
    absent = [global_id for global_id in sight.looked_for or () if global_id not in sight.holds]
    sight.tombstones = {global_id for global_id in absent if _is_tombstone(client, global_id)}
    sight.until = client.call("GET", "/_mock/clock").body["now"]
    return sight


def read(path: Path, since_s: float, until_s: float) -> ObservedWorld:
    """Look at the file of a stopped server with plain TinyDB. It was stopped between these two Unix times."""
    with TinyDB(path) as db:
        offset_ms = db.table("meta").all()[0]["clock_offset_ms"]
        sight = ObservedWorld(_moment(since_s, offset_ms), _moment(until_s, offset_ms), offset_ms, is_file=True)
        sight.take_in(db.table("listings"), db.table("holds"), db.table("invoices"))
        sight.tombstones = {tombstone["global_id"] for tombstone in db.table("tombstones")}
    return sight


def _moment(unix_s: float, offset_ms: int) -> str:
    """Write a moment of a world's clock as the server does, so that the order of the texts is that of the moments."""
    at = datetime.fromtimestamp(unix_s, UTC) + timedelta(milliseconds=offset_ms)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pages(client: Client, path: str, table: str) -> Iterator[Body]:
    query = f"?limit={_PAGE}"
    while True:
        answer = client.call("GET", path + query)
        assert answer.status == 200, (path, answer)
        yield from answer.body[table]
        cursor = answer.body["next_cursor"]
        if cursor is None:
            return
        query = f"?limit={_PAGE}&cursor={cursor}"


def _is_tombstone(client: Client, global_id: str) -> bool:
    answer = client.call("GET", f"/_mock/holds/{global_id}")
    assert answer.status == 404, (global_id, answer)
    return "released before it was ever held" in answer.body["detail"]


def _listing(document: Body) -> Listing:
    quantity: int = document["quantity"]
    low = document.get("seat_from")
    whole = [f"{low}-{low + quantity - 1}"] if low is not None else []
    return Listing(
        remote_id=document["remote_id"],
        mark=document.get("broker_notes", ""),
        quantity=quantity,
        available=document.get("available", quantity),
        held=document.get("held", 0),
        sold=document.get("sold", 0),
        free=_numbers(document.get("free_seats", whole)),
        numbered=low is not None,
        retired=document.get("retired", False),
    )


def _hold(document: Body) -> Hold:
    return Hold(
        **{name: document[name] for name in ("global_id", "remote_id", "quantity", "status", "held_at", "expires_at")},
        released_at=document.get("released_at"),
        invoice_id=document.get("invoice_id"),
        seats=_numbers(document.get("seats", [])),
    )


def _invoice(document: Body) -> Invoice:
    names = ("invoice_id", "order_id", "global_id", "remote_id", "quantity", "total", "invoiced_at")
    return Invoice(**{name: document[name] for name in names}, seats=_numbers(document.get("seats", [])))


def _numbers(runs: list[str]) -> tuple[int, ...]:
    """Read seat runs such as ``5-8`` and ``11``."""
    seats: list[int] = []
    for run in runs:
        low, _, high = run.partition("-")
        seats += range(int(low), int(high or low) + 1)
    return tuple(seats)
