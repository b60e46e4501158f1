"""How much is done to measure: in full, or quickly to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Seconds of load in a round, seconds before the first one counts, rounds, starts of a server, and sizes."""

    quick: bool
    seconds: int
    warm_up: int
    rounds: int
    starts: int
    calls: int
    many_listings: int
    a_lot_of_listings: int


FULL = Effort(
    quick=False,
    seconds=10,
    warm_up=15,
    rounds=3,
    starts=7,
    calls=1_000_000,
    many_listings=100_000,
    a_lot_of_listings=1_000_000,
)
QUICK = Effort(
    quick=True,
    seconds=2,
    warm_up=3,
    rounds=3,
    starts=3,
    calls=8_000,
    many_listings=20_000,
    a_lot_of_listings=20_000,
)
"""Its figures show that everything works; they prove nothing."""
