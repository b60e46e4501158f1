"""The server that is going to be killed: one process, or a process group with a shell in front, over one folder.

It knows signals and files, not HTTP.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

INVENTORY = "inventory.json"
_START_S = 60.0
_STOP_S = 60.0
_IN_USE = "in use by"


class DidNotStart(Exception):
    """The server ended before it was ready. ``in_use`` tells whether because another one has the file."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.in_use = _IN_USE in said


class ServerProcess:
    """Starts, kills and stops ``mockpos serve`` over one inventory file, over and over."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        self.folder = folder / "inventory"
        self.folder.mkdir(parents=True)
        self.inventory = self.folder / INVENTORY
        self.log = folder / "server.log"
        self._commit_log = self.folder / f"{INVENTORY}.log"
        self._kept = folder / "as-the-kill-left-it"
        self._ready = folder / "ready.txt"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, as_group: bool = False) -> None:
        """Start it; it is not ready yet. As a group it has a shell in front, as under make."""
        self._ready.unlink(missing_ok=True)
        serve = [sys.executable, "-m", "mockpos", "serve", "--port", "0", "--ready-file", str(self._ready), "--quiet"]
        shell = ["sh", "-c", '"$@"; exit $?', "sh"] if as_group else []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKPOS_")}
        self._said_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*shell, *serve, *self._options],
                cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def url(self) -> str:
        """Wait until it answers and return where. Raises DidNotStart."""
        deadline = time.monotonic() + _START_S
        while not self._ready.exists():
            if self.has_ended or time.monotonic() > deadline:
                raise DidNotStart(self._said())
            time.sleep(0.005)
        return self._ready.read_text(encoding="utf-8").strip()

    @property
    def pid(self) -> int:
        """Return its process id, where no shell stands in front."""
        assert self._process is not None
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    @property
    def is_ready(self) -> bool:
        return self._ready.exists()

    def signal(self, number: int) -> None:
        """Send a signal to its whole process group, which is itself alone where nothing stands in front.

        Not to one that has ended: its number may be another's by now.
        """
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def kill(self) -> bool:
        """Kill it now; tell whether it was alive until then."""
        assert self._process is not None
        self.signal(signal.SIGKILL)
        return self._process.wait() == -signal.SIGKILL

    def stopped(self) -> int:
        """Wait until a stop that was asked for is done; return the exit status."""
        assert self._process is not None
        return self._process.wait(_STOP_S)

    def end(self) -> None:
        """Leave nothing running, whatever happened."""
        if self._process is not None:
            self.signal(signal.SIGKILL)
            self._process.wait()

    def leftovers(self) -> frozenset[str]:
        """Return the names of the files in its folder."""
        with os.scandir(self.folder) as found:
            return frozenset(entry.name for entry in found)

    def log_size(self) -> int:
        """Return the commit log's size in bytes, 0 when there is none."""
        try:
            return self._commit_log.stat().st_size
        except FileNotFoundError:
            return 0

    def has_torn_log(self) -> bool:
        """Tell whether the commit log ends in the middle of a line."""
        return self.log_size() > 0 and not self._commit_log.read_bytes().endswith(b"\n")

    def keep_leftovers(self) -> Path:
        """Copy the files as they are now, in case they turn out to be worth looking at; return where."""
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.folder, self._kept)
        return self._kept

    def complaints(self) -> list[str]:
        """Return the lines of its log that no server should write."""
        words = ("Traceback", "does not add up", "the app failed", "Error:", "never awaited")
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in words)]

    def _said(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return log.read().decode("utf-8", "replace").strip()
