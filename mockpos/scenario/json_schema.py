"""The JSON Schema of scenario files, for editors: completion, hover texts and red underlines while typing.

The loader is the judge; what JSON Schema cannot say (unique rule ids, min under max) only the loader refuses.
``python -m mockpos.scenario.shipped`` writes it to ``schema.json``.
"""

from collections.abc import Iterator
from typing import Any

from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.split import LARGEST_QUANTITY
from mockpos.scenario import pos_fields, schema, schema_fields
from mockpos.scenario.documented import UNCERTAIN, operations_of
from mockpos.scenario.model import DrawBy
from mockpos.scenario.outcomes import FaultKind, Phase
from mockpos.scenario.reference import note

Json = dict[str, Any]

_DURATION = r"^\s*\d{1,12}(\.\d{1,3})?\s*([mM][sS]|[sSmMhHdD])\s*$"
_PHASES = [phase.value for phase in Phase]


def json_schema() -> Json:
    """Return the schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mockpos scenario",
        "description": "How the automator misbehaves. Rules are tried in order; the first that matches decides alone.",
        **_mapping("scenario", _scenario_fields(), ["name", "rules"]),
        "$defs": {
            "duration": {"type": "string", "pattern": _DURATION, "examples": ["250ms", "2s"]},
            "globs": _one_or_many({"type": "string", "minLength": 1, "maxLength": schema_fields.LONGEST_GLOB}),
            "rule": {**_mapping("rule", _rule_fields(), ["id", "on"]), "allOf": list(_rule_conditions())},
        },
    }


def _mapping(within: str, fields: dict[str, Json], required: list[str] | None = None) -> Json:
    described = {}
    for name, field in fields.items():
        told = note(within, name)
        described[name] = {"description": f"{told.meaning} Takes: {told.takes}.", **field, "examples": [told.example]}
    found: Json = {"type": "object", "additionalProperties": False, "properties": described}
    return {**found, "required": required} if required else found


def _scenario_fields() -> dict[str, Json]:
    return {
        "name": {"type": "string", "pattern": f"^{schema.NAME}$", "not": {"const": "none"}},
        "summary": {"type": "string", "minLength": 1, "maxLength": schema.LONGEST_SUMMARY},
        "seed": {"type": "integer", "minimum": 0, "maximum": schema.LARGEST_SEED},
        "rules": {"type": "array", "minItems": 1, "maxItems": schema.MOST_RULES, "items": {"$ref": "#/$defs/rule"}},
    }


def _rule_fields() -> dict[str, Json]:
    return {
        "id": {"type": "string", "pattern": f"^{schema.NAME}$"},
        "on": _one_or_many({"enum": [str(name) for name in schema.ON]}),
        "when": _mapping("when", _when_fields()),
        "draw_by": {"enum": [key.value for key in DrawBy]},
        "times": {"type": "integer", "minimum": 1},
        "delay": {"anyOf": [{"$ref": "#/$defs/duration"}, _delay("min", "max"), _delay("median", "p99")]},
        "delay_at": {"enum": _PHASES},
        "respond": {"enum": list(schema.CODES)},
        "details": {"type": "object"},
        "retry_after": {"$ref": "#/$defs/duration"},
        "fault": {"enum": [kind.value for kind in FaultKind]},
        "raw": _mapping("raw", _raw_fields(), ["status"]),
        "phase": {"enum": _PHASES},
        "pos": {
            "type": "array",
            "minItems": 1,
            "maxItems": pos_fields.MOST_ACTIONS,
            "items": {**_mapping("pos", _pos_fields()), "minProperties": 1, "maxProperties": 1},
        },
    }


def _when_fields() -> dict[str, Json]:
    globs: Json = {"$ref": "#/$defs/globs"}
    names = {"pattern": f"^{schema.HEADER_NAME}$"}
    return {
        "remote_id": globs,
        "quantity": _range(LARGEST_QUANTITY),
        "global_id": globs,
        "order_id": globs,
        "header": {"type": "object", "minProperties": 1, "propertyNames": names, "additionalProperties": globs},
        "attempt": _range(),
        "call": _range(),
        "chance": {"type": "number", "minimum": 0, "maximum": 1},
    }


def _raw_fields() -> dict[str, Json]:
    return {
        "status": {"type": "integer", "minimum": 200, "maximum": 599},
        "content_type": {"type": "string", "pattern": f"^{schema.MEDIA_TYPE}$"},
        "body": {"type": "string", "maxLength": schema.LARGEST_RAW},
    }


def _pos_fields() -> dict[str, Json]:
    successor = {"type": ["string", "null"], "minLength": 1, "maxLength": 128}
    return {
        "sell_rest": {"const": True},
        "sell": {"type": "integer", "minimum": 1, "maximum": pos_fields.MOST_SOLD},
        "steal": {"const": True},
        "expire_hold": {"const": True},
        "retire": {
            "type": "object",
            "additionalProperties": False,
            "required": ["superseded_by"],
            "properties": {"superseded_by": successor},
        },
        "reprice": {"type": "string", "pattern": r"^\s*\d+(\.\d{1,2}0*)?\s*$"},
    }


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
            yield _if({"respond": {"enum": codes}}, {"properties": {"on": _one_or_many(names)}})
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


def _if(fields: dict[str, Json], then: Json) -> Json:
    return {"if": {"required": list(fields), "properties": fields}, "then": then}


def _one_or_many(item: Json) -> Json:
    return {"anyOf": [item, {"type": "array", "minItems": 1, "maxItems": schema_fields.MOST_GLOBS, "items": item}]}


def _range(most: int | None = None) -> Json:
    number: Json = {"type": "integer", "minimum": 1, **({"maximum": most} if most else {})}
    ends = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {"min": number, "max": number},
    }
    return {"anyOf": [number, ends]}


def _delay(*names: str) -> Json:
    return _mapping("delay", {name: {"$ref": "#/$defs/duration"} for name in names}, list(names))
