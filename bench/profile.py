"""Where mockpos spends its CPU under load: by py-spy's samples, or by cProfile where py-spy is not there."""

import os
import pstats
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bench.errors import Unmeasurable
from bench.load.wrk import wrk
from bench.process import family
from bench.rounds import CALLERS
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running, Server
from bench.tools import where
from bench.workspace import Workspace

_LISTINGS = 1000
_RATE = 500
_ROOT = Path(__file__).parents[1]
_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT
_AT_WORK = "_run_once (asyncio/base_events.py"
_ASIDE = ("_run_module_as_main", "<frozen importlib", "(threading.py")
"""Without the event loop in it, such a stack is of the start or of an idle thread; a greenlet's has none of these."""
_FRAME = re.compile(r"(?P<function>.*) \((?P<place>.*?)(:\d+)?\)")


Prepare = Callable[[Path, int], list[str]]


@dataclass(frozen=True, slots=True)
class Spent:
    """A function's share of all the time, by itself and with what it called (0 to 1), and where it is written."""

    function: str
    place: str
    own: float
    total: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What was found, and how: functions by own time, the calls made meanwhile, and the program that looked."""

    by: str
    calls: int
    functions: list[Spent]


def profile(workspace: Workspace, seconds: int) -> Profile:
    """Put mockpos under load for ``seconds`` and look at it. Raises Unmeasurable."""
    plain = mockpos(workspace.inventory(listings=_LISTINGS, seats=1000), _LISTINGS)
    out = workspace.folder / "profile.out"
    sampler = where("py-spy")
    server = replace(plain, prepare=_sampled(plain, sampler, out) if sampler else _traced(plain, out))
    with workspace.running(server) as running:
        workspace.tell(f"{seconds} s of load")
        calls = wrk(running.port, plain.calls, callers=CALLERS, seconds=seconds).requests
        _end(running)
    if not out.exists():
        raise Unmeasurable("the profiler wrote nothing; is it allowed to look at other processes here?")
    functions = by_samples(out.read_text().splitlines()) if sampler else list(_by_tracing(out))
    return Profile("py-spy" if sampler else "cProfile", calls, sorted(functions, key=lambda one: -one.own))


def _sampled(server: Server, sampler: str, out: Path) -> Prepare:
    """Return how to start a server as a child of py-spy, which is allowed to look at its children."""
    options = ("--rate", str(_RATE), "--format", "raw", "--output", str(out))
    return lambda folder, port: [sampler, "record", *options, "--", *server.prepare(folder, port)]


def _traced(server: Server, out: Path) -> Prepare:
    """Return how to start a server under cProfile, which is slower and sees only calls of functions."""

    def prepare(folder: Path, port: int) -> list[str]:
        python, *rest = server.prepare(folder, port)
        return [python, "-m", "cProfile", "-o", str(out), *rest]

    return prepare


def _end(running: Running) -> None:
    """Stop mockpos itself, and wait until the profiler has written what it found."""
    others = [pid for pid in family(running.pid) if pid != running.pid]
    for pid in others or [running.pid]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and os.waitid(os.P_PID, running.pid, _LOOK) is None:
        time.sleep(0.05)


def by_samples(lines: Iterable[str]) -> list[Spent]:
    """Add up stacks as py-spy writes them, "outer (file:line);inner (file:line) 12", of calls being served."""
    own: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    samples = 0
    for line in lines:
        stack, _, count = line.rpartition(" ")
        if not stack or (_AT_WORK not in stack and any(mark in stack for mark in _ASIDE)):
            continue
        frames = [_function(frame) for frame in stack.split(";")]
        samples += int(count)
        own[frames[-1]] += int(count)
        total.update(dict.fromkeys(frames, int(count)))
    return [Spent(*function, own[function] / samples, times / samples) for function, times in total.items()]


def _function(frame: str) -> tuple[str, str]:
    found = _FRAME.fullmatch(frame)
    return (found["function"], _short(found["place"])) if found else (frame, "")


def _by_tracing(out: Path) -> Iterator[Spent]:
    stats = pstats.Stats(str(out)).stats  # type: ignore[attr-defined]  # what the class is for, yet not in its stub
    everything = sum(own for _, _, own, _, _ in stats.values())
    for (place, _, function), (_, _, own, total, _) in stats.items():
        yield Spent(function, _short(place), own / everything, total / everything)


def _short(place: str) -> str:
    """Return a file's place below the installed packages, or below this repository."""
    for above in ("site-packages/", f"{_ROOT}/", f"lib/python{sys.version_info.major}.{sys.version_info.minor}/"):
        place = place.rpartition(above)[2]
    return place
