"""The page of controls: scenarios, the clock, snapshots, files, sandboxes, view links."""

from typing import Any

from flask import request

from mockpos.bootstrap import fixture_names
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.engine import PlannedCall, dry_run
from mockpos.scenario.magic import NAME as MAGIC
from mockpos.scenario.model import Facts, Scenario
from mockpos.web.console.pages import Pages
from mockpos.web.control.scenario import from_yaml

_PLANNED = 6
_SHOWN_FIRST = "lost-answers"  # what Global IDs are for
_START = """name: mine
summary: Every third invoice finds the POS unavailable.
seed: 1
rules:
  - id: busy
    on: invoice
    when: {chance: 0.33}
    respond: pos_unavailable
"""


def stories(pages: Pages, sandbox: Sandbox, *, of_one_code: bool = False) -> list[dict[str, Any]]:
    """List the scenarios, or those that answer one operation with one code: ``hold-listing_sold_out``."""
    told = pages.call(sandbox, "GET", "/scenarios")["scenarios"]
    wanted = [
        each for each in told if each["name"] != MAGIC and (each["name"].partition("-")[2] in CATALOGUE) is of_one_code
    ]
    return sorted(wanted, key=lambda each: (each["name"] != _SHOWN_FIRST, each["name"]))


def show(pages: Pages, sandbox: Sandbox) -> str:
    """Show every control."""
    return pages.render(
        sandbox, "controls", stories=stories(pages, sandbox), codes=stories(pages, sandbox, of_one_code=True),
        start=_START, plan=_planned(sandbox.selector.active, sandbox.seed), **shown_parts(pages, sandbox),
    )  # fmt: skip


def check(pages: Pages, sandbox: Sandbox) -> str:
    """Check a scenario that is being written, and tell what it would do."""
    text = request.form.get("yaml", "")
    try:
        told = pages.call(sandbox, "POST", "/scenario/check", body={"yaml": text})
        scenario = from_yaml(text) if told["ok"] else None
    except (MockMisuse, BadInput) as error:
        told, scenario = {"ok": False, "faults": [str(error)], "warnings": []}, None
    return pages.render(sandbox, "checked", told=told, plan=_planned(scenario, sandbox.seed))


def shown_parts(pages: Pages, sandbox: Sandbox) -> dict[str, Any]:
    """Return what the lists of the page show: snapshots, sandboxes, view links."""
    return {
        "snapshots": pages.call(sandbox, "GET", "/snapshots")["snapshots"],
        "sandboxes": pages.call(sandbox, "GET", "/sandboxes")["sandboxes"],
        "fixtures": fixture_names(),
        "links": pages.links.listed(sandbox.name),
        "host": request.host_url.rstrip("/"),
    }


def _planned(scenario: Scenario | None, seed: int) -> list[tuple[str, list[PlannedCall]]]:
    """Return what a scenario has in store for the next calls of a few buyers, an operation at a time."""
    if scenario is None:
        return []
    planned = []
    for operation in (Operation.HOLD, Operation.INVOICE):
        buyers = [(f"buyer-{n}", f"order-{n}") for n in range(1, _PLANNED + 1)]
        calls = [Facts(operation, name, remote_id="TG-1042", quantity=2, order_id=order) for name, order in buyers]
        planned.append((operation.value, dry_run(scenario, calls, sandbox_seed=seed)))
    return planned
