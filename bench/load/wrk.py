"""Load by wrk: many callers at once, each sending its next call when the answer to its last one is there."""

import json
import secrets
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.errors import Unmeasurable

SCRIPT = Path(__file__).with_name("hold.lua")
FIRST_LISTING = 100_001
"""The number in the Remote ID of a seeded world's first listing: TG-100001."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What is called: ``holds`` of ``quantity`` on ``listings`` in turn; other kinds end what they held (hold.lua)."""

    listings: int
    path: str = "/v1/holds"
    quantity: int = 2
    header: str = "-"
    kind: str = "holds"
    begin_within_ms: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: how many calls were answered in how long, and how long one took, in microseconds."""

    requests: int
    duration_us: int
    p50_us: int
    p90_us: int
    p99_us: int
    max_us: int

    @property
    def per_s(self) -> float:
        """Return the answers per second."""
        return self.requests / self.duration_us * 1e6

    def document(self) -> dict[str, Any]:
        """Return it for a results file."""
        return {**asdict(self), "per_s": round(self.per_s, 1)}


def wrk_command(port: int, calls: Calls, *, callers: int, seconds: int) -> list[str]:
    """Return the command for ``seconds`` of load. Every run has Global IDs of its own and its own first listing."""
    token = secrets.token_hex(4)
    start = Random(token).randrange(calls.listings)  # any number will do, as long as runs differ
    script = (token, calls.path, FIRST_LISTING, calls.listings, start, calls.quantity, calls.header, calls.kind)
    return [
        *("wrk", "--threads", "1", "--connections", str(callers), "--duration", f"{seconds}s", "--timeout", "60s"),
        *("--script", str(SCRIPT), f"http://127.0.0.1:{port}{calls.path}", "--"),
        *(str(argument) for argument in (*script, calls.begin_within_ms, callers)),
    ]


def wrk(port: int, calls: Calls, *, callers: int = 32, seconds: int) -> Load:
    """Call for ``seconds`` and return what came of it. Raises Unmeasurable when any call failed."""
    command = wrk_command(port, calls, callers=callers, seconds=seconds)
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 120)
    if done.returncode != 0:
        raise Unmeasurable(f"wrk ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return parse_wrk(done.stdout)


def parse_wrk(output: str) -> Load:
    """Read the line that hold.lua writes. Raises Unmeasurable when calls failed, or none was answered."""
    line = next((line for line in output.splitlines() if line.startswith("{")), None)
    if line is None:
        raise Unmeasurable(f"wrk wrote no summary: {output.strip()[-300:]}")
    summary = json.loads(line)
    failed = {kind: count for kind, count in summary.pop("errors").items() if count}
    if failed:
        told = ", ".join(f"{count} {kind}" for kind, count in failed.items())
        raise Unmeasurable(f"of {summary['requests']} calls some failed ({told}), so the run does not count")
    if not summary["requests"]:
        raise Unmeasurable("wrk had no answer to any call")
    return Load(**summary)
