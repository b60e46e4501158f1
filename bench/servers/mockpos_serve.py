"""mockpos as a user has it: ``mockpos serve`` with file, log, journal, audit, metrics and scenario engine."""

import shutil
import sys
from pathlib import Path

from bench.load.wrk import Calls
from bench.servers.server import Server

OPTIONS = ("--quiet", "--hold-ttl", "24h")
"""Apart from a user's: no line in the terminal for each call, and no hold lapses while a long run is measured."""


def mockpos(inventory: Path | None, listings: int, *options: str, calls: Calls | None = None) -> Server:
    """Return mockpos over a copy of an inventory, or over the shipped arena when there is none."""

    def prepare(folder: Path, port: int) -> list[str]:
        if inventory is not None:
            shutil.copyfile(inventory, folder / "inventory.json")
        return [sys.executable, "-m", "mockpos", "serve", "--port", str(port), *OPTIONS, *options]

    return Server(
        name="mockpos",
        title=f"mockpos, {listings:,} listings",
        prepare=prepare,
        calls=calls or Calls(listings),
        remote_id="TG-1042" if inventory is None else "TG-100001",
    )
