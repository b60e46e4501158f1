"""The sandbox of one test: named after it, with a seed that is its own and the same in every run."""

import re
import secrets
from datetime import datetime
from hashlib import blake2b

from mockpos.testing.plugin.marker import Wanted
from mockpos.testing.sandbox import Sandbox
from mockpos.testing.server import Server

_LONGEST_NAME = 64
_IDLE = "1h"
"""Longer than somebody looks at a test in a debugger; a crashed worker's sandboxes go after it."""


def sandbox_for(node_id: str, server: Server, wanted: Wanted) -> Sandbox:
    """Make a sandbox for a test. Raises ControlError for what the server refuses."""
    return server.sandbox(
        sandbox_name(node_id),
        scenario=wanted.scenario,
        fixture=wanted.fixture,
        freeze=wanted.freeze.isoformat() if isinstance(wanted.freeze, datetime) else wanted.freeze,
        seed=seed_of(node_id) if wanted.seed is None else wanted.seed,
        ttl=_IDLE,
    )


def sandbox_name(node_id: str) -> str:
    """Return a name for a test's sandbox: its file and function, and an end that no other run has."""
    words = re.sub(r"[^A-Za-z0-9_]+", "-", node_id.removesuffix("]").rpartition("/")[2].replace(".py", "")).strip("-_")
    end = f"-{secrets.token_hex(3)}"
    return (words[: _LONGEST_NAME - len(end)].rstrip("-") or "test") + end


def seed_of(node_id: str) -> int:
    """Return a seed that is the same in every run of a test."""
    return int.from_bytes(blake2b(node_id.encode(), digest_size=4).digest()) >> 1
