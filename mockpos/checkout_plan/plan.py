"""A plan: a YAML file, checked in full before anything is served; every fault names its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, validate

from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.files import shipped
from mockpos.scenario.loader import scenario_from_dict
from mockpos.validation.schema import Strict, duration, nearest, problems_of, text, truth
from mockpos.yaml_file import plain, read_yaml

FOLDER = "checkout-plans"
_SUFFIXES = (".yaml", ".yml")


class End(StrEnum):
    """How a purchase may end."""

    BOUGHT = "bought"
    NOTHING = "nothing"
    """No ticket is sold, and none is held."""


class PlanSchema(Strict):
    """A plan."""

    name = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9-]{0,40}\Z"))
    summary = text(200, required=True)
    do = text(300, required=True, metadata={"description": "What to do now; {quantity} and {listing} stand in it."})
    quantity = fields.Integer(strict=True, load_default=2, validate=validate.Range(1, 100))
    sold_out = truth(load_default=False, metadata={"description": "All tickets are sold before."})
    ends = fields.List(fields.Enum(End, by_value=True), required=True, validate=validate.Length(1))
    meets = fields.List(
        fields.Enum(Operation, by_value=True),
        load_default=lambda: [Operation.HOLD],
        metadata={"description": "The calls that have to come; without them nothing is tested."},
    )
    patience = duration(
        load_default=20_000, metadata={"description": "So long is waited while something is open and no call comes."}
    )
    rules = fields.List(fields.Dict(), load_default=list, metadata={"description": "How it answers, as in scenarios."})


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that can be run. ``patience`` is in milliseconds, ``rules`` are those of a scenario."""

    name: str
    summary: str
    do: str
    quantity: int
    sold_out: bool
    ends: tuple[End, ...]
    meets: tuple[Operation, ...]
    patience: int
    rules: tuple[Mapping[str, Any], ...]

    @property
    def scenario(self) -> Mapping[str, Any] | None:
        """Return what the automator plays, or None where it answers well."""
        return {"name": self.name, "summary": self.summary, "rules": list(self.rules)} if self.rules else None

    def instruction(self, listing: str) -> str:
        """Say what is to be done now."""
        return self.do.replace("{quantity}", str(self.quantity)).replace("{listing}", listing)


def load_plan(path: Path) -> Plan:
    """Read a plan. Raises BadInput listing every fault as FILE:LINE: PLACE: what is wrong."""
    document = read_yaml(path)
    content = plain(document.content)
    try:
        read: dict[str, Any] = PlanSchema().load(content)
    except ValidationError as error:
        raise document.all_bad(problems_of(error)) from None
    words = {name: " ".join(read[name].split()) for name in ("summary", "do")}
    lists = {name: tuple(read[name]) for name in ("ends", "meets", "rules")}
    plan = Plan(**{**read, **words, **lists})
    if plan.scenario:
        try:
            scenario_from_dict(plan.scenario)
        except BadInput as error:
            raise BadInput("\n".join(str(document.bad(("rules",), line)) for line in str(error).splitlines())) from None
    return plan


def plan_names() -> list[str]:
    """List the shipped plans, in the order of their files."""
    return [path.stem.partition("-")[2] for path in _files()]


def find_plan(name: str) -> Path:
    """Return the file of a shipped plan, or of one's own. Raises BadInput with the known names."""
    if Path(name).suffix in _SUFFIXES:
        return Path(name)
    if name not in plan_names():
        raise BadInput(f"there is no checkout plan called {name!r}{nearest(name, plan_names())}")
    return _files()[plan_names().index(name)]


def _files() -> list[Path]:
    return sorted((shipped("scenarios") / FOLDER).glob("*.yaml"))
