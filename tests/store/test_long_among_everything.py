"""Imports and sales that break holds, while everything else happens between any two steps of them.

Calls, expiry, other imports and sales, checkpoints, restores, the clock, listings that come and go. What the store
knows at any moment is there after a crash at that moment.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from mockpos.domain.clock import ClockSetting, Millis
from mockpos.fsck.check import check
from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.services import pos
from mockpos.services.import_listings import ImportMode, import_listings
from mockpos.services.ports import Transaction
from mockpos.store.inventory_file import Slices, run_slices
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.world import World
from tests.conftest import ManualClock, a_listing, a_world
from tests.store.actors import assert_adds_up, automator, code_of, state_of
from tests.store.disk import crashed

MANY = 120
LISTINGS = [
    a_listing(f"TG-{n}", 4 if n % 3 else 60, **({} if n % 2 else {"numbering": None})) for n in range(MANY)
]  # those with 60 tickets are held by many
MOST_CRASHES = 12


def state(store: JsonFileStore) -> dict[str, object]:
    """Return everything but the order of listings: what came while an import did stands behind it after a crash."""
    found = state_of(store)
    listings = sorted(found["listings"], key=lambda pair: pair[0].remote_id)  # type: ignore[call-overload]  # a list
    return {**found, "listings": listings, "clock": store.world.clock, "held": store.world.held}


class Everybody:
    """Does one thing after another, some of them in the middle of others."""

    def __init__(self, seed: int, machine: ManualClock, folder: Path) -> None:
        self.draw = Random(seed)
        self.machine = machine
        self.clock = SandboxClock(machine, ClockSetting())
        self.rate = self.draw.choice([0.005, 0.02, 0.05])
        self.depth = self.crashes = 0
        self.checkpoint: Slices = iter(())
        self.kept: list[tuple[World, ClockSetting]] = []
        folder.mkdir()
        self.store = JsonFileStore(
            folder / "i.json", self.clock, make_world=lambda: a_world(*LISTINGS), in_slices=lambda: self.between
        )
        self.acts: dict[Callable[[], object], int] = {
            self.call: 10, self.work: 1, self.lapse: 1, self.move_clock: 1, self.write: 2, self.keep: 1,
            self.go_back: 1, self.change_listing: 2, self.crash: 1,
        }  # fmt: skip

    def between(self) -> None:
        if self.depth < 3 and self.draw.random() < self.rate / (1 + 6 * self.depth):
            self.depth += 1
            self.act()
            self.depth -= 1

    def act(self) -> None:
        self.draw.choices(list(self.acts), list(self.acts.values()))[0]()

    def call(self) -> None:
        name, number = f"g-{self.draw.randrange(300)}", self.draw.choice([self.draw.randrange(MANY), 0, 3, 6])
        calls = automator(self.store)
        kind = self.draw.randrange(4)
        if kind < 2:
            code_of(calls.hold, remote_id=f"TG-{number}", quantity=self.draw.randint(1, 3), global_id=name)
        elif kind == 2:
            code_of(calls.release, global_id=name)
        else:
            code_of(calls.invoice, global_id=name, order_id=f"o-{name}")

    def work(self) -> None:
        self.store.long_transaction(self.draw.choice([self.bring, self.sell]))

    def bring(self, tx: Transaction, between: Callable[[], None]) -> None:
        price, mode = Decimal(self.draw.randrange(1, 99)), self.draw.choice(list(ImportMode))
        sent = [replace(each, wholesale_price=price) for each in LISTINGS if self.draw.random() < 0.8]
        sent = [replace(each, quantity=5) if self.draw.random() < 0.2 else each for each in sent]
        sent += [a_listing(f"N-{self.draw.randrange(50)}-{number}") for number in range(5)]
        import_listings(tx, sent, mode=mode, current=tx.listings(), skip_conflicts=True, between=between)

    def sell(self, tx: Transaction, between: Callable[[], None]) -> None:
        listing = tx.listing(f"TG-{3 * self.draw.randrange(4)}")
        between()
        stock = tx.stock(listing) if listing is not None else None
        if listing is not None and stock is not None and stock.available + stock.held > 2:
            pos.sell_held(tx, listing, stock.available + stock.held - self.draw.randrange(3), between)

    def lapse(self) -> None:
        self.machine.advance(self.draw.randrange(300_000))
        self.store.expire_due()

    def move_clock(self) -> None:
        before = self.clock.setting

        def move(now: Millis) -> ClockSetting:
            self.clock.advance(self.draw.randrange(1_000_000))
            return self.clock.setting

        self.store.change_clock(move, lambda: self.clock.restore(before))

    def write(self) -> None:
        """Go on with a checkpoint, or begin one."""
        for wait in islice(self.checkpoint, self.draw.randrange(1, 80)):
            if wait is not None:
                wait()
        if self.draw.random() < 0.3:
            run_slices(self.checkpoint)
            self.checkpoint = self.store.checkpoint_in_slices()

    def keep(self) -> None:
        self.kept.append((self.store.snapshot(), self.clock.setting))

    def go_back(self) -> None:
        if self.kept and self.draw.random() < 0.3:
            world, setting = self.draw.choice(self.kept)
            self.store.replace_world(world.copy(), lambda: self.clock.restore(setting))

    def change_listing(self) -> None:
        with self.store.transaction() as tx:
            listing = tx.listing(f"TG-{self.draw.randrange(MANY)}")
            if listing is None:
                return
            stock = tx.stock(listing)
            if stock.held or stock.sold:
                tx.put(replace(listing, retired=not listing.retired))
            else:
                tx.drop_listing(listing.remote_id)

    def crash(self) -> None:
        """Look at what a dead process would leave now, and start on top of it."""
        self.crashes += 1
        if self.crashes > MOST_CRASHES:
            return
        expected, copy = state(self.store), crashed(self.store, f"c-{self.crashes}")
        assert not [finding for finding in check(copy).report.findings if finding.refuses_start]
        again = JsonFileStore(copy, self.clock)
        assert state(again) == expected
        again.close()
        shutil.rmtree(copy.parent)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_known_at_any_moment_is_there_after_a_crash(seed: int, clock: ManualClock, tmp_path: Path) -> None:
    everybody = Everybody(seed, clock, tmp_path / "s")
    store = everybody.store
    for _ in range(60):
        everybody.act()
    for _ in range(4):
        everybody.work()
        everybody.crash()
        assert_adds_up(store)
    assert store.followers == []
    expected = state(store)
    store.close()
    again = JsonFileStore(store.path, everybody.clock)
    assert state(again) == expected
    again.close()
