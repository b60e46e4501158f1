"""A sandbox that is in use is not dropped, however long its last call is past."""

from dataclasses import dataclass
from threading import Thread

from mockpos.sandboxes.registry import Sandboxes
from mockpos.sandboxes.sandbox import Sandbox
from tests.conftest import TestBed


@dataclass
class Seconds:
    """Real seconds that pass only when told."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def made(bed: TestBed) -> tuple[Sandboxes, Sandbox, Seconds]:
    """Return sandboxes with one that is dropped after a minute without a call."""
    seconds, known = Seconds(), bed.mock.sandboxes
    sandboxes = Sandboxes(known.default, known._factory, seconds)
    return sandboxes, sandboxes.create(name="one", ttl_s=60), seconds


def test_a_sandbox_that_nobody_uses_is_dropped_after_its_ttl(bed: TestBed) -> None:
    sandboxes, _, seconds = made(bed)
    seconds.now = 60
    assert sandboxes.drop_idle() == []
    seconds.now = 61
    assert sandboxes.drop_idle() == ["one"]


def test_an_open_stream_of_events_is_use(bed: TestBed) -> None:
    sandboxes, sandbox, seconds = made(bed)
    with sandbox.telemetry.events.subscribe():
        seconds.now = 3600
        assert sandboxes.drop_idle() == []
    seconds.now = 3660
    assert sandboxes.drop_idle() == []
    seconds.now = 3661
    assert sandboxes.drop_idle() == ["one"]


def test_a_delayed_call_is_use(bed: TestBed) -> None:
    sandboxes, sandbox, seconds = made(bed)
    sleeper = Thread(target=sandbox.delayed_calls.sleep, args=(20,))
    sleeper.start()
    while not len(sandbox.delayed_calls):
        pass
    seconds.now = 3600
    assert sandboxes.drop_idle() == []
    sandbox.delayed_calls.wake("it is enough")
    sleeper.join()
    seconds.now = 3661
    assert sandboxes.drop_idle() == ["one"]
