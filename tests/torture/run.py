"""A run: so many kills, spread over chapters of all kinds, until every moment was met."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import rmtree

from tests.torture.campaign import Campaign, Plan
from tests.torture.counts import Counts
from tests.torture.inventories import SMALL, Inventory, large
from tests.torture.kill_points import KillPoint

_KILLS_A_CHAPTER = 10
_MOST_CHAPTERS_WITH_FINDINGS = 5
_MOST_ADDED = 10
_ONLY_LARGE = (KillPoint.CHECKPOINT, KillPoint.TURNED)
"""Moments that a small inventory does not come to by itself: its log is seldom worth a checkpoint."""

_SMALL = [moment for moment in KillPoint if moment not in _ONLY_LARGE]
_LARGE = [*_ONLY_LARGE, *(moment for moment in KillPoint if moment is not KillPoint.RANDOM)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What is wanted of a run. ``durabilities`` are gone through in turn, a chapter each."""

    kills: int
    seed: int
    between: tuple[float, float] = (0.05, 1.5)
    callers: int = 8
    durabilities: tuple[str, ...] = ("os", "disk")
    large_listings: int = 20_000


@dataclass(slots=True)
class Outcome:
    """What came of a run. ``kept`` are folders with the files as they were before something was found."""

    tally: Counts = field(default_factory=Counts)
    chapters: int = 0
    kept: list[Path] = field(default_factory=list)

    @property
    def unmet(self) -> list[KillPoint]:
        return [moment for moment in KillPoint if not self.tally.met[moment]]

    @property
    def is_clean(self) -> bool:
        return not self.tally.findings


def torture(wish: RunOptions, folder: Path, on_kill: Callable[[int], None] = lambda _: None) -> Outcome:
    """Carry a run out in a folder. A chapter's own folder stays there only when something was found in it.

    A few kills are added when a moment was not met. With fewer kills than there are moments, some stay unmet.
    """
    outcome, chance = Outcome(), random.Random(wish.seed)
    kinds = _kinds(wish)
    while (left := _kills_left(wish, outcome)) and len(outcome.kept) < _MOST_CHAPTERS_WITH_FINDINGS:
        inventory, durability = next(kinds)
        aims = _aims(inventory, outcome, chance)[: min(left, _KILLS_A_CHAPTER)]
        plan = Plan(
            number=outcome.chapters + 1, seed=wish.seed, folder=folder / f"chapter-{outcome.chapters + 1}",
            inventory=inventory, durability=durability, aims=aims, callers=wish.callers, between=wish.between,
        )  # fmt: skip
        _carry_out(plan, outcome, on_kill)
    return outcome


def _kills_left(wish: RunOptions, outcome: Outcome) -> int:
    """Return how many kills are still to be made, those included that are added for unmet moments."""
    left = wish.kills - outcome.tally.killed
    if left <= 0 and wish.kills > len(KillPoint):
        return max(0, min(len(outcome.unmet), left + _MOST_ADDED))
    return max(left, 0)


def _carry_out(plan: Plan, outcome: Outcome, on_kill: Callable[[int], None]) -> None:
    kills = count(outcome.tally.killed + 1)
    chapter = Campaign(plan, lambda: on_kill(next(kills)))
    chapter.run()
    outcome.chapters += 1
    outcome.tally.add(chapter.tally)
    if chapter.tally.findings:
        outcome.kept.append(chapter.kept or plan.folder)
    else:
        rmtree(plan.folder)


def _kinds(wish: RunOptions) -> Iterator[tuple[Inventory, str]]:
    """Yield what chapters are about: small and large in turn, with every durability."""
    big = large(wish.large_listings)
    for number in count():
        durability = wish.durabilities[(number // 2 + number) % len(wish.durabilities)]
        yield (big if number % 2 else SMALL), durability


def _aims(inventory: Inventory, outcome: Outcome, chance: random.Random) -> list[KillPoint]:
    """Return what a chapter aims at: first what was not met yet, then everything it can."""
    able = list(_SMALL if inventory is SMALL else _LARGE)
    chance.shuffle(able)
    able.sort(key=lambda moment: moment not in outcome.unmet)
    return [*able, *chance.choices(able, k=_KILLS_A_CHAPTER)]
