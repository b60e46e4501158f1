"""On what, and with what, something was measured."""

import importlib.metadata
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.tools import TOOLS

ROOT = Path(__file__).parents[1]
_PACKAGES = ("mockpos", "flask", "werkzeug", "gunicorn", "httptools", "greenlet", "msgspec", "marshmallow")
_RESULTS = ":(exclude)bench/results", ":(exclude)bench/RESULTS.md"


def machine() -> dict[str, Any]:
    """Describe this machine: processor, cores, memory, kernel."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": cpu.group(1).strip() if cpu else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """Return the versions of Python, of mockpos with what it runs on, and of the tools that are there."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found | {tool.name: version for tool in TOOLS if (version := tool.version()) is not None}


def stamp() -> dict[str, Any]:
    """Return the date, the commit, whether files differed from it, and how busy the machine was (1 is one core)."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *_RESULTS)
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(changed),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _git(*words: str) -> str | None:
    """Return what git says, or None outside a repository."""
    try:
        done = subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
