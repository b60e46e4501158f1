"""What many tests share: a clock that only moves when told, small worlds, stores, an application, a real server."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from mockpos.bootstrap import Mock, make_sandboxes, make_selector
from mockpos.contract.loader import load_contract
from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.listing import Listing
from mockpos.domain.seats import Numbering
from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.scenario.magic import magic_listing
from mockpos.settings import read_settings
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore, no_built_in
from mockpos.store.world import Limits, World
from mockpos.web.app import build_app

NOON = Millis(1_795_435_200_000)
"""2026-11-23T12:00:00.000Z"""

# Hypothesis draws the same examples in every run, and does not mind a slow machine: no property here is about time.
settings.register_profile(
    "any machine", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell; what tests start inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)

MEMORY_DISK = "/dev/shm"
if (
    os.access(MEMORY_DISK, os.W_OK)
    and shutil.disk_usage(MEMORY_DISK).free > 2**30
    and not os.statvfs(MEMORY_DISK).f_flag & os.ST_NOEXEC  # as in a container of Docker's
):  # ``tmp_path`` is there: what waits for a disk waits no longer, and does all the same
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY_DISK)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three for two processors: a third of the time, a test waits for another program, a disk or a clock."""
    return ((os.cpu_count() or 1) * 3 + 1) // 2


@pytest.fixture
def real_disk() -> Iterator[Path]:
    """A folder where a disk makes a program wait, for tests of what is then on it."""
    with TemporaryDirectory(prefix="mockpos-test-") as folder:
        yield Path(folder)


KEY = "mockpos-dev-key"
ROOT = Path(__file__).parent.parent

OUTSIDE = re.compile(
    "CI|BUILD_NUMBER|GITHUB_.*|NO_COLOR|CLICOLOR.*|FORCE_COLOR|PY_COLORS|COLUMNS|LINES|TTY_.*"
    "|PYTEST_(ADDOPTS|PLUGINS|THEME.*)|GUNICORN_CMD_ARGS|WEB_CONCURRENCY|MOCKPOS_(?!HYPOTHESIS).*"
)
"""Variables of whoever runs the tests that would change what programs print or how they are set."""


@pytest.fixture(scope="session", autouse=True)
def own_environment() -> Iterator[None]:
    """Tests, and what they start, see none of these variables but those they set themselves."""
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(OUTSIDE.fullmatch, tuple(os.environ)):
            patch.delenv(name)
        yield


@dataclass
class ManualClock:
    """A clock that stands still until a test moves it."""

    at: Millis = NOON

    def now(self) -> Millis:
        return self.at

    def advance(self, milliseconds: int) -> None:
        self.at = Millis(self.at + milliseconds)


def a_live_hold(global_id: str, *, lapses_in_ms: int = 0, **changes: Any) -> Hold:
    """One ticket of TG-1, held at noon."""
    plain: dict[str, Any] = {
        "remote_id": "TG-1",
        "quantity": 1,
        "status": HoldStatus.HELD,
        "held_at": NOON,
        "expires_at": Millis(NOON + lapses_in_ms),
        "unit_price": Decimal("10.00"),
        "available_after_hold": 0,
    }
    return Hold(global_id=global_id, **(plain | changes))


def a_listing(remote_id: str = "TG-1", quantity: int = 4, **changes: Any) -> Listing:
    """A plain listing: seats from 5 up, 120.00 each."""
    plain: dict[str, Any] = {
        "section": "109",
        "row": "22",
        "wholesale_price": Decimal("120.00"),
        "numbering": Numbering(5),
    }
    return Listing(remote_id=remote_id, quantity=quantity, **{**plain, **changes})


def a_world(*listings: Listing, limits: Limits = Limits()) -> World:
    world = World(limits)
    world.fill(listings or [a_listing()])
    return world


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


StoreMaker = Callable[..., MemoryStore]


@pytest.fixture(params=["memory", "tinydb"])
def make_store(request: pytest.FixtureRequest, clock: ManualClock, tmp_path: Path) -> Iterator[StoreMaker]:
    """Make a store of each kind around a world; every store test runs over all of them."""
    made: list[MemoryStore] = []

    def make(*listings: Listing, limits: Limits = Limits()) -> MemoryStore:
        world = a_world(*listings, limits=limits)
        if request.param == "memory":
            store = MemoryStore(world, clock)
        else:
            path = tmp_path / f"inventory-{len(made)}.json"
            store = JsonFileStore(path, clock, limits=limits, make_world=lambda: world)
        made.append(store)
        return store

    yield make
    for store in made:
        store.close()


class ReadingClient(FlaskClient):
    """Reads each answer to its end at once, as HTTP clients do: a call is recorded when its answer is sent."""

    def open(self, *args: Any, buffered: bool = True, **asked: Any) -> Any:
        return super().open(*args, buffered=buffered, **asked)


@dataclass
class TestBed:
    """An application over a store in memory, with the handles a test needs."""

    __test__ = False

    clock: ManualClock
    store: MemoryStore
    client: FlaskClient
    mock: Mock
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        sent = {"X-API-Key": KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.open(path, method=method, json=json, headers=sent)

    def hold(self, remote_id: str = "TG-1", quantity: Any = 2, global_id: str | None = None) -> Any:
        global_id = f"g-{next(self.ids)}" if global_id is None else global_id
        return self.call("POST", "/v1/holds", {"remote_id": remote_id, "quantity": quantity, "global_id": global_id})

    def release(self, global_id: str) -> Any:
        return self.call("DELETE", f"/v1/holds/{global_id}")

    def invoice(self, global_id: str, order_id: Any = "o-1") -> Any:
        return self.call("POST", "/v1/invoices", {"global_id": global_id, "order_id": order_id})


BedMaker = Callable[..., TestBed]


def a_bed(
    *listings: Listing, clock: ManualClock, monotonic: Callable[[], float] = time.monotonic, **settings: Any
) -> TestBed:
    """Make an application: ``a_bed(listing, ..., clock=ManualClock(), hold_ttl="1m", contract=FILE)``."""
    read = read_settings({name: str(value) for name, value in settings.items()}, {})
    world = a_world(*listings, limits=Limits(read.remember_holds, read.remember_releases))
    sandbox_clock = SandboxClock(clock)
    store = MemoryStore(world, sandbox_clock, built_in=no_built_in if read.no_magic else magic_listing)
    numbers = count(1)
    mock = Mock(
        settings=read,
        sandboxes=make_sandboxes(read, store, sandbox_clock, make_selector(read), clock, monotonic),
        inventory=store,
        new_request_id=lambda: f"req-{next(numbers)}",
        monotonic=monotonic,
    )
    app = build_app(mock, load_contract(read.contract))
    app.test_client_class = ReadingClient
    return TestBed(clock, store, app.test_client(), mock)


@pytest.fixture
def make_bed(clock: ManualClock) -> BedMaker:
    """Make an application whose clock is the test's own: ``make_bed(listing, ..., hold_ttl="1m", contract=FILE)``."""
    return partial(a_bed, clock=clock)


@pytest.fixture
def bed(make_bed: BedMaker) -> TestBed:
    """One listing, TG-1: four numbered seats from 5, 120.00 each, any split."""
    return make_bed()


@dataclass
class RunningServer:
    """A real ``mockpos serve`` in a process of its own."""

    process: subprocess.Popen[str]
    url: str
    folder: Path
    log: Path

    def stop(self, sign: int = signal.SIGTERM, timeout: float = 30) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(timeout)


@contextmanager
def running_server(
    folder: Path, *options: str, deadline_s: float = 30, program: Sequence[str] = ("-m", "mockpos"),
    before: Callable[[], None] | None = None, **environment: str,
) -> Iterator[RunningServer]:  # fmt: skip
    """Start ``mockpos serve`` in a folder on a free port and wait until it answers.

    ``program`` is what Python runs instead of mockpos itself; ``before`` runs in the new process before that does.
    """
    ready, log = folder / "ready.txt", folder / "server.log"
    ready.unlink(missing_ok=True)
    command = [sys.executable, *program, "serve", "--port", "0", "--ready-file", str(ready), *options]
    with log.open("a") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output, text=True,
            preexec_fn=before,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + deadline_s
        while not ready.exists():
            assert process.poll() is None, f"the server ended with {process.returncode}:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"the server was not ready in time:\n{log.read_text()}"
            time.sleep(0.02)
        yield RunningServer(process, ready.read_text().strip(), folder, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A real server over a fresh arena inventory."""
    with running_server(tmp_path) as running:
        yield running
