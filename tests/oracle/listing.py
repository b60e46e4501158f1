"""A listing as the oracle knows it: seats in order, who has each, what may be bought of what is free."""

from dataclasses import dataclass, field
from decimal import Decimal

FREE, SOLD = "free", "sold"


@dataclass(slots=True)
class Listing:
    """``seats`` maps a seat's place to FREE, SOLD or the Global ID that holds it; ``labels`` are what answers show."""

    remote_id: str
    labels: list[str]
    price: Decimal
    split: str
    custom: tuple[int, ...]
    quantity: int
    retired: bool = False
    not_for_sale: bool = False
    seats: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seats = [FREE] * self.quantity

    @property
    def free(self) -> list[int]:
        """Return the places of free seats, lowest first."""
        return [place for place, owner in enumerate(self.seats) if owner == FREE]

    @property
    def sold(self) -> int:
        """Return how many tickets are sold."""
        return self.seats.count(SOLD)

    def pick(self, quantity: int) -> list[int]:
        """Return the lowest run of free neighbours, or the lowest free places when no run fits (rule 1)."""
        free = self.free
        for index in range(len(free) - quantity + 1):
            run = free[index : index + quantity]
            if run[-1] - run[0] == quantity - 1:
                return run
        return free[:quantity]

    def valid_quantities(self) -> list[int]:
        """Return in which quantities what is free may be bought."""
        free = len(self.free)
        rules = {
            "any": lambda n: True,
            "never_leave_one": lambda n: free - n != 1,
            "pairs": lambda n: n % 2 == 0 or free == 1,
            "all": lambda n: n == free,
            "custom": lambda n: n in self.custom,
        }
        return [n for n in range(1, free + 1) if rules[self.split](n)]

    def give(self, places: list[int], owner: str) -> None:
        """Give seats to an owner."""
        for place in places:
            self.seats[place] = owner

    def shown(self, places: list[int]) -> list[str]:
        """Return the labels of seats; none for a listing without seats."""
        return [self.labels[place] for place in places] if self.labels else []
