"""How the clock was set is kept with the world, over a crash and over a clean stop."""

import shutil
from pathlib import Path

from mockpos.domain.clock import ClockSetting, Millis
from mockpos.services.place_hold import place_hold
from mockpos.store.json_file_store import JsonFileStore
from tests.conftest import NOON, ManualClock, a_world


def test_it_survives_a_crash_and_a_clean_stop(tmp_path: Path, clock: ManualClock) -> None:
    store = JsonFileStore(tmp_path / "i.json", clock, make_world=a_world)
    store.keep_clock(ClockSetting(1_200_000, None), Millis(NOON + 1_200_000))
    crashed = tmp_path / "crashed"
    shutil.copytree(tmp_path, crashed, ignore=shutil.ignore_patterns("*.lock", "crashed"))
    store.close()
    for folder in (tmp_path, crashed):
        again = JsonFileStore(folder / "i.json", clock)
        assert again.world.clock == ClockSetting(1_200_000, None)
        again.close()


def test_set_back_on_purpose_time_goes_back(make_store, clock: ManualClock) -> None:
    store = make_store()
    clock.advance(60_000)
    with store.transaction() as tx:
        place_hold(tx, remote_id="TG-1", quantity=1, global_id="later", ttl_ms=1000)
    clock.at = NOON
    store.keep_clock(ClockSetting(), NOON)
    with store.transaction() as tx:
        assert tx.now == NOON
