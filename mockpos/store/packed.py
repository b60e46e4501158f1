"""Holds and invoices as few bytes, for what a world remembers by the million.

A hold is a JSON array without names: 50 to 100 bytes, that the garbage collector need not look through, where the
entity takes 500. It never leaves the process: what is in files is written by ``records`` and ``documents``.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import repeat
from typing import Any

import orjson

from mockpos.codecs.json_bytes import fitted
from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.invoice import Invoice
from mockpos.domain.money import Money
from mockpos.domain.seats import Numbering, Runs, numbered
from mockpos.store.records import cents_of, price_of
from mockpos.store.shared_map import SharedMap

_STATUSES = tuple(HoldStatus)
_NUMBERS = {status: number for number, status in enumerate(_STATUSES)}
_LOOKED_AT_AT_ONCE = 8
"""Holds that are looked at before somebody else may have a turn: it takes about as long as to unpack and write two."""
_RUN = 8192
"""Holds that are put in order at once: it takes 8 ms. A busy second has fewer, and its holds need no merging."""
_NO_ENDING = (None, 0, 0, 0, None)


def pack(hold: Hold, invoice: Invoice | None = None) -> bytes:
    """Write a hold, and its invoice where it has one. The Global ID is left out: it is the key."""
    held_at = hold.held_at
    places: list[object] = [
        held_at,  # first, so that it can be read without the rest
        _NUMBERS[hold.status],
        hold.expires_at - held_at,
        cents_of(hold.unit_price),
        hold.available_after_hold,
        *_tickets(hold),
    ]
    ending = (
        None if hold.released_at is None else hold.released_at - held_at,
        int(hold.release_was_late),
        hold.available_after_release,
        int(hold.stolen),
        hold.invoice_id,
    )
    if invoice is not None:
        places += (*ending, _invoice_places(hold, invoice))
    elif ending != _NO_ENDING:
        places += ending
    return fitted(orjson.dumps(places))


def unpack_hold(global_id: str, packed: bytes) -> Hold:
    """Read the hold of what ``pack`` wrote."""
    held_at, status, lasts, cents, left, remote_id, quantity, seats, low, step, *ending = orjson.loads(packed)
    plain = (
        global_id,
        remote_id,
        quantity,
        _STATUSES[status],
        held_at,
        held_at + lasts,
        price_of(cents),
        left,
        _runs(seats, quantity),
        _numbering(low, step),
    )
    if not ending:
        return Hold(*plain)
    released_after, late, left_then, stolen, invoice_id, *_ = ending
    released_at = None if released_after is None else Millis(held_at + released_after)
    return Hold(*plain, released_at, bool(late), left_then, invoice_id, bool(stolen))


def unpack_invoice(global_id: str, packed: bytes) -> Invoice | None:
    """Read the invoice of what ``pack`` wrote, if there is one."""
    held_at, _, _, _, _, remote_id, quantity, seats, low, step, *ending = orjson.loads(packed)
    if len(ending) <= len(_NO_ENDING):
        return None
    invoice_id, order_id, total, invoiced_after, reacquired, own = ending[-1]
    if own is not None:
        remote_id, quantity, seats, low, step = own
    return Invoice(
        invoice_id=invoice_id,
        order_id=order_id,
        global_id=global_id,
        remote_id=remote_id,
        quantity=quantity,
        total=Money(price_of(total)),
        invoiced_at=Millis(held_at + invoiced_after),
        seats=_runs(seats, quantity),
        numbering=_numbering(low, step),
        hold_reacquired=bool(reacquired),
    )


class PackedHolds(Mapping[str, Hold]):
    """Holds by Global ID, packed. One thread at a time may change, copy or look through them; see ``SharedMap``."""

    __slots__ = ("_packed",)

    def __init__(self, packed: SharedMap[bytes] | None = None) -> None:
        self._packed: SharedMap[bytes] = SharedMap() if packed is None else packed

    def __getitem__(self, global_id: str) -> Hold:
        return unpack_hold(global_id, self._packed[global_id])

    def get(self, global_id: str, default: Any = None) -> Any:
        """Return a hold, or the default."""
        packed = self._packed.get(global_id)
        return default if packed is None else unpack_hold(global_id, packed)

    def __contains__(self, global_id: object) -> bool:
        return global_id in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed.still())

    def __len__(self) -> int:
        return len(self._packed)

    def in_order(self) -> Iterator[Hold | None]:
        """Iterate over all in the order they were held, or as they are now; None tells that it takes a while.

        A million cannot be put in order at once while calls wait: they are, a second's at a time, and those of one
        second, which may be all where the clock stands still, in runs that are merged.
        """
        by_second: dict[int, list[Any]] = {}  # Global IDs and holds in turn: a tuple for each would take 60 MB more
        for looked_at, entry in enumerate(self._packed.still().items()):
            by_second.setdefault(_held_at(entry[1]) // 1000, []).extend(entry)
            if looked_at % _LOOKED_AT_AT_ONCE == 0:
                yield None
        for second in sorted(by_second):
            yield from _in_order(by_second.pop(second))

    def put(self, hold: Hold) -> None:
        """Add a hold, or another version of it."""
        self._packed.put(hold.global_id, pack(hold))

    def remove(self, global_id: str) -> None:
        """Take out one that is among them."""
        self._packed.pop(global_id)

    def copy(self) -> "PackedHolds":
        """Return holds that are the same now and do not move when these do. They cost nothing."""
        return PackedHolds(self._packed.copy())


def _in_order(entries: list[Any]) -> Iterator[Hold | None]:
    """Do as ``PackedHolds.in_order`` with Global IDs and packed holds in turn."""
    runs = []
    for first in range(0, len(entries), 2 * _RUN):
        run = iter(entries[first : first + 2 * _RUN])
        runs.append(sorted((_held_at(packed), key, packed) for key, packed in zip(run, run, strict=True)))
        yield from repeat(None, len(runs[-1]) // _LOOKED_AT_AT_ONCE)
    for _, global_id, packed in merge(*runs):
        yield unpack_hold(global_id, packed)


def _held_at(packed: bytes) -> int:
    """Read nothing but when a hold was held."""
    return int(packed[1 : packed.index(b",")])


def _invoice_places(hold: Hold, invoice: Invoice) -> tuple[object, ...]:
    """Write an invoice; what it shares with its hold only where the two differ, as a file may have it."""
    own = _tickets(invoice)
    return (
        invoice.invoice_id,
        invoice.order_id,
        cents_of(invoice.total.amount),
        invoice.invoiced_at - hold.held_at,
        int(invoice.hold_reacquired),
        None if own == _tickets(hold) else own,
    )


def _tickets(of: Hold | Invoice) -> tuple[object, ...]:
    """Write which tickets they are, in five places."""
    numbering = of.numbering
    low, step = (numbering.low, numbering.step) if numbering else (0, 0)
    return of.remote_id, of.quantity, _seats_place(of.seats, of.quantity), low, step


def _numbering(low: int, step: int) -> Numbering | None:
    return numbered(low, step) if step else None


def _seats_place(seats: Runs, quantity: int) -> Runs | int:
    """Write neighbouring seats, the usual case, as the position of the first: 16 bytes less."""
    if len(seats) == 1:
        start, stop = seats[0]
        if stop - start == quantity:
            return start
    return seats


def _runs(place: list[list[int]] | int, quantity: int) -> Runs:
    if isinstance(place, int):
        return ((place, place + quantity),)
    return tuple(map(tuple, place))  # type: ignore[arg-type]  # pairs, as ``_seats_place`` left them
