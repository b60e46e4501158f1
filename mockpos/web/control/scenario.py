"""Control calls about scenarios: which there are, which is active, whether one is right; and the magic Remote IDs."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from marshmallow import fields

from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.scenario import magic
from mockpos.scenario.loader import load_scenario_text, scenario_from_dict
from mockpos.scenario.magic import MAGIC, NAME, MagicId
from mockpos.scenario.model import Scenario
from mockpos.scenario.registry import SHIPPED_FOLDERS, ScenarioRegistry
from mockpos.server.greenlets import offload
from mockpos.telemetry.events.state import SCENARIO_CHANGED
from mockpos.validation.schema import text
from mockpos.web.control.calls import Context, ControlCall, OneOf
from mockpos.yaml_file import parse_yaml

_DEEPEST = 40
_MOST_NODES = 50_000


def from_json(content: Mapping[str, Any]) -> Scenario:
    """Read a scenario from parsed JSON. Raises BadInput with every fault, a line each."""
    return _allowed(scenario_from_dict(_plain(content, 0), "inline"))


def from_yaml(text: str) -> Scenario:
    """Read a scenario from YAML text. Raises BadInput with every fault, a line each."""
    if _has_surrogate(text):
        raise BadInput("yaml: has half a surrogate pair")
    if "*" in text and "&" in text:
        _refuse_bomb(parse_yaml(text, "yaml").content)
    return _allowed(load_scenario_text(text, "yaml"))


def _allowed(scenario: Scenario) -> Scenario:
    if scenario.name == magic.NAME:
        raise BadInput(f"name: {magic.NAME} is the built-in scenario of the magic Remote IDs")
    return scenario


def _plain(node: Any, depth: int) -> Any:
    """Return what JSON's reader gave as what a scenario may hold."""
    if depth > _DEEPEST:
        raise BadInput("nested too deeply")
    if isinstance(node, Mapping):
        return {_plain(key, depth): _plain(value, depth + 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item, depth + 1) for item in node]
    if isinstance(node, Decimal):
        return _number(node)
    if isinstance(node, str) and _has_surrogate(node):
        raise BadInput(f"{node[:60]!a} has half a surrogate pair, which is no character")
    if isinstance(node, int) and abs(node) >= 2**63:
        raise BadInput(f"the number {str(node)[:20]}... is too large")
    return node


def _number(number: Decimal) -> float:
    if not number.is_finite() or abs(number) > 10**18:
        raise BadInput(f"the number {str(number)[:20]} is too large")
    return float(number)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _refuse_bomb(content: Any) -> None:
    """Refuse YAML whose aliases make it many times as large as it looks, or endless."""
    for count, _ in enumerate(_nodes(content)):
        if count > _MOST_NODES:
            raise BadInput("yaml: its aliases make it too large")


def _nodes(content: Any) -> Iterator[Any]:
    pending = [content]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Mapping):
            pending += node.values()
        elif isinstance(node, list):
            pending += node


class Choice(OneOf):
    """A scenario by its name, or a whole one."""

    name = text()
    scenario = fields.Dict()


class Checked(OneOf):
    """A scenario as JSON, or as the YAML of a file."""

    scenario = fields.Dict()
    yaml = text(65_536)


def _show_all(context: Context) -> Mapping[str, Any]:
    registry = context.sandbox.selector.registry
    return {"scenarios": offload(lambda: [_summary(registry, name) for name in registry.names()])}


def _show(context: Context) -> Mapping[str, Any]:
    active = context.sandbox.selector.active
    return {"active": active.name if active else None, "scenario": _shown(active) if active else None}


def _choose(context: Context) -> Mapping[str, Any]:
    body = context.body
    scenario = _named(context, body["name"]) if "name" in body else from_json(body["scenario"])
    return _activate(context, scenario)


def _stop(context: Context) -> Mapping[str, Any]:
    return _activate(context, None)


def _check(context: Context) -> Mapping[str, Any]:
    body = context.body
    try:
        found = from_json(body["scenario"]) if "scenario" in body else offload(lambda: from_yaml(body["yaml"]))
    except BadInput as error:
        return {"ok": False, "faults": str(error).split("\n"), "warnings": []}
    return {"ok": True, "faults": [], "warnings": list(found.warnings)}


def _show_magic(context: Context) -> Mapping[str, Any]:
    return {"enabled": context.sandbox.selector.magic, "magic": [_magic(each) for each in MAGIC]}


def _activate(context: Context, scenario: Scenario | None) -> Mapping[str, Any]:
    delayed_calls = len(context.sandbox.delayed_calls)
    context.sandbox.selector.choose(scenario)
    context.sandbox.telemetry.events.tell(SCENARIO_CHANGED, {"active": scenario.name if scenario else None})
    return {**_show(context), "warnings": list(scenario.warnings) if scenario else [], "sleepers_woken": delayed_calls}


def _named(context: Context, name: str) -> Scenario:
    registry = context.sandbox.selector.registry
    if name not in registry.names():
        try:
            return registry.get(name)
        except BadInput as error:
            raise MockMisuse("mock_unknown_scenario", f"name: {error}") from None
    return offload(lambda: registry.get(name))


def _summary(registry: ScenarioRegistry, name: str) -> dict[str, Any]:
    """Describe a scenario of the registry; a file that cannot be read is listed with its fault."""
    try:
        scenario, source = registry.get(name), _source(registry.path(name), name)
    except BadInput as error:
        return {"name": name, "summary": "", "rules": 0, "source": "file", "fault": str(error)}
    return {"name": name, "summary": scenario.summary, "rules": len(scenario.rules), "source": source, "fault": None}


def _source(path: Path, name: str) -> str:
    if name == NAME:
        return "built_in"
    return "shipped" if path.parent in SHIPPED_FOLDERS else "file"


def _shown(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "summary": scenario.summary,
        "seed": scenario.seed,
        "source": scenario.source,
        "rules": [{"id": rule.id, "on": sorted(rule.on), "times": rule.times} for rule in scenario.rules],
    }


def _magic(each: MagicId) -> dict[str, Any]:
    steps = [{"operation": step.operation.value, "meets": step.meets, "code": step.code} for step in each.how_to_try]
    return {
        "remote_id": each.remote_id,
        "operations": [operation.value for operation in each.operations],
        "code": each.code,
        "status": CATALOGUE[each.code].status if each.code else None,
        "what_happens": each.what_happens,
        "how_to_try": steps,
    }


CALLS = (
    ControlCall(
        area="scenario", method="GET", path="/scenarios", summary="List the scenarios", serve=_show_all,
        description="Those that PUT /scenario and the header X-Mockpos-Scenario know: shipped, of the folders of "
        "--scenarios (file), and built_in.",
    ),
    ControlCall(
        area="scenario", method="GET", path="/scenario", summary="Show the active scenario", serve=_show,
        ),
    ControlCall(
        area="scenario", method="PUT", path="/scenario", summary="Choose the active scenario", serve=_choose,
        body=Choice, errors=("mock_unknown_scenario",),
        description="By its name, or whole, as its file would hold it. Its counters begin from nothing, and delayed "
        "calls are woken: they go on as they were meant to, without waiting any longer.",
    ),
    ControlCall(
        area="scenario", method="DELETE", path="/scenario", summary="Let no scenario be active", serve=_stop,
        description="Magic Remote IDs go on working.",
    ),
    ControlCall(
        area="scenario", method="POST", path="/scenario/check", summary="Check a scenario", serve=_check, body=Checked,
        description="Nothing is changed. Faults in YAML name their lines.",
    ),
    ControlCall(
        area="scenario", method="GET", path="/magic", summary="Show the magic Remote IDs", serve=_show_magic,
        ),
)  # fmt: skip
