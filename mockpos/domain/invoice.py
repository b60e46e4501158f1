"""An invoice: the tickets of one hold, sold to Ticket Evolution under one order."""

from typing import NamedTuple

from mockpos.domain.clock import Millis
from mockpos.domain.money import Money
from mockpos.domain.numbering import Numbering
from mockpos.domain.seats import Runs

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
