"""``@pytest.mark.mockpos(...)``: what a test wants its sandbox to begin with, checked when tests are collected.

The sandbox is named after its test, with a seed that is its own and the same in every run.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockpos.testing.sandbox import Sandbox
    from mockpos.testing.server import Server

NAME = "mockpos"
AUDITS = ("off", "warn", "error")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a test wants. ``audit`` is None where the option or the ini file decides."""

    scenario: str | Mapping[str, Any] | None = None
    fixture: str | None = None
    freeze: str | datetime | None = None
    seed: int | None = None
    audit: str | None = None


_FIELDS = tuple(Wanted.__dataclass_fields__)


def wanted_by(item: pytest.Item) -> Wanted:
    """Merge the marks of a test, its class and its module, the nearest first. They were checked before."""
    values: dict[str, Any] = {}
    for mark in item.iter_markers(NAME):
        values = {**mark.kwargs, **values}
    return Wanted(**values)


def faults_of(item: pytest.Item) -> list[str]:
    """Return what is wrong with the marks of a test, as sentences that name it."""
    found = []
    for mark in item.iter_markers(NAME):
        if mark.args:
            found.append(f"{item.nodeid}: write the arguments of @pytest.mark.mockpos with their names")
        for name, value in mark.kwargs.items():
            fault = _fault(name, value)
            if fault:
                found.append(f"{item.nodeid}: @pytest.mark.mockpos({name}=...): {fault}")
    return found


def _fault(name: str, value: object) -> str:
    """Return what is wrong with one argument, or nothing."""
    if name not in _FIELDS:
        near = get_close_matches(name, _FIELDS, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(_FIELDS)}"
        return f"there is no such argument{hint}"
    if name == "seed":
        fits = isinstance(value, int) and not isinstance(value, bool)
        return "" if fits else f"{value!r} is not a whole number"
    if name == "audit":
        return "" if value in AUDITS else f"{value!r} is not one of {', '.join(AUDITS)}"
    if name == "freeze":
        return _no_moment(value)
    if name == "scenario" and isinstance(value, Mapping):
        return ""
    return "" if isinstance(value, str) and value else f"{value!r} is not a name"


def _no_moment(value: object) -> str:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return ""
    return f"{value!r} is not a moment with its time zone; write it as 2026-11-23T20:00Z"


_LONGEST_NAME = 64
_IDLE = "1h"
"""Longer than somebody looks at a test in a debugger; a crashed worker's sandboxes go after it."""


def sandbox_for(node_id: str, server: "Server", wanted: Wanted) -> "Sandbox":
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
