"""Writes what is made from code: one scenario file for each (operation, code) pair, ``magic.yaml`` and ``schema.json``.

Run ``python -m mockpos.scenario.shipped`` after a change of the catalogue, the magic table or the file format.
A test compares the committed files with what this writes.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.domain.clock import show_duration
from mockpos.scenario import magic
from mockpos.scenario.json_schema import json_schema
from mockpos.scenario.model import Rule
from mockpos.scenario.outcomes import ExpireHold, Fault, Fixed, Phase, Respond
from mockpos.scenario.refusals import documented_pairs

_MADE = "Made by `python -m mockpos.scenario.shipped`"
_TOLD_BY_EXAMPLE = ("reason", "hold_status", "invoice_id", "superseded_by")
_WIDTH = 110


def files(scenarios: Path, package: Path) -> dict[Path, str]:
    """Return the text of every file, by where it belongs."""
    made = {
        scenarios / "codes" / f"{pair_name(operation, code)}.yaml": _pair(operation, code)
        for operation, code in documented_pairs()
    }
    made[package / "magic.yaml"] = _magic()
    made[package / "schema.json"] = json.dumps(json_schema(), indent=2) + "\n"
    return made


def pair_name(operation: Operation, code: ResponseCode) -> str:
    """Return the name of the shipped scenario that answers an operation with a code."""
    return f"{operation.value}-{code.code}"


def _pair(operation: Operation, code: ResponseCode) -> str:
    name = pair_name(operation, code)
    lines = [
        "# yaml-language-server: $schema=../../mockpos/scenario/schema.json",
        f"# {_MADE}: copy it under another name to change it.",
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
        f"# {_MADE} from the table in magic.py,",
        "# from which the running mock builds the same.",
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
    if ExpireHold() in rule.pos:
        yield "    pos: [{expire_hold: true}]"


def main(root: Path) -> None:
    """Write the files of a checkout."""
    for path, text in files(root / "scenarios", root / "mockpos" / "scenario").items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2])
