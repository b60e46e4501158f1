"""A hold: tickets set aside for one Global ID, and what became of them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from mockpos.domain.clock import Millis
from mockpos.domain.money import Money
from mockpos.domain.seats import Numbering, Runs


class HoldStatus(StrEnum):
    """Where a hold is in its life. Only ``held`` is alive; nothing leaves the others, save by rule 4 and 7."""

    HELD = "held"
    RELEASED = "released"
    EXPIRED = "expired"
    INVOICED = "invoiced"

    __hash__ = str.__hash__  # Enum's own is a Python function, and every call looks members up


class Hold(NamedTuple):
    """One hold. Everything its first answer said is kept, so that a replay says it again.

    ``numbering`` is the listing's at the moment of the hold: a later edit of the
    listing does not rename seats that were already promised. ``stolen`` tells that the
    broker sold the tickets elsewhere meanwhile: its caller learns that at the invoice.
    A tuple, because every call makes one or reads one back: a frozen dataclass takes four times as long.
    """

    global_id: str
    remote_id: str
    quantity: int
    status: HoldStatus
    held_at: Millis
    expires_at: Millis
    unit_price: Decimal
    available_after_hold: int
    seats: Runs = ()
    numbering: Numbering | None = None
    released_at: Millis | None = None
    release_was_late: bool = False
    available_after_release: int = 0
    invoice_id: str | None = None
    stolen: bool = False

    def seat_labels(self) -> list[str]:
        """Return the printed seat numbers, or nothing where the listing has none."""
        return self.numbering.labels(self.seats) if self.numbering else []

    def is_for(self, remote_id: str, quantity: int) -> bool:
        """Tell whether a repeated hold has the same content (contract rule 2)."""
        return self.remote_id == remote_id and self.quantity == quantity


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A Global ID that was released before it was ever held (contract rule 3)."""

    global_id: str
    left_at: Millis


BUYER = "Ticket Evolution"
"""TEvo is the buyer in the system of record (TEvo Order Integration, "as TEvo as the buyer")."""


class Invoice(NamedTuple):
    """One sale. ``total`` is the wholesale price at the moment of the hold, times the quantity."""

    invoice_id: str
    order_id: str
    global_id: str
    remote_id: str
    quantity: int
    total: Money
    invoiced_at: Millis
    seats: Runs = ()
    numbering: Numbering | None = None
    hold_reacquired: bool = False

    def seat_labels(self) -> list[str]:
        """Return the printed seat numbers, or nothing where the listing has none."""
        return self.numbering.labels(self.seats) if self.numbering else []
