"""A listing of the model: what is free of it, what is sold, and how a hold chooses its seats (contract rule 1)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

MOST_ASKED = 1000
"""The most tickets that one hold may ask for."""


@dataclass(frozen=True)
class Listing:
    """Tickets that are offered together. ``labels`` are the printed seats in their order, none where there are none.

    ``free`` are places in that order. What is neither available nor sold is held.
    """

    remote_id: str
    quantity: int
    labels: tuple[str, ...] = ()
    price: Decimal = Decimal("120.00")
    split: str = "any"
    available: int = 0
    free: frozenset[int] = frozenset()
    sold: int = 0
    retired: bool = False
    superseded_by: str | None = None
    broadcast: bool = True

    @property
    def held(self) -> int:
        return self.quantity - self.available - self.sold

    def untouched(self) -> "Listing":
        """Return it as it was before anybody bought anything: all of it free."""
        return replace(self, available=self.quantity, free=frozenset(range(len(self.labels))), sold=0)

    def choose(self, quantity: int, among: frozenset[int] | None = None) -> frozenset[int]:
        """Choose the lowest run of neighbours that fits; when none fits, the lowest free seats."""
        free = self.free if among is None else among
        if not self.labels:
            return frozenset()
        for low in sorted(free):
            run = frozenset(range(low, low + quantity))
            if run <= free:
                return run
        return frozenset(sorted(free)[:quantity])

    def take(self, quantity: int, seats: frozenset[int]) -> "Listing":
        return replace(self, available=self.available - quantity, free=self.free - seats)

    def give_back(self, quantity: int, seats: frozenset[int]) -> "Listing":
        return replace(self, available=self.available + quantity, free=self.free | seats)

    def sell(self, quantity: int) -> "Listing":
        """Count tickets as sold that were taken before."""
        return replace(self, sold=self.sold + quantity)

    def printed(self, seats: frozenset[int]) -> tuple[str, ...]:
        return tuple(self.labels[seat] for seat in sorted(seats))

    def may_sell(self, quantity: int) -> bool:
        """Tell whether the listing's split lets so many go, judged on what is free."""
        left = self.available - quantity
        rules = {
            "any": True,
            "never_leave_one": left != 1,
            "pairs": quantity % 2 == 0 or self.available == 1,
            "all": left == 0,
        }
        return left >= 0 and rules[self.split]

    def valid_quantities(self) -> Iterator[int]:
        most = min(self.available, MOST_ASKED)
        return (quantity for quantity in range(1, most + 1) if self.may_sell(quantity))


def a_model_listing(
    remote_id: str, quantity: int, first_seat: int | None = 5, step: int = 1, price: str = "120.00", split: str = "any"
) -> Listing:
    """Return a listing of which all is free. Without a ``first_seat`` its seats have no numbers."""
    labels = () if first_seat is None else tuple(str(first_seat + step * place) for place in range(quantity))
    return Listing(remote_id, quantity, labels, Decimal(price), split).untouched()
