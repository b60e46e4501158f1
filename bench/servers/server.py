"""A server that can be measured: how it is started, and one that runs."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench import process
from bench.errors import Unmeasurable
from bench.load.one_call import hold_once
from bench.load.wrk import FIRST_LISTING, Calls

ANSWER = {
    "global_id": "bench-1",
    "remote_id": "TG-100001",
    "quantity": 2,
    "status": "held",
    "seats": ["5", "6"],
    "held_at": "2026-11-23T14:02:07.120Z",
    "expires_at": "2026-11-23T14:17:07.120Z",
    "available_quantity": 6,
    "replayed": False,
}
"""What stubs answer to every hold: as long as mockpos's own answer."""

_NOT_A_USERS = (
    "PYTHONPATH",
    "MOCKPOS_",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    "PYTHONDEVMODE",
    "NODE_ENV",
    "JAVA_TOOL_OPTIONS",
)


@dataclass(frozen=True, slots=True)
class Server:
    """How to start one. ``prepare`` writes what it needs into an empty folder and returns the command for a port."""

    name: str
    title: str
    prepare: Callable[[Path, int], list[str]]
    calls: Calls = field(default_factory=lambda: Calls(listings=1000))
    remote_id: str = f"TG-{FIRST_LISTING}"


@dataclass(frozen=True, slots=True)
class Running:
    """A started server that has answered a hold, ``ready_s`` seconds after it was started."""

    server: Server
    folder: Path
    port: int
    pid: int
    ready_s: float

    def cpu_s(self) -> float:
        """Return the seconds of CPU that it and its children used so far."""
        return process.cpu_s(self.pid)

    def resident_bytes(self) -> int:
        """Return the resident memory of it and its children."""
        return process.resident_bytes(self.pid)


@contextmanager
def running(server: Server, folder: Path, *, deadline_s: float = 600) -> Iterator[Running]:
    """Start a server in a new folder, wait for its first answered hold, and stop it at the end. Raises Unmeasurable."""
    folder.mkdir(parents=True)
    port = free_port()
    command = server.prepare(folder, port)
    with (folder / "output.txt").open("wb") as output:
        began = time.perf_counter()
        started = subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        _await_hold(server, started, port, folder, began + deadline_s)
        yield Running(server, folder, port, started.pid, time.perf_counter() - began)
    finally:
        _stop(started)


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a user: none of our own switches, and a home of its own for what is littered there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_A_USERS)}
    return {**kept, "HOME": str(folder)}


def _await_hold(server: Server, started: subprocess.Popen[bytes], port: int, folder: Path, deadline: float) -> None:
    while True:
        answer = hold_once(port, server.calls.path, server.remote_id) if _listens(port) else None
        if answer is not None and 200 <= answer.status < 300:
            return
        if started.poll() is not None or time.perf_counter() > deadline:
            end = (
                f"ended with {started.returncode}"
                if started.returncode is not None
                else "did not answer a hold in time"
            )
            said = (folder / "output.txt").read_text("utf-8", "replace").strip()[-600:]
            raise Unmeasurable(f"{server.title} {end}; last answer: {answer}; it wrote: {said or 'nothing'}")
        time.sleep(0.002)


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def _stop(started: subprocess.Popen[bytes]) -> None:
    """End a server and every process it started, politely first."""
    if started.poll() is None:
        started.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            started.wait(30)
    for pid in process.family(started.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    started.wait()
