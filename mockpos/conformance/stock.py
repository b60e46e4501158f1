"""What the kit may use of the automator's tickets, and what it knows of them."""

from dataclasses import dataclass

from mockpos.conformance.check import Amount
from mockpos.conformance.options import ListingOption


@dataclass(slots=True)
class Stock:
    """One listing as the kit uses it. ``total``: what is free, as far as the kit knows; None once that is unclear.

    ``unit`` is the smallest quantity that can be held, ``chunk`` the largest that goes into one hold.
    """

    option: ListingOption
    total: int | None
    unit: int
    chunk: int
    sold: int = 0

    @classmethod
    def of(cls, option: ListingOption) -> "Stock":
        """Return a listing as the user stated it."""
        unit = option.splits[0] if option.splits else 1
        return cls(option, option.quantity, unit, option.quantity)

    @property
    def remote_id(self) -> str:
        """Return the listing's Remote ID."""
        return self.option.remote_id

    @property
    def units(self) -> int:
        """Return how many buyers could be served."""
        return (self.total or 0) // self.unit

    def sell(self, quantity: int) -> None:
        """Take note of tickets that were bought."""
        self.sold += quantity
        if self.total is not None:
            self.total = max(0, self.total - quantity)

    def amount(self, quantity: Amount | float) -> float:
        """Return the number that a quantity stands for."""
        if not isinstance(quantity, Amount):
            return quantity
        total = self.total or 0
        return {
            Amount.UNIT: self.unit,
            Amount.ALL: total,
            Amount.REST: total - self.unit,
            Amount.ONE_MORE: total + self.unit,
            Amount.ANOTHER: 2 * self.unit,
            Amount.WRONG_SPLIT: self.wrong_split() or 0,
        }[quantity]

    def wrong_split(self) -> int | None:
        """Return a quantity that the stated splits do not allow, or None when they allow any."""
        if not self.option.splits:
            return None
        total = self.total or 0
        return next((each for each in range(1, total) if each not in self.option.splits), None)

    def parts(self, quantity: int) -> list[int]:
        """Split a quantity into holds that are each small enough."""
        whole, rest = divmod(quantity, self.chunk) if self.chunk else (0, quantity)
        return [self.chunk] * whole + ([rest] if rest else [])
