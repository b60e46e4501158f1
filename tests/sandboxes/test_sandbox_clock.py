import pytest

from mockpos.domain.clock import ClockSetting, Millis
from mockpos.domain.errors import StoreUnavailable
from mockpos.sandboxes.sandbox import SandboxClock
from tests.conftest import NOON, ManualClock, TestBed


def test_it_shows_the_machines_time_until_it_is_set(clock: ManualClock) -> None:
    mine = SandboxClock(clock)
    clock.advance(5)
    assert mine.now() == NOON + 5
    assert mine.setting.is_real


def test_frozen_it_stands_still_and_goes_on_from_there(clock: ManualClock) -> None:
    mine = SandboxClock(clock)
    mine.freeze(True)
    clock.advance(1000)
    assert mine.now() == NOON
    mine.freeze(False)
    clock.advance(10)
    assert mine.now() == NOON + 10


def test_advanced_it_goes_on_or_stands_still_as_before(clock: ManualClock) -> None:
    mine = SandboxClock(clock)
    mine.advance(60_000)
    clock.advance(1)
    assert mine.now() == NOON + 60_001
    mine.freeze(True)
    mine.advance(10)
    clock.advance(1)
    assert mine.now() == NOON + 60_011


class TickingClock:
    """A millisecond goes by whenever somebody looks."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> Millis:
        self.looks += 1
        return Millis(NOON + self.looks)


@pytest.mark.parametrize("setting", [ClockSetting(), ClockSetting(7)])
def test_a_change_loses_nothing_of_what_goes_by_meanwhile(setting: ClockSetting) -> None:
    mine = SandboxClock(TickingClock(), setting)
    mine.advance(60_000)
    assert mine.setting == ClockSetting(setting.offset_ms + 60_000)
    mine.not_before(Millis(NOON))
    assert mine.setting == ClockSetting(setting.offset_ms + 60_000)
    mine.freeze(False)  # it is not frozen
    assert mine.setting == ClockSetting(setting.offset_ms + 60_000)


def test_set_back_and_reset(clock: ManualClock) -> None:
    mine = SandboxClock(clock)
    mine.set(NOON - 5000)
    assert mine.now() == NOON - 5000
    mine.reset()
    assert mine.now() == NOON


def test_a_setting_can_be_kept_and_restored(clock: ManualClock) -> None:
    mine = SandboxClock(clock)
    mine.advance(7)
    kept = mine.setting
    mine.freeze(True)
    mine.restore(kept)
    assert (mine.setting, mine.now()) == (ClockSetting(7), NOON + 7)


def test_a_clock_that_cannot_be_kept_stays_as_it_was(bed: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(setting: ClockSetting, at: Millis) -> None:
        raise StoreUnavailable("inventory.json: cannot be written (No space left on device)")

    bed.call("POST", "/_mock/clock", {"freeze": True})
    before = bed.call("GET", "/_mock/clock").json
    monkeypatch.setattr(bed.store, "_note_clock", full)
    refused = bed.call("POST", "/_mock/clock", {"advance": "20m"})
    assert (refused.status_code, refused.json["code"]) == (503, "pos_unavailable")
    assert bed.call("GET", "/_mock/clock").json == before
