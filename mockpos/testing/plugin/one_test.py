"""One test: what its sandbox begins with, and what is looked at after it.

``@pytest.mark.mockpos(...)`` says what a test wants, and is checked when tests are collected. The sandbox is named
after its test, with a seed that is its own and the same in every run. Of a test that failed its calls are shown; of one
that passed what it left behind, when nothing of the test can follow any more.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from hashlib import blake2b
from inspect import isasyncgenfunction, isgeneratorfunction, unwrap
from typing import TYPE_CHECKING, Any

import pytest

from mockpos.control_client import ControlError
from mockpos.domain.counted import counted
from mockpos.testing.sandbox import Sandbox

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


_MOST_CALLS = 40
_CURLS = 3


def failure_report(sandbox: Sandbox, *, stays: bool) -> str:
    """Return the report; ``stays`` tells that the server is still there after the tests."""
    try:
        calls = sandbox.journal
        audit = sandbox.audit()
        scenario, now = sandbox.scenario, sandbox.clock.now
        curls = [sandbox.curl(call["request_id"]) for call in calls[-_CURLS:]]
    except ControlError as error:
        return f"nothing can be said of sandbox {sandbox.name}: {error}"
    after = "" if stays else "\n(gone with the tests; `mockpos exec --keep -- pytest ...` keeps it)"
    parts = [
        f"sandbox {sandbox.name}, seed {sandbox.seed}, scenario {scenario or 'none'}, clock {now:%Y-%m-%dT%H:%M:%SZ}",
        "",
        *_calls(calls),
        "",
        f"audit: {counted(len(audit.findings), 'finding') if audit.findings else 'clean'}",
        *(f"  {finding}" for finding in audit.findings),
    ]
    if curls:
        parts += ["", f"the last calls again, with MOCKPOS_KEY={sandbox.api_key}:", *curls]
    return "\n".join([*parts, "", f"console: {sandbox.url}/_mock/console/{after}"])


def _calls(calls: Sequence[dict[str, Any]]) -> list[str]:
    if not calls:
        return ["no call came to this sandbox: does the client use its url or its api_key?"]
    left_out = [f"({len(calls) - _MOST_CALLS} earlier calls are left out)"] if len(calls) > _MOST_CALLS else []
    rows = [_row(call) for call in calls[-_MOST_CALLS:]]
    return left_out + _aligned([("time", "operation", "answer", "about", "effect", "sent", "decided by"), *rows])


def _row(call: dict[str, Any]) -> tuple[str, ...]:
    about = " ".join(str(call[name]) for name in ("global_id", "remote_id", "order_id") if call[name] is not None)
    effect = "replayed" if call["replayed"] else "committed" if call["committed"] else "none"
    rule = f"{call['scenario']}/{call['rule']}: {call['injected']}" if call["rule"] else "state"
    return (
        call["at"][11:23],
        call["operation"] or call["method"],
        f"{call['status']} {call['code']}" if call["committed"] or call["sent"] == "complete" else call["code"],
        about or call["target"],
        effect,
        str(call["sent"]).replace("_", " "),
        rule,
    )


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return columns as wide as they need to be; texts of callers are made safe for a terminal."""
    safe = [tuple("".join(c if c.isprintable() else "\ufffd" for c in cell)[:60] for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in safe]


_USERS = pytest.StashKey[set[str]]()
_CLEARS_AWAY = pytest.StashKey[bool]()
_LOOK_LATER = pytest.StashKey[bool]()


class MockposWarning(pytest.PytestWarning):
    """A test left something behind on the automator's side: an orphaned hold, an answer never followed up."""


def note_fixture(item: pytest.Item, name: str, uses: tuple[str, ...], function: Any) -> None:
    """Remember a fixture of a test that uses its sandbox, and whether it does something when the test is over."""
    users = item.stash.setdefault(_USERS, {"mockpos"})
    if users.intersection(uses):
        users.add(name)
        function = unwrap(function)
        if isgeneratorfunction(function) or isasyncgenfunction(function):
            item.stash[_CLEARS_AWAY] = True


def function_passed(item: pytest.Item, sandbox: Sandbox) -> None:
    """Look at what a test function left behind, unless its fixtures may still clear it away."""
    if item.stash.get(_CLEARS_AWAY, False):
        item.stash[_LOOK_LATER] = True
    else:
        _look(item, sandbox)


def fixtures_are_over(item: pytest.Item, sandbox: Sandbox) -> None:
    """Look at what a test that passed left behind, if its fixtures could clear it away."""
    if item.stash.get(_LOOK_LATER, False):
        item.stash[_LOOK_LATER] = False
        _look(item, sandbox)


def _look(item: pytest.Item, sandbox: Sandbox) -> None:
    given = wanted_by(item).audit or item.config.getoption("mockpos_audit") or item.config.getini("mockpos_audit")
    if given == "off":
        return
    try:
        findings = sandbox.audit().findings
    except ControlError as error:
        raise pytest.fail.Exception(f"mockpos: {error}", pytrace=False) from None
    if not findings:
        return
    told = f"{item.name} left something behind:\n" + "\n".join(f"  {finding}" for finding in findings)
    if given == "error":
        pytest.fail(told, pytrace=False)
    item.warn(MockposWarning(told))
