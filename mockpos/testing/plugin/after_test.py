"""What is looked at after a test: of one that failed its calls, of one that passed what it left behind.

The latter when nothing of the test can follow any more.
"""

from collections.abc import Iterable, Sequence
from inspect import isasyncgenfunction, isgeneratorfunction, unwrap
from typing import Any

import pytest

from mockpos.control_client import ControlError
from mockpos.testing.plugin.marker import wanted_by
from mockpos.testing.sandbox import Sandbox

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
        f"audit: {len(audit.findings)} finding{'' if len(audit.findings) == 1 else 's'}"
        if audit.findings
        else "audit: clean",
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
