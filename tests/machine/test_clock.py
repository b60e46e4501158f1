"""The clock by the fewest calls: expiry latches, time never goes back by itself, a change comes at one moment."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.store.json_file_store import JsonFileStore
from tests.conftest import NOON, BedMaker, ManualClock, TestBed
from tests.machine.calls import Body, Call, call
from tests.machine.compared_worlds import real_world, settings_of
from tests.machine.interfaces import HttpInterface
from tests.machine.model import Policy

MINUTE = 60_000
THREADS, ROUNDS = 8, 20
POLICY = Policy(ttl_ms=15 * MINUTE)


@pytest.mark.parametrize("change", [{"set": "2026-11-23T12:05:00Z"}, {"set": "2026-11-23T12:14:59Z"}])
def test_a_hold_that_has_expired_does_not_live_again_when_the_clock_is_set_back(bed: TestBed, change: object) -> None:
    bed.hold("TG-1", 2, "g-1")  # until 12:15
    bed.clock.advance(20 * MINUTE)  # and nobody calls meanwhile
    answer = bed.call("POST", "/_mock/clock", change).json
    assert [each["global_id"] for each in answer["expired"]] == ["g-1"]
    assert bed.invoice("g-1").json["code"] == "hold_expired"


def test_a_hold_that_has_expired_does_not_live_again_when_the_clock_is_reset(bed: TestBed) -> None:
    bed.hold("TG-1", 2, "g-1")
    bed.call("POST", "/_mock/clock", {"advance": "10m"})
    bed.clock.advance(6 * MINUTE)
    answer = bed.call("POST", "/_mock/clock", {"reset": True}).json
    assert [each["global_id"] for each in answer["expired"]] == ["g-1"]
    assert bed.invoice("g-1").json["code"] == "hold_expired"


@pytest.mark.parametrize("change", [{"advance": "20m"}, {"freeze": True}])
def test_time_does_not_go_back_when_a_clock_moves_on_after_the_machines_jumped_back(
    bed: TestBed, change: object
) -> None:
    held_at = bed.hold("TG-1", 2, "g-1").json["held_at"]
    bed.clock.advance(-60 * MINUTE)
    assert bed.hold("TG-1", 1, "g-2").json["held_at"] == held_at  # held at the last committed time
    assert bed.call("POST", "/_mock/clock", change).json["now"] >= held_at


def test_the_next_expiry_is_one_that_frees_tickets(make_bed: BedMaker) -> None:
    bed = make_bed()
    steal = {"name": "steal", "rules": [{"id": "it", "on": "hold", "times": 1, "pos": [{"steal": True}]}]}
    bed.call("PUT", "/_mock/scenario", {"scenario": steal})
    bed.hold("TG-1", 2, "g-stolen")
    bed.clock.advance(MINUTE)
    lapses_at = bed.hold("TG-1", 2, "g-other").json["expires_at"]
    refused = bed.hold("TG-1", 1, "g-late").json
    assert (refused["code"], refused["next_expiry_at"]) == ("held_by_another", lapses_at)


def a_door(folder: Path) -> HttpInterface:
    """Serve the inventory file of a folder."""
    machine = ManualClock()
    clock = SandboxClock(machine)
    store = JsonFileStore(folder / "inventory.json", clock, make_world=lambda: real_world(POLICY))
    clock.restore(store.world.clock)
    return HttpInterface(store, clock, machine, settings_of(POLICY))


def at_once(door: HttpInterface, calls: list[Call]) -> list[Body]:
    """Make calls from a thread each, as a threaded WSGI server does; return the answers."""
    start = Barrier(len(calls))

    def make(made: Call) -> Body:
        beside = door.beside()
        start.wait(timeout=30)
        return beside.send(made)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


ADVANCE = call("set_clock", advance=MINUTE)


@pytest.mark.usefixtures("eager_threads")
def test_changes_of_the_clock_at_once_come_one_after_the_other_and_survive_a_restart(tmp_path: Path) -> None:
    door = a_door(tmp_path)
    said = [each["now"] for _ in range(ROUNDS) for each in at_once(door, [ADVANCE] * THREADS)]
    assert sorted(said) == [NOON + number * MINUTE for number in range(1, ROUNDS * THREADS + 1)]
    door.mock.inventory.close()
    again = a_door(tmp_path)
    again.mock.inventory.close()
    assert again.mock.sandboxes.default.clock.now() == NOON + ROUNDS * THREADS * MINUTE


@pytest.mark.usefixtures("eager_threads")
def test_a_change_of_the_clock_tells_what_it_ended_though_other_calls_come_at_once(tmp_path: Path) -> None:
    door = a_door(tmp_path)
    look = call("look", remote_id="TG-1")
    for number in range(ROUNDS):
        door.send(call("hold", remote_id="TG-1", quantity=2, global_id=f"g-{number}"))
        changed, *_ = at_once(door, [call("set_clock", advance=15 * MINUTE), *[look] * (THREADS - 1)])
        assert changed["expired"] == (f"g-{number}",)
    door.mock.inventory.close()
