"""Writes what is made from code: a scenario file for each (operation, code) pair, ``magic.yaml``, two ``schema.json``.

Run it after a change of the catalogue, the magic table or the file format (``make format``).

The JSON Schema is for editors: completion, hover texts and red underlines while typing. Its fields come from the
schemas that read them; here stands what the fields of a rule must be to each other. The loader is the judge; what JSON
Schema cannot say (unique rule ids, min under max) only the loader refuses.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from mockpos.demo.story import StorySchema
from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.domain.clock import show_duration
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario import kinds, magic, schema
from mockpos.scenario.kinds import one_or_many
from mockpos.scenario.model import Rule
from mockpos.scenario.outcomes import Fault, Fixed, Phase, PlainAction, Respond
from mockpos.scenario.refusals import UNCERTAIN, documented_pairs, operations_of, pair_name
from mockpos.validation.json_schema import object_schema
from mockpos.validation.schema import Json
from tests.json_layout import laid_out

_TOLD_BY_EXAMPLE = ("reason", "hold_status", "invoice_id", "superseded_by")
_WIDTH = 110


def files(scenarios: Path, package: Path) -> dict[Path, str]:
    """Return the text of every file, by where it belongs."""
    made = {
        scenarios / "codes" / f"{pair_name(operation, code)}.yaml": _pair(operation, code)
        for operation, code in documented_pairs()
    }
    made[package / "magic.yaml"] = _magic()
    made[package / "schema.json"] = laid_out(json_schema()) + "\n"
    made[package.parent / "demo" / "schema.json"] = laid_out(story_schema()) + "\n"
    return made


def story_schema() -> dict[str, object]:
    """Return the JSON Schema of a demo's story."""
    title = "mockpos demo story"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **object_schema(StorySchema())}


def _pair(operation: Operation, code: ResponseCode) -> str:
    name = pair_name(operation, code)
    lines = [
        "# yaml-language-server: $schema=../../mockpos/scenario/schema.json",
        "# Made from the catalogue of codes: copy it under another name to change it.",
        "#",
        *_comment(f"{code.code}: {code.meaning}"),
        *_comment(f"What helps: {code.who.value}."),
    ]
    if code.outcome_unknown:
        lines += _comment("Add `phase: after_commit` for the worse case: it took effect, and the caller cannot know.")
    lines += [
        f"name: {name}",
        f"summary: Every {operation.value} is answered with {code.code} ({code.status}).",
        "seed: 1",
        "rules:",
        f"  - id: {name}",
        f"    on: {operation.value}",
        f"    respond: {code.code}",
    ]
    told = {member: value for member, value in code.details.items() if member in _TOLD_BY_EXAMPLE}
    if told:
        lines.append(f"    details: {json.dumps(told)}")
    if code.retry_after:
        lines.append("    retry_after: 2s")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, _WIDTH)]


def _magic() -> str:
    lines = [
        "# yaml-language-server: $schema=schema.json",
        "# Made from the table in magic.py, from which the running mock builds the same.",
        "# Each Remote ID is a listing beside every inventory. MOCK-OK needs no rule.",
        f"name: {magic.NAME}",
        f"summary: {json.dumps(magic.SUMMARY)}",
        "rules:",
    ]
    for entry in magic.MAGIC:
        if entry.rule is not None:
            lines += [f"  # {entry.what_happens}", *_rule(entry.rule, entry.remote_id)]
    return "\n".join(lines) + "\n"


def _rule(rule: Rule, remote_id: str) -> Iterator[str]:
    """Write one rule of the magic table: only what that table uses is known here."""
    on = [operation.value for operation in Operation if operation in rule.on]
    attempt = f", attempt: {rule.when.attempt}" if rule.when.attempt else ""
    yield f"  - id: {rule.id}"
    yield f"    on: {'any' if len(on) == len(Operation) else on[0] if len(on) == 1 else '[' + ', '.join(on) + ']'}"
    yield f"    when: {{remote_id: {remote_id}{attempt}}}"
    if isinstance(rule.delay, Fixed):
        yield f"    delay: {show_duration(rule.delay.ms)}"
    if isinstance(rule.outcome, Respond):
        yield f"    respond: {rule.outcome.code}"
    if isinstance(rule.outcome, Fault):
        yield f"    fault: {rule.outcome.kind.value}"
    if rule.phase is Phase.AFTER_COMMIT:
        yield "    phase: after_commit"
    if PlainAction.EXPIRE_HOLD in rule.pos:
        yield "    pos: [{expire_hold: true}]"


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
            "rule": _rule_schema(),
        },
    }


def _rule_schema() -> Json:
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


def main(root: Path) -> None:
    """Write the files of a checkout."""
    for path, text in files(root / "scenarios", root / "mockpos" / "scenario").items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2])
