"""mockpos as it was at an earlier commit, in an environment of its own: what a change is compared with, in one run."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench.servers.mockpos_serve import OPTIONS
from bench.servers.server import Server

COMMIT = "f4c83f1"
"""The last commit before the redesign, whose figures the goals are ratios of."""

_ROOT = Path(__file__).parents[2]
_FOLDER = _ROOT / "bench" / "previous" / COMMIT
_PYTHON = _FOLDER / ".venv" / "bin" / "python"
_READY = _FOLDER / "ready"


def installed() -> str | None:
    """Return the commit when it is installed."""
    return COMMIT if _READY.exists() else None


def install() -> None:
    """Check the commit out of the repository's history and install it with its C parser of HTTP.

    Raises CalledProcessError: no such commit here (a shallow clone), or no C compiler.
    """
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    archive = subprocess.run(("git", "archive", COMMIT), cwd=_ROOT, check=True, stdout=subprocess.PIPE).stdout
    subprocess.run(("tar", "-x", "-C", str(_FOLDER)), input=archive, check=True)
    subprocess.run((sys.executable, "-m", "venv", str(_FOLDER / ".venv")), check=True)
    subprocess.run((str(_PYTHON), "-m", "pip", "install", "--quiet", f"{_FOLDER}[fast]"), check=True)
    _READY.touch()


def previous(inventory: Path, listings: int, *options: str) -> Server:
    """Return the earlier mockpos over a copy of an inventory."""

    def prepare(folder: Path, port: int) -> list[str]:
        shutil.copyfile(inventory, folder / "inventory.json")
        return [str(_PYTHON), "-P", "-m", "mockpos", "serve", "--port", str(port), *OPTIONS, *options]

    return Server("previous", f"mockpos at {COMMIT}", prepare)
