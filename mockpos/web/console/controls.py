"""The page of controls: scenarios, the clock, snapshots, files, sandboxes, view links."""

from typing import Any

from flask import request

from mockpos.bootstrap import fixture_names
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.conditions import Facts
from mockpos.scenario.dry_run import PlannedCall, dry_run
from mockpos.scenario.model import Scenario
from mockpos.web.console.pages import Pages
from mockpos.web.console.show import of_one_code, stories
from mockpos.web.control.scenario import from_yaml

_PLANNED = 6
_START = """name: mine
summary: Every third invoice finds the POS unavailable.
seed: 1
rules:
  - id: busy
    on: invoice
    when: {chance: 0.33}
    respond: pos_unavailable
"""


class Controls:
    """The page of controls."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def show(self, sandbox: Sandbox) -> str:
        """Show every control."""
        registry = sandbox.selector.registry
        return self._pages.render(
            sandbox, "controls", stories=stories(registry), codes=of_one_code(registry), start=_START,
            plan=planned(sandbox.selector.active, sandbox.seed), fixtures=fixture_names(),
            **shown_parts(self._pages, sandbox),
        )  # fmt: skip

    def check(self, sandbox: Sandbox) -> str:
        """Check a scenario that is being written, and tell what it would do."""
        text = request.form.get("yaml", "")
        try:
            told = self._pages.access.call(sandbox, "POST", "/scenario/check", body={"yaml": text})
            scenario = from_yaml(text) if told["ok"] else None
        except (MockMisuse, BadInput) as error:
            told, scenario = {"ok": False, "faults": [str(error)], "warnings": []}, None
        return self._pages.render(sandbox, "checked", told=told, plan=planned(scenario, sandbox.seed))


def shown_parts(pages: Pages, sandbox: Sandbox) -> dict[str, Any]:
    """Return what the lists of the page show: snapshots, sandboxes, view links."""
    call = pages.access.call
    return {
        "snapshots": call(sandbox, "GET", "/snapshots")["snapshots"],
        "sandboxes": call(sandbox, "GET", "/sandboxes")["sandboxes"],
        "links": pages.access.links.listed(sandbox.name),
        "host": request.host_url.rstrip("/"),
    }


def planned(scenario: Scenario | None, seed: int) -> list[tuple[str, list[PlannedCall]]]:
    """Return what a scenario has in store for the next calls of a few buyers, an operation at a time."""
    if scenario is None:
        return []
    found = []
    for operation in (Operation.HOLD, Operation.INVOICE):
        calls = [_facts(operation, number) for number in range(1, _PLANNED + 1)]
        found.append((operation.value, dry_run(scenario, calls, sandbox_seed=seed)))
    return found


def _facts(operation: Operation, number: int) -> Facts:
    return Facts(operation, f"buyer-{number}", remote_id="TG-1042", quantity=2, order_id=f"order-{number}")
