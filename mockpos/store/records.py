"""Entities as short JSON arrays, for the commit log and for what is only remembered.

Positions, not names: a million remembered Global IDs must fit in memory. The
log's header carries RECORD_FORMAT, so a change of positions cannot go unseen.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Stock
from mockpos.domain.money import Money, parse_price
from mockpos.domain.seats import Numbering, Runs, numbered

RECORD_FORMAT = 1

Record = Sequence[Any]  # what JSON gives back: checked by the functions that read it


def hold_record(hold: Hold) -> Record:
    """Write a hold as an array."""
    return (
        hold.global_id,
        hold.remote_id,
        hold.quantity,
        _STATUS_LETTER[hold.status],
        hold.held_at,
        hold.expires_at,
        cents_of(hold.unit_price),
        hold.seats,
        _numbering_record(hold.numbering),
        hold.available_after_hold,
        hold.released_at,
        int(hold.release_was_late),
        hold.available_after_release,
        hold.invoice_id,
        int(hold.stolen),
    )


def read_hold(record: Record) -> Hold:
    """Read what ``hold_record`` wrote."""
    return Hold(
        global_id=record[0],
        remote_id=record[1],
        quantity=record[2],
        status=_STATUS[record[3]],
        held_at=record[4],
        expires_at=record[5],
        unit_price=price_of(record[6]),
        seats=_runs(record[7]),
        numbering=_read_numbering(record[8]),
        available_after_hold=record[9],
        released_at=record[10],
        release_was_late=bool(record[11]),
        available_after_release=record[12],
        invoice_id=record[13],
        stolen=bool(record[14]),
    )


def stock_record(stock: Stock) -> Record:
    """Write a stock as an array."""
    return (stock.remote_id, stock.available, stock.held, stock.sold, stock.free, stock.last_sold_at)


def read_stock(record: Record) -> Stock:
    """Read what ``stock_record`` wrote."""
    return Stock(record[0], record[1], record[2], record[3], _runs(record[4]), record[5])


def invoice_record(invoice: Invoice) -> Record:
    """Write an invoice as an array."""
    return (
        invoice.invoice_id,
        invoice.order_id,
        invoice.global_id,
        invoice.remote_id,
        invoice.quantity,
        cents_of(invoice.total.amount),
        invoice.invoiced_at,
        invoice.seats,
        _numbering_record(invoice.numbering),
        int(invoice.hold_reacquired),
    )


def read_invoice(record: Record) -> Invoice:
    """Read what ``invoice_record`` wrote."""
    return Invoice(
        invoice_id=record[0],
        order_id=record[1],
        global_id=record[2],
        remote_id=record[3],
        quantity=record[4],
        total=Money(price_of(record[5])),
        invoiced_at=record[6],
        seats=_runs(record[7]),
        numbering=_read_numbering(record[8]),
        hold_reacquired=bool(record[9]),
    )


_STATUS = {"h": HoldStatus.HELD, "r": HoldStatus.RELEASED, "e": HoldStatus.EXPIRED, "i": HoldStatus.INVOICED}
_STATUS_LETTER = {status: letter for letter, status in _STATUS.items()}


def cents_of(amount: Decimal) -> int:
    """Return a price in whole cents."""
    return int(amount.scaleb(2))


@lru_cache(maxsize=4096)
def price_of(cents: int) -> Decimal:
    """Return a price that shares its object with equal ones."""
    return parse_price(f"{cents // 100}.{cents % 100:02d}") if cents < 1_000_000_000 else Decimal(cents).scaleb(-2)


def _numbering_record(numbering: Numbering | None) -> Record | None:
    return (numbering.low, numbering.step) if numbering else None


def _read_numbering(record: Record | None) -> Numbering | None:
    return numbered(record[0], record[1]) if record else None


def _runs(record: Record) -> Runs:
    return tuple((start, stop) for start, stop in record)
