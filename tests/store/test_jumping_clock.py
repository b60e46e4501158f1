"""A host clock that jumps ahead and back, over a restart too: expired stays expired, time never goes back."""

from pathlib import Path

from mockpos.fsck.check import check
from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.store.json_file_store import JsonFileStore
from tests.conftest import NOON, ManualClock, a_listing, a_world
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, state_of, stock_of
from tests.store.disk import Opener, crashed

HOUR = 3_600_000


def test_ahead_what_is_due_expires_and_stays_expired_when_the_clock_is_put_right(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    store = open_store(path, a_listing(quantity=10))
    held(store, "early", 2)
    clock.advance(HOUR)
    held(store, "ahead", 1)
    assert stock_of(store) == (9, 1, 0)
    clock.advance(-HOUR)
    for now in (store, open_store(crashed(store, "copy"))):
        assert code_of(automator(now).invoice, global_id="early", order_id="o") == "hold_expired"
        assert code_of(automator(now).hold, remote_id="TG-1", quantity=2, global_id="early") == "global_id_closed"
        assert code_of(automator(now).hold, remote_id="TG-1", quantity=1, global_id="ahead") == "replayed"
        assert_adds_up(now)


def test_back_time_stands_at_the_last_commit_and_goes_on_when_the_clock_caught_up(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    store = open_store(path, a_listing(quantity=10))
    held(store, "noon")
    clock.advance(-HOUR)
    assert held(store, "an hour back").held_at == NOON
    clock.advance(HOUR + 5)
    assert held(store, "again").held_at == NOON + 5
    moments = [hold.held_at for hold in store.live_holds()]
    assert sorted(moments) == [NOON, NOON, NOON + 5]


def test_a_start_with_the_clock_set_back_goes_on_from_the_last_commit(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    store = open_store(path, a_listing(quantity=10))
    held(store, "noon")
    killed = crashed(store, "killed")
    store.close()
    clock.advance(-HOUR)
    for inventory in (killed, path):
        again = open_store(inventory)
        assert held(again, f"after {inventory.parent.name}".replace(" ", "-")).held_at == NOON
        assert code_of(automator(again).hold, remote_id="TG-1", quantity=1, global_id="noon") == "replayed"
        assert_adds_up(again)
        again.close()


def test_jumps_to_and_fro_lose_nothing_and_invent_nothing(open_store: Opener, path: Path, clock: ManualClock) -> None:
    store = open_store(path, a_listing(quantity=40))
    ended: set[str] = set()
    last = 0
    for number, jump in enumerate([0, TTL // 2, -HOUR, TTL, 2, -5 * HOUR, 6 * HOUR, -1, TTL - 1, 1]):
        clock.advance(jump)
        held(store, f"g-{number}")
        assert_adds_up(store)
        world = store.snapshot()
        assert world.committed_at >= last
        last = world.committed_at
        assert ended <= {hold.global_id for hold, _ in world.each_closed()}
        ended = {hold.global_id for hold, _ in world.each_closed()}
        assert len(world.live) + len(ended) == number + 1
    expected = state_of(store)
    copy = crashed(store, "copy")
    assert check(copy).report.is_clean
    assert state_of(open_store(copy)) == expected


def test_a_sandbox_clock_that_was_moved_keeps_its_distance_from_a_machine_that_jumps(tmp_path: Path) -> None:
    machine = ManualClock()
    moved = SandboxClock(machine)
    moved.advance(HOUR)
    store = JsonFileStore(tmp_path / "i.json", moved, make_world=a_world)
    store.keep_clock(moved.setting, moved.now())
    held(store, "g-1")
    machine.advance(-2 * HOUR)
    assert held(store, "g-2").held_at == NOON + HOUR
    machine.advance(2 * HOUR + TTL)
    assert [hold.global_id for hold in store.expire_due()] == ["g-1", "g-2"]
    store.close()
    again = SandboxClock(machine)
    reopened = JsonFileStore(tmp_path / "i.json", again)
    again.restore(reopened.world.clock)
    assert again.now() == NOON + HOUR + TTL
    reopened.close()


def test_a_frozen_sandbox_clock_does_not_feel_the_machine_jump(tmp_path: Path) -> None:
    machine = ManualClock()
    frozen = SandboxClock(machine)
    frozen.freeze(True)
    store = JsonFileStore(tmp_path / "i.json", frozen, make_world=a_world)
    held(store, "g-1")
    for jump in (HOUR, -10 * HOUR, 100 * HOUR):
        machine.advance(jump)
        assert store.expire_due() == []
        assert code_of(automator(store).hold, remote_id="TG-1", quantity=1, global_id="g-1") == "replayed"
    store.close()
