"""The JSON Schema of scenario files, for editors: completion, hover texts and red underlines while typing.

The fields come from the schemas that read them; here stands what the fields of a rule must be to each other. The loader
is the judge; what JSON Schema cannot say (unique rule ids, min under max) only the loader refuses.
``python -m mockpos.scenario.shipped`` writes it to ``schema.json``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario import kinds, schema
from mockpos.scenario.kinds import one_or_many
from mockpos.scenario.outcomes import Phase
from mockpos.scenario.refusals import UNCERTAIN, operations_of
from mockpos.scenario.schema import DelaySchema, PosSchema, RawSchema, RuleSchema, ScenarioSchema, WhenSchema
from mockpos.validation.fields import Json, object_schema


def json_schema() -> Json:
    """Return the schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mockpos scenario",
        "description": "How the automator misbehaves. Rules are tried in order; the first that matches decides alone.",
        **object_schema(schema.ScenarioSchema()),
        "$defs": {
            "duration": kinds.DURATION,
            "globs": one_or_many({"type": "string", "minLength": 1, "maxLength": kinds.LONGEST_GLOB}),
            "rule": _rule(),
        },
    }


def _rule() -> Json:
    rule = object_schema(schema.RuleSchema())
    delays = [{"$ref": "#/$defs/duration"}, _delay("min", "max"), _delay("median", "p99")]
    rule["properties"]["delay"]["anyOf"] = delays
    actions = object_schema(schema.PosSchema())
    rule["properties"]["pos"] |= {"type": "array", "minItems": 1, "maxItems": schema.MOST_ACTIONS, "items": actions}
    return {**rule, "allOf": list(_rule_conditions())}


def _delay(*names: str) -> Json:
    return {**object_schema(schema.DelaySchema(only=names)), "required": list(names)}


def _rule_conditions() -> Iterator[Json]:
    """Yield what the fields of a rule must be to each other."""
    for name, other in (("respond", "fault"), ("respond", "raw"), ("fault", "raw")):
        yield {"not": {"required": [name, other]}}
    yield {"dependentRequired": {"details": ["respond"], "retry_after": ["respond"]}}
    late = {"const": Phase.AFTER_COMMIT.value}
    uncertain = {"required": ["respond"], "properties": {"respond": {"enum": sorted(UNCERTAIN)}}}
    yield _if({"phase": late}, {"anyOf": [{"required": ["fault"]}, {"required": ["raw"]}, uncertain]})
    yield _if({"delay_at": late}, {"required": ["delay"]})
    by_operations: dict[tuple[Operation, ...], list[str]] = {}
    for name in schema.CODES:
        by_operations.setdefault(operations_of(name), []).append(name)
    for operations, codes in by_operations.items():
        if len(operations) < len(Operation):
            names = {"enum": [operation.value for operation in operations]}
            yield _if({"respond": {"enum": codes}}, {"properties": {"on": one_or_many(names)}})
    for name in schema.CODES:
        members = {member: _like(member, example) for member, example in CATALOGUE[name].details.items()}
        details = {"type": "object", "additionalProperties": False, "properties": members}
        yield _if({"respond": {"const": name}}, {"properties": {"details": details}})


def _like(name: str, example: object) -> Json:
    """Return what a detail of an answer can be, judged by the catalogue's example."""
    match example:
        case list():
            return {"type": "array", "items": {"type": "integer"}}
        case dict():
            return {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
        case int():
            return {"type": ["integer", "null"]}
    text: Json = {"type": ["string", "null"]}
    return {**text, "pattern": r"^\d{4}-\d\d-\d\dT"} if name.endswith("_at") else text


def _if(fields: Json, then: Json) -> Json:
    return {"if": {"required": list(fields), "properties": fields}, "then": then}


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
