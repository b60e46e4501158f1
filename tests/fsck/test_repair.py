"""A repair keeps what is whole, makes nothing up, never gets past a gap, and copies first what it changes."""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockpos.domain.errors import BadInput, InventoryLocked
from mockpos.fsck.check import check
from mockpos.fsck.repair import carry_out, planned_repair
from tests.conftest import a_listing
from tests.fsck.looks import (
    GOOD_HOLD,
    GOOD_INVOICE,
    GOOD_LISTING,
    INVOICED,
    UNDER_HOLD,
    flip,
    line_starts,
    repaired,
    states_of,
    tables,
)
from tests.store.actors import assert_adds_up, state_of
from tests.store.disk import Opener, busy, crashed, files

SEED = int(os.environ.get("MOCKPOS_SEED", "20261123"))


def assert_copied(folder: Path, before: dict[str, bytes]) -> None:
    """Every file that there was is there as it was, under its own name or under its copy's."""
    after = files(folder)
    for name, data in before.items():
        copy = "inventory.json.before-repair.1" + name.removeprefix("inventory.json")
        assert data in (after.get(name), after.get(copy)), name


def test_a_flipped_byte_anywhere_in_the_log_costs_nothing_before_it(open_store: Opener, path: Path) -> None:
    """Property: the repaired world is that after the last commit before the damage."""
    store = open_store(path, a_listing(quantity=40))
    states = list(states_of(store))
    crash = crashed(store, "crash")
    crash.with_name("inventory.json.lock").unlink()
    original = files(crash.parent)
    log = original["inventory.json.log"]
    chance = random.Random(SEED)
    places = [*range(0, line_starts(log)[1], 7), *chance.sample(range(line_starts(log)[1], len(log)), 60), len(log) - 1]
    for place in places:
        for file in crash.parent.iterdir():
            file.unlink()
        for name, data in original.items():
            crash.with_name(name).write_bytes(data)
        flip(crash.with_name("inventory.json.log"), place, chance.randint(1, 255))
        before = files(crash.parent)
        is_header_proven = place < line_starts(log)[1] and not check(crash).report.findings[0].passed

        repaired(crash)

        assert check(crash).report.findings == [], place
        assert_copied(crash.parent, before)
        reopened = open_store(crash)
        line = log[:place].count(b"\n")
        kept = len(states) - 1 if is_header_proven else max(0, line - 1)
        assert state_of(reopened) == states[kept], place
        assert_adds_up(reopened)
        reopened.close()


def test_damage_in_an_older_log_leaves_out_what_came_after_it_in_both(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=60))
    states = list(states_of(store, "first"))
    next(store.checkpoint_in_slices())
    list(states_of(store, "second"))
    copy = crashed(store, "copy")
    older = copy.with_name("inventory.json.log.1")
    flip(older, line_starts(older.read_bytes())[6])
    before = files(copy.parent)
    with planned_repair(copy, lambda percent: None) as repair:
        assert "leave out 12 commits past the gap; the copies keep them" in repair.steps()
        carry_out(repair)
    assert_copied(copy.parent, {name: data for name, data in before.items() if not name.endswith(".lock")})
    assert check(copy).report.findings == []
    assert state_of(open_store(copy)) == states[5]


def test_an_older_log_that_was_cut_is_kept_up_to_there(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=60))
    states = list(states_of(store, "first"))
    next(store.checkpoint_in_slices())
    list(states_of(store, "second"))
    copy = crashed(store, "copy")
    older = copy.with_name("inventory.json.log.1")
    older.write_bytes(older.read_bytes()[:-30])
    repaired(copy)
    assert check(copy).report.findings == []
    assert state_of(open_store(copy)) == states[-2]


def test_a_torn_last_line_needs_no_repair(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=60))
    states = list(states_of(store))
    copy = crashed(store, "copy")
    log = copy.with_name("inventory.json.log")
    log.write_bytes(log.read_bytes()[:-5])
    before = files(copy.parent)
    assert repaired(copy) == []
    assert files(copy.parent) == {name: data for name, data in before.items() if not name.endswith(".lock")}
    assert state_of(open_store(copy)) == states[-2]


def test_leftovers_are_left_to_the_next_start(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=60))
    busy(store)
    copy = crashed(store, "copy")
    copy.with_name("inventory.json.lock").unlink()
    before = files(copy.parent)
    for ending in (".new", ".other.3", ".log.new", ".probe"):
        copy.with_name(copy.name + ending).write_bytes(b"unfinished")
    assert repaired(copy) == []
    open_store(copy).close()
    assert files(copy.parent).keys() == before.keys() - {"inventory.json.log"}


REFUSED = {
    "not JSON": "{",
    "a bad document": tables(listings=[GOOD_LISTING | {"quantity": 0}]),
    "a hold on an unknown listing": tables(holds=[GOOD_HOLD]),
    "an invoice without its hold": tables(listings=[GOOD_LISTING], invoices=[GOOD_INVOICE]),
    "two live holds on one seat": tables(
        listings=[UNDER_HOLD | {"available": 0, "held": 4, "free_seats": []}],
        holds=[GOOD_HOLD, GOOD_HOLD | {"global_id": "g-2"}],
    ),
    "one good and one bad": tables(listings=[UNDER_HOLD, GOOD_LISTING | {"remote_id": "B", "section": ""}]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_takes_a_guess_is_refused_and_left_alone(path: Path, case: str) -> None:
    path.write_text(REFUSED[case])
    before = files(path.parent)
    with planned_repair(path, lambda percent: None) as repair:
        assert repair.blockers
        assert all(blocker.way_out for blocker in repair.blockers)
        assert (repair.copies, repair.steps(), repair.log) == ((), [], None)
    assert files(path.parent) == before


def test_a_file_edited_beside_commits_is_nobodys_to_choose(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    busy(store)
    copy = crashed(store, "copy")
    copy.write_bytes(copy.read_bytes().replace(b"120.00", b"130.00"))
    with planned_repair(copy, lambda percent: None) as repair:
        assert [blocker.kind for blocker in repair.blockers] == ["changed_by_hand"]


def test_a_finding_that_no_start_minds_does_not_keep_the_logs_from_being_repaired(
    open_store: Opener, path: Path
) -> None:
    twice = [INVOICED, INVOICED | {"global_id": "g-2"}]
    listing = GOOD_LISTING | {"quantity": 30, "available": 26, "held": 0, "sold": 4, "free_seats": ["9-34"]}
    invoices = [GOOD_INVOICE, GOOD_INVOICE | {"global_id": "g-2", "order_id": "o-2", "invoice_id": "INV-000002"}]
    path.write_text(tables(listings=[listing], holds=twice, invoices=invoices))
    store = open_store()
    busy(store)
    copy = crashed(store, "copy")
    log = copy.with_name("inventory.json.log")
    flip(log, line_starts(log.read_bytes())[3])
    repaired(copy)
    assert [finding.kind for finding in check(copy).report.findings] == ["sold_twice"]
    assert len(open_store(copy).world.live) == 2


def test_an_inventory_in_use_is_not_repaired(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing())
    before = files(path.parent)
    with pytest.raises(InventoryLocked, match="in use by process"), planned_repair(path, lambda percent: None):
        raise AssertionError("it was taken all the same")
    assert files(path.parent) == before


def test_copies_never_take_the_place_of_older_ones(open_store: Opener, path: Path) -> None:
    path.write_text(tables(listings=[GOOD_LISTING]))
    for number in (1, 2, 3):
        log = path.with_name("inventory.json.log")
        log.write_bytes(b"damaged %d\n" % number)
        repaired(path)
        assert path.with_name(f"inventory.json.before-repair.{number}.log").read_bytes() == b"damaged %d\n" % number


def test_the_copies_are_an_inventory_of_their_own(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=60))
    states = list(states_of(store))
    copy = crashed(store, "copy")
    log = copy.with_name("inventory.json.log")
    start = line_starts(log.read_bytes())[4]
    flip(log, start, 8)
    repaired(copy)
    aside = copy.with_name("inventory.json.before-repair.1")
    flip(aside.with_name(aside.name + ".log"), start, 8)  # somebody found out what the byte was
    assert check(aside).report.is_clean
    assert state_of(open_store(aside)) == states[-1]


def test_a_repair_does_not_take_its_own_lock_for_one_that_was_left(open_store: Opener, path: Path) -> None:
    copy = crashed(open_store(path, a_listing()), "copy")
    with planned_repair(copy, lambda percent: None) as repair:
        assert copy.with_name("inventory.json.lock").exists()
        assert "lock_left" not in [finding.kind for finding in repair.report.findings]


@pytest.mark.parametrize("function", ["truncate", "unlink", "fsync"])
def test_a_repair_that_is_interrupted_can_be_made_again(
    open_store: Opener, path: Path, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(path, a_listing(quantity=60))
    states = list(states_of(store, "first"))
    next(store.checkpoint_in_slices())
    list(states_of(store, "second"))
    for step in range(20):
        copy = crashed(store, f"copy-{step}")
        older = copy.with_name("inventory.json.log.1")
        flip(older, line_starts(older.read_bytes())[6])
        with monkeypatch.context() as patch:
            patch.setattr(os, function, failing_at(step, getattr(os, function)))
            try:
                repaired(copy)
                done = True
            except BadInput:
                done = False
        repaired(copy)
        assert check(copy).report.findings == []
        assert state_of(open_store(copy)) == states[5], step
        if done:
            assert step > 0
            return
    raise AssertionError("the repair never ended")


def failing_at(step: int, real: Callable[..., Any]) -> Callable[..., Any]:
    calls: list[int] = []

    def fail(*arguments: Any, **keywords: Any) -> Any:
        calls.append(1)
        if len(calls) > step:
            raise OSError(28, "No space left on device", str(arguments[0]))
        return real(*arguments, **keywords)

    return fail
