"""Chance, always from a generator that the caller seeded.

Only ``random()`` is drawn from it, and only whole numbers are made of that: the same seed then
gives the same world on every machine and Python, and a draw costs little.
"""

from collections.abc import Sequence
from random import Random  # noqa: TID251  # the one import: this package takes seeded generators as arguments
from typing import Generic, TypeVar

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
