"""Chance, always from a generator that the caller seeded.

Only ``random()`` is drawn from it, and only whole numbers are made of that: the same seed then
gives the same world on every machine and Python, and a draw costs little.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from random import Random  # noqa: TID251  # the one import: this package takes seeded generators as arguments
from typing import Generic, TypeVar

from mockpos.domain.money import parse_price

T = TypeVar("T")

__all__ = ["Odds", "Random", "between", "happens", "one_of", "stream"]


class Odds(Generic[T]):
    """Things with whole weights, written as a die with as many faces as the weights add up to."""

    __slots__ = ("_faces",)

    def __init__(self, *weighted: tuple[T, int]) -> None:
        self._faces = tuple(thing for thing, weight in weighted for _ in range(weight))

    def draw(self, rng: Random) -> T:
        """Return one of the things, each as often as its weight says."""
        return self._faces[int(rng.random() * len(self._faces))]


def stream(seed: int, purpose: str) -> Random:
    """Return a generator of its own for one purpose, so that one's draws never shift another's."""
    return Random(f"{seed}/{purpose}")  # noqa: S311  # invented tickets, not secrets


def between(rng: Random, low: int, high: int) -> int:
    """Return a whole number from low to high, both included."""
    return low + int(rng.random() * (high - low + 1))


def one_of(rng: Random, things: Sequence[T]) -> T:
    """Return one of the things, all equally often."""
    return things[int(rng.random() * len(things))]


def happens(rng: Random, per_thousand: int) -> bool:
    """Tell whether something happens that does so this often."""
    return rng.random() * 1000 < per_thousand


_CENTS = Odds((0, 70), (50, 15), (25, 5), (75, 5), (99, 5))
_CHEAPEST = 5


def draw_prices(rng: Random, dollars: int, percent: int) -> tuple[Decimal, Decimal]:
    """Return (wholesale, retail) for one ticket, around this percentage of an ordinary price.

    Retail is 9 to 45 percent above wholesale, in whole dollars, and always the higher.
    """
    about = dollars * percent * between(rng, 80, 125) // 10_000
    wholesale = max(_CHEAPEST, about) * 100 + _CENTS.draw(rng)
    retail = wholesale * between(rng, 109, 145) // 10_000 * 100 + 100
    return _price(wholesale), _price(retail)


@lru_cache(maxsize=65_536)
def _price(cents: int) -> Decimal:
    return parse_price(f"{cents // 100}.{cents % 100:02}")
