"""What a process takes, from outside: memory, open files, threads, and the files beside its inventory."""

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.torture.client import Client
from tests.torture.server_process import INVENTORY


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. ``seconds`` since the begin, memory in kB (RSS), files in bytes."""

    seconds: float
    calls: int
    rss_kb: int
    descriptors: int
    threads: int
    log_bytes: int
    file_bytes: int
    sandboxes: int


class Sampler:
    """Looks at one server process."""

    def __init__(self, pid: int, folder: Path, url: str) -> None:
        self._process = Path(f"/proc/{pid}")
        self._folder = folder
        self._client = Client(url)
        self._begun = time.monotonic()

    def look(self, calls: int) -> Sample:
        """Look once. Raises Lost when the server is gone."""
        sandboxes = self._client.call("GET", "/_mock/sandboxes").body["sandboxes"]
        status = (self._process / "status").read_text(encoding="utf-8")
        sizes = {entry.name: entry.stat().st_size for entry in os.scandir(self._folder) if _is_there(entry)}
        return Sample(
            seconds=round(time.monotonic() - self._begun, 1),
            calls=calls,
            rss_kb=_number(status, "VmRSS"),
            descriptors=len(os.listdir(self._process / "fd")),
            threads=_number(status, "Threads"),
            log_bytes=sum(size for name, size in sizes.items() if name.startswith(f"{INVENTORY}.log")),
            file_bytes=sizes.get(INVENTORY, 0),
            sandboxes=len(sandboxes),
        )

    def __enter__(self) -> "Sampler":
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._client.close()


def _is_there(entry: "os.DirEntry[str]") -> bool:
    """Tell whether a file is still there: a checkpoint may just have taken it away."""
    try:
        entry.stat()
    except FileNotFoundError:
        return False
    return True


def _number(status: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    assert found is not None, name
    return int(found[1])
