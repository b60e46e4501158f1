"""What a shell completes: names of scenarios, codes, fixtures, listings' and holds' ids, sandboxes and snapshots.

A running server is asked for its own names, for a moment only: completion never keeps a shell waiting.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_PATIENCE_S = 0.5
_MOST = 200


def scenario_names() -> list[str]:
    """Return the names of the shipped scenarios."""
    from mockpos.files import shipped

    return sorted(
        path.stem for path in shipped("scenarios").rglob("*.yaml") if not {"demos", "checkout-plans"} & {*path.parts}
    )


def fixture_names() -> list[str]:
    """Return the names of the shipped worlds."""
    from mockpos.files import shipped

    return sorted(path.stem for path in shipped("fixtures").glob("*.json"))


def code_names() -> list[str]:
    """Return all that a call may end in."""
    from mockpos.domain.codes import CATALOGUE, MOCK_CODES

    return ["held", "released", "invoiced", *CATALOGUE.names(), *MOCK_CODES]


def complete(names: Callable[[], Iterable[str]], *, or_file: bool = False) -> Complete:
    """Return a completer of names that need no server; with ``or_file`` a shell completes files too."""

    def completed(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        found = [CompletionItem(name) for name in names() if name.startswith(begun)]
        if or_file and (not found or "/" in begun or begun.startswith(".")):
            return [CompletionItem(begun, type="file")]
        return found

    return completed


def complete_from_server(path: str, list_name: str, member: str) -> Complete:
    """Return a completer of what a running server lists."""

    def completed(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        found: list[str] = []
        with suppress(Exception):  # whatever is wrong with the server, a shell must not be told while it completes
            found = [str(each[member]) for each in _asked(context, path)[list_name]]
        return [CompletionItem(name) for name in dict.fromkeys(found) if name.startswith(begun)][:_MOST]

    return completed


def _asked(context: click.Context, path: str) -> dict[str, Any]:
    from mockpos.control_client import ControlClient
    from mockpos.settings import DEFAULT_URL

    given = {**(context.parent.params if context.parent else {}), **context.params}
    url = given.get("url") or os.environ.get("MOCKPOS_URL") or DEFAULT_URL
    token = given.get("token") or os.environ.get("MOCKPOS_CONTROL_TOKEN")
    return ControlClient(url, token, given.get("sandbox"), timeout=_PATIENCE_S).get(path)


complete_sandbox = complete_from_server("/sandboxes", "sandboxes", "name")

_BY_NAME: dict[str, Complete] = {
    "scenario": complete(scenario_names, or_file=True),
    "name": complete_from_server("/snapshots", "snapshots", "name"),
    "fixture": complete(fixture_names),
    "code": complete(code_names),
    "sandbox_name": complete_sandbox,
    "remote_id": complete_from_server("/listings?limit=200", "listings", "remote_id"),
    "superseded_by": complete_from_server("/listings?limit=200", "listings", "remote_id"),
    "global_id": complete_from_server("/holds?limit=200", "holds", "global_id"),
}


def completer_of(name: str) -> Complete | None:
    """Return what completes a parameter, by its name."""
    return _BY_NAME.get(name)


def complete_path(kind: str) -> Complete:
    """Return a completer of files or folders (``file``, ``dir``), which a shell finds itself."""
    return lambda context, parameter, begun: [CompletionItem(begun, type=kind)]
