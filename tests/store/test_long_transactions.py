"""A transaction that changes much lets others go on, counts from one moment to the next, and survives whole or not."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from mockpos.domain.errors import BadInput
from mockpos.domain.listing import Stock
from mockpos.services import pos
from mockpos.services.ports import Transaction
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from tests.conftest import ManualClock, a_listing, a_world
from tests.store.actors import assert_adds_up, automator, code_of, held, state_of, stock_of
from tests.store.disk import crashed

MANY = 400
LISTINGS = [a_listing(f"TG-{number}", 4) for number in range(1, MANY + 1)]
CHEAP = Decimal("1.00")
Between = Callable[[], None]


class Turns:
    """What others do when they may go on: one thing each time, from the start of ``then`` on."""

    def __init__(self) -> None:
        self.others: list[Between] = []
        self.taken = 0

    def __call__(self) -> Between:
        return self.take

    def take(self) -> None:
        self.taken += 1
        if self.others:
            self.others.pop(0)()


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, clock: ManualClock, turns: Turns, tmp_path: Path) -> MemoryStore:
    if request.param == "memory":
        return MemoryStore(a_world(*LISTINGS), clock, in_slices=turns)
    (tmp_path / "s").mkdir()
    return JsonFileStore(tmp_path / "s" / "i.json", clock, make_world=lambda: a_world(*LISTINGS), in_slices=turns)


@pytest.fixture
def file_store(clock: ManualClock, turns: Turns, tmp_path: Path) -> JsonFileStore:
    (tmp_path / "s").mkdir()
    return JsonFileStore(tmp_path / "s" / "i.json", clock, make_world=lambda: a_world(*LISTINGS), in_slices=turns)


def prices(store: MemoryStore) -> set[Decimal]:
    return {listing.wholesale_price for listing, _ in store.listings()}


def make_cheap(tx: Transaction, between: Between) -> int:
    """Change every price, drop TG-1, add TG-new."""
    changed = 0
    for listing in tx.listings():
        if listing.remote_id != "TG-1":
            tx.put(replace(listing, wholesale_price=CHEAP))
            changed += 1
        between()
    tx.drop_listing("TG-1")
    tx.put(a_listing("TG-new", wholesale_price=CHEAP))
    return changed


def double_all(tx: Transaction, between: Between) -> list[str]:
    """Give every listing twice as many tickets where nothing of it is held; return which were left out."""
    left_out = []
    for listing in tx.listings():
        between()
        if tx.stock(listing).held:
            left_out.append(listing.remote_id)
            continue
        more = replace(listing, quantity=8)
        tx.put(more)
        tx.put(Stock.untouched(more))
    return left_out


def test_others_go_on_meanwhile_and_see_all_of_it_or_nothing(store: MemoryStore, turns: Turns) -> None:
    seen: list[set[Decimal]] = []

    def other(number: int) -> None:
        held(store, f"other-{number}", 1, f"TG-{number}")
        seen.append(prices(store))

    turns.others = [lambda number=number: other(number) for number in range(2, MANY)]  # type: ignore[misc]  # mypy wants no default
    assert store.long_transaction(make_cheap) == MANY - 1
    assert turns.taken > MANY
    assert seen[0] == {Decimal("120.00")}
    assert all(len(each) == 1 for each in seen)
    assert prices(store) == {CHEAP}
    assert [listing.remote_id for listing, _ in store.listings()] == [f"TG-{n}" for n in range(2, MANY + 1)] + [
        "TG-new"
    ]
    assert len(store.snapshot().live) == MANY - 2 - len(turns.others), "what others did meanwhile counts"
    assert_adds_up(store)
    assert code_of(automator(store).hold, remote_id="TG-1", quantity=1, global_id="gone") == "listing_not_found"
    store.close()


def test_it_is_done_again_when_others_changed_the_same(store: MemoryStore, turns: Turns) -> None:
    turns.others = [lambda: held(store, "meanwhile", 1, "TG-7")]
    assert store.long_transaction(double_all) == ["TG-7"]
    assert stock_of(store, "TG-7") == (3, 1, 0)
    assert stock_of(store, "TG-8") == (8, 0, 0)
    assert_adds_up(store)
    store.close()


def test_a_hold_that_comes_at_every_turn_makes_it_wait_no_longer_than_a_few_times(
    store: MemoryStore, turns: Turns
) -> None:
    turns.others = [lambda n=n: held(store, f"o-{n}", 1, f"TG-{n % MANY + 1}") for n in range(3 * MANY)]  # type: ignore[misc]  # mypy wants no default
    left_out = store.long_transaction(double_all)
    assert 0 < len(left_out) <= MANY
    assert_adds_up(store)
    store.close()


def test_another_world_that_takes_the_place_meanwhile_is_what_it_is_done_to(store: MemoryStore, turns: Turns) -> None:
    turns.others = [lambda: store.replace_world(a_world(*LISTINGS[:20]))]
    assert store.long_transaction(make_cheap) == 19
    assert store.listing_count() == 20
    store.close()


def test_a_fault_in_it_changes_nothing(store: MemoryStore) -> None:
    def fail(tx: Transaction, between: Between) -> None:
        make_cheap(tx, between)
        raise BadInput("no")

    before = state_of(store)
    with pytest.raises(BadInput):
        store.long_transaction(fail)
    assert state_of(store) == before
    assert store.followers == []
    store.close()


def test_a_sale_that_breaks_holds_is_whole_for_whoever_looks(store: MemoryStore, turns: Turns) -> None:
    for number in range(4):
        held(store, f"h-{number}", 1, "TG-3")
    seen: set[tuple[int, int, int]] = set()
    turns.others = [lambda: seen.add(stock_of(store, "TG-3")) for _ in range(20)]

    def sell(tx: Transaction, between: Between) -> list[str]:
        listing = tx.listing("TG-3")
        assert listing is not None
        return [hold.global_id for hold in pos.sell_held(tx, listing, 3, between)]

    assert store.long_transaction(sell) == ["h-3", "h-2", "h-1"]
    assert seen <= {(0, 4, 0), (0, 1, 3)}
    assert stock_of(store, "TG-3") == (0, 1, 3)
    store.close()


@pytest.mark.parametrize("turns_before_the_end", [200, 6, 4, 2])
def test_a_process_killed_before_the_end_leaves_nothing_of_it(
    file_store: JsonFileStore, clock: ManualClock, turns: Turns, turns_before_the_end: int
) -> None:
    store = file_store
    held(store, "before", 1, "TG-2")
    store.long_transaction(make_cheap)  # learns how many turns there are, on the way to another price
    all_turns = turns.taken
    store.replace_world(a_world(*LISTINGS))
    held(store, "before", 1, "TG-2")
    expected, turns.taken = state_of(store), 0
    copies: list[Path] = []

    def die() -> None:
        copies.append(crashed(store, f"c-{len(copies)}"))

    turns.others = [lambda: None] * (all_turns - turns_before_the_end) + [die]
    store.long_transaction(make_cheap)
    again = JsonFileStore(copies[0], clock)
    assert state_of(again) == expected
    again.close()
    after = state_of(store)
    survived = JsonFileStore(crashed(store, "after"), clock)
    assert state_of(survived) == after
    survived.close()
    store.close()


def test_a_checkpoint_meanwhile_has_its_changes_written_to_the_new_log(
    file_store: JsonFileStore, clock: ManualClock, turns: Turns
) -> None:
    store = file_store
    turns.others = [lambda: None] * (MANY + 8) + [store.checkpoint]
    store.long_transaction(make_cheap)
    assert not turns.others
    held(store, "after", 1, "TG-2")
    expected = state_of(store)
    again = JsonFileStore(crashed(store, "c"), clock)
    assert state_of(again) == expected
    again.close()
    store.close()


def test_a_part_that_was_taken_out_of_the_log_is_missed(file_store: JsonFileStore, clock: ManualClock) -> None:
    store = file_store
    store.long_transaction(make_cheap)
    copy = crashed(store, "c")
    store.close()
    log = copy.with_name(copy.name + ".log")
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:2] + lines[3:]))
    with pytest.raises(BadInput, match="line"):
        JsonFileStore(copy, clock)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_others_do_meanwhile_nothing_of_either_is_lost(
    file_store: JsonFileStore, clock: ManualClock, turns: Turns, seed: int
) -> None:
    store, draw, told = file_store, Random(seed), {}  # type: ignore[var-annotated]  # Global IDs and what they were told

    def act() -> None:
        number, kind = draw.randrange(60), draw.randrange(5)
        name = f"g-{number}"
        if kind < 2:
            told[name, "hold"] = code_of(
                automator(store).hold, remote_id=f"TG-{number + 1}", quantity=1, global_id=name
            )
        elif kind == 2:
            told[name, "release"] = code_of(automator(store).release, global_id=name)
        elif kind == 3:
            told[name, "invoice"] = code_of(automator(store).invoice, global_id=name, order_id=f"o-{name}")
        else:
            clock.advance(draw.randrange(200_000))
            store.expire_due()

    turns.others = [act if draw.random() < 0.3 else (lambda: None) for _ in range(3000)]
    work = draw.choice([make_cheap, double_all])
    store.long_transaction(work)  # type: ignore[arg-type]  # what either returns is of no interest here
    assert_adds_up(store)
    expected = state_of(store)
    again = JsonFileStore(crashed(store, "c"), clock)
    assert state_of(again) == expected
    again.close()
    for name, what in [key for key, code in told.items() if key[1] == "invoice" and code == "ok"]:
        hold = store.peek(name)
        assert hold is not None, what
        assert hold.status.value == "invoiced"
    store.close()


def test_no_checkpoint_ends_the_log_that_a_transaction_is_being_written_to(
    file_store: JsonFileStore, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockpos.store.json_file_store._SMALLEST_CHECKPOINT", 0)
    wanted: list[bool] = []
    file_size = file_store.path.stat().st_size

    def look() -> None:
        if file_store._log.size > file_size and file_store.listing_count() == MANY:
            wanted.append(file_store.wants_checkpoint())

    def add_many(tx: Transaction, between: Between) -> None:
        for number in range(5 * MANY):
            tx.put(a_listing(f"TG-new-{number}"))

    turns.others = [look] * 10_000
    file_store.long_transaction(add_many)
    assert wanted
    assert not any(wanted)
    assert file_store.wants_checkpoint()
    file_store.close()
