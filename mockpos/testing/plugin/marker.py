"""``@pytest.mark.mockpos(...)``: what a test wants its sandbox to begin with. Checked when tests are collected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import pytest

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
