"""What a test that passed left behind, looked for when nothing of the test can follow any more."""

from inspect import isasyncgenfunction, isgeneratorfunction, unwrap
from typing import Any

import pytest

from mockpos.testing.control import ControlError
from mockpos.testing.plugin.marker import wanted_by
from mockpos.testing.sandbox import Sandbox

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
