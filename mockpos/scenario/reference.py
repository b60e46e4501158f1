"""Every field of a scenario file as documentation shows it, taken from the schemas that read it."""

from dataclasses import dataclass

from mockpos.scenario.schema import DelaySchema, PosSchema, RawSchema, RuleSchema, ScenarioSchema, WhenSchema

_SCHEMAS = {
    "scenario": ScenarioSchema,
    "rule": RuleSchema,
    "when": WhenSchema,
    "delay": DelaySchema,
    "raw": RawSchema,
    "pos": PosSchema,
}


@dataclass(frozen=True, slots=True)
class FieldNote:
    """One field. ``within`` is what it stands in: scenario, rule, when, delay, raw or pos."""

    within: str
    name: str
    takes: str
    meaning: str
    example: object


FIELDS: tuple[FieldNote, ...] = tuple(
    FieldNote(within, name, *field.metadata["note"])
    for within, schema in _SCHEMAS.items()
    for name, field in schema().fields.items()
)
