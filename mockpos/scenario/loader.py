"""Reads scenarios from YAML and JSON. Whatever is wrong is refused in full before anything takes effect."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from mockpos.domain.errors import BadInput
from mockpos.scenario import checks
from mockpos.scenario.checks import warnings
from mockpos.scenario.model import Conditions, DrawBy, Rule, Scenario
from mockpos.scenario.outcomes import Outcome, Phase, Respond
from mockpos.scenario.schema import ScenarioSchema
from mockpos.validation.schema import Place, Problem, dotted, problems_of
from mockpos.yaml_file import YamlDocument, parse_yaml, plain, read_yaml


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file. Raises BadInput listing every fault, each as FILE:LINE: PLACE: what is wrong."""
    return _from_document(read_yaml(path))


def load_scenario_text(text: str, name: str) -> Scenario:
    """Read a scenario from YAML text; ``name`` stands for the file in messages. Raises BadInput."""
    return _from_document(parse_yaml(text, name))


def scenario_from_dict(content: Mapping[str, Any], source: str = "inline") -> Scenario:
    """Read a scenario from parsed JSON. Raises BadInput listing every fault with its place."""
    return _load(content, source, lambda place: 0, lambda place, message: f"{_shown(place)}{message}")


def _from_document(document: YamlDocument) -> Scenario:
    return _load(
        document.content, document.name, document.line, lambda place, message: str(document.bad(place, message))
    )


def _load(
    content: Mapping[str, Any], source: str, line: Callable[[Place], int], tell: Callable[[Place, str], str]
) -> Scenario:
    def refused(found: list[Problem]) -> BadInput:
        in_order = sorted(found, key=lambda problem: line(problem[0]))
        return BadInput("\n".join(tell(place, message) for place, message in in_order))

    try:
        read: dict[str, Any] = ScenarioSchema().load(content)
    except ValidationError as error:
        raise refused(problems_of(error)) from None
    found = list(checks.problems(read))
    if found:
        raise refused(found)
    rules = tuple(_rule(rule, line(("rules", index))) for index, rule in enumerate(read["rules"]))
    made = {
        "name": read["name"],
        "summary": " ".join(read.get("summary", "").split()),
        "seed": read.get("seed", 0),
        "rules": rules,
    }
    warned = tuple(tell(("rules", index, *place), message) for index, place, message in warnings(Scenario(**made)))
    return Scenario(**made, source=source, warnings=warned)


def _rule(content: Mapping[str, Any], line: int) -> Rule:
    return Rule(
        id=content["id"],
        on=content["on"],
        when=content.get("when", Conditions()),
        draw_by=content.get("draw_by", DrawBy.GLOBAL_ID),
        times=content.get("times"),
        delay=content.get("delay"),
        delay_at=content.get("delay_at", Phase.BEFORE_COMMIT),
        outcome=_outcome(content),
        phase=content.get("phase", Phase.BEFORE_COMMIT),
        pos=content.get("pos", ()),
        line=line,
    )


def _outcome(content: Mapping[str, Any]) -> Outcome | None:
    if "respond" not in content:
        forced: Outcome | None = content.get("fault") or content.get("raw")
        return forced
    retry_after_ms = content.get("retry_after")
    return Respond(
        content["respond"],
        plain(content.get("details", {})),
        None if retry_after_ms is None else -(-retry_after_ms // 1000),
    )


def _shown(place: Place) -> str:
    return f"{dotted(place)}: " if place else ""
