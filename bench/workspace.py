"""Where measurements are made: folders, inventories, the effort, and whom to tell what is going on."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.effort import Effort
from bench.inventory import make_inventory
from bench.servers.server import Running, Server, running


@dataclass(frozen=True, slots=True)
class Workspace:
    """Handed to every measurement. ``against`` names the servers to measure beside mockpos, None for all."""

    folder: Path
    effort: Effort
    tell: Callable[[str], None]
    against: frozenset[str] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def inventory(self, *, listings: int, seats: int, keep: int | None = None) -> Path:
        """Return an inventory file of that size, made at its first use. Servers get copies."""
        path = self.folder / f"inventory-{listings}-{seats}-{keep or listings}.json"
        if not path.exists():
            self.tell(f"making an inventory of {keep or listings:,} listings")
            make_inventory(path, listings=listings, seats=seats, keep=keep)
        return path

    @contextmanager
    def running(self, server: Server) -> Iterator[Running]:
        """Start a server in a folder of its own; stop it and remove the folder at the end. Raises Unmeasurable."""
        self.tell(f"starting {server.title}")
        folder = self.folder / f"{next(self._numbers)}-{server.name}"
        try:
            with running(server, folder) as started:
                yield started
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def wanted(self, *servers: Server) -> list[Server]:
        """Return those that are to be measured beside mockpos."""
        return [server for server in servers if self.against is None or server.name in self.against]
