"""Everything the pages show of scenarios and magic Remote IDs that does not change while the mock runs.

The files of the guide, its table of faults and what the commands print are proved by tests. Independent of HTML.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput
from mockpos.scenario import magic
from mockpos.scenario.magic import MAGIC, MagicId
from mockpos.scenario.outcomes import FaultKind, Phase
from mockpos.scenario.refusals import documented_pairs, operations_of, pair_name
from mockpos.scenario.registry import SHIPPED_FOLDERS, ScenarioRegistry
from mockpos.scenario.schema import FIELDS
from mockpos.web.docs.commands import NEW_ID, QUIETLY, SHELL_ID, SHOWN_AND_MORE, Commands

_ALIKE = {
    "MOCK-OK": "none",
    "MOCK-SLOW-5S": "slow-average",
    "MOCK-RESET-AFTER-HOLD": "lost-answers",
    "MOCK-TIMEOUT-AFTER-INVOICE": "lost-answers",
    "MOCK-EXPIRES-AT-ONCE": "invoice-hold_expired",
}
"""What the header offers in place of a story: alike, not the same."""

_GROUPS = (
    (
        "magic-stories",
        "Situations that go wrong in production",
        "Success, a slow answer, two lost answers, and a hold that lapses under the buyer.",
        None,
    ),
    (
        "magic-hold",
        "The hold is refused",
        "`MOCK-` and a code. What only a hold answers comes first, then what any call may meet.",
        Operation.HOLD,
    ),
    (
        "magic-release",
        "The release is refused",
        "The hold succeeds; its release meets the code. For codes that a hold answers too, the Remote ID names the "
        "operation.",
        Operation.RELEASE,
    ),
    (
        "magic-invoice",
        "The invoice is refused",
        "The hold succeeds, the order is accepted, and the invoice meets the code.",
        Operation.INVOICE,
    ),
)


def magic_groups(contract: Contract, calls: Commands) -> list[dict[str, Any]]:
    """Return every row of the magic table, grouped by situation. The name of a group is its anchor."""
    return [
        {
            "name": name,
            "title": title,
            "text": text,
            "rows": [_part(contract, calls, row) for row in _rows_of(operation)],
        }
        for name, title, text, operation in _GROUPS
    ]


def magic_rows_of(code: str) -> list[MagicId]:
    """Return the magic Remote IDs that only answer a code, the plain ``MOCK-<CODE>`` first; none for some codes."""
    return [row for row in MAGIC if row.code == code and not _is_story(row)]


def header_ways_of(calls: Commands, code: str, operations: Sequence[Operation] = ()) -> list[dict[str, str]]:
    """Return the calls that meet a code by the header, at the operations named, or at all that document it."""
    documented = operations_of(code)
    names = {each: pair_name(each, CATALOGUE[code]) for each in operations or documented if each in documented}
    return [
        {"scenario": name, "operation": operation.value, "command": calls.header(operation, name)}
        for operation, name in names.items()
    ]


def _rows_of(operation: Operation | None) -> Iterator[MagicId]:
    """Yield the stories, or what is refused at an operation: its own codes, then those of any call."""
    if operation is None:
        yield from filter(_is_story, MAGIC)
        return
    refused = [row for row in MAGIC if not _is_story(row) and row.operations[0] is operation]
    order = CATALOGUE.names()
    yield from sorted(refused, key=lambda row: (CATALOGUE[row.code or ""].is_transport, order.index(row.code or "")))


def _is_story(row: MagicId) -> bool:
    return row.code is None or (row.rule is not None and row.rule.phase is Phase.AFTER_COMMIT)


def _part(contract: Contract, calls: Commands, row: MagicId) -> dict[str, Any]:
    """Return one row. ``outcome`` says what the first call meets where that is no code."""
    codes = list(dict.fromkeys(step.code for step in row.how_to_try if step.code is not None))
    first = row.how_to_try[0]
    alike = _ALIKE.get(row.remote_id)
    return {
        "remote_id": row.remote_id,
        "at": "any" if row.operations == tuple(Operation) else ", ".join(row.operations),
        "answers": {code: contract.status(CATALOGUE[code]) for code in codes},
        "outcome": "" if first.code or first.operation not in row.operations else first.meets,
        "what_happens": _under(contract, row.what_happens, codes),
        "commands": calls.magic(row),
        "headers": [{"scenario": alike}] if alike else header_ways_of(calls, row.code or "", row.operations),
    }


def _under(contract: Contract, text: str, codes: Sequence[str]) -> str:
    """Return a text that names codes with their default statuses, with the contract's instead."""
    for code in codes:
        known = CATALOGUE[code]
        text = text.replace(f"{code} ({known.status})", f"`{code}` ({contract.status(known)})")
    return text


_TITLES = {
    "scenario": "The file",
    "rule": "A rule",
    "when": "when: the conditions of a rule",
    "delay": "delay: one that varies",
    "raw": "raw: an answer from outside the contract",
    "pos": "pos: what the broker does",
}


def scenario_reference(contract: Contract, calls: Commands, schema: str) -> dict[str, Any]:
    """Work out what the page of scenarios shows. ``schema`` is the address of the JSON Schema for editors."""
    return {
        "by_header": calls.header(Operation.HOLD, "hold-listing_sold_out"),
        "by_active": "mockpos scenarios list\nmockpos serve --scenario lost-answers",
        "by_magic": calls.operation(Operation.HOLD, "try-1", remote_id="MOCK-LISTING_SOLD_OUT"),
        "magic": magic_groups(contract, calls),
        "faults": FAULTS,
        "faults_file": FAULTS_FILE,
        "guide": {"check": GUIDE_CHECK, "checked": GUIDE_CHECKED, "plan": GUIDE_PLAN, "planned": GUIDE_PLANNED,
                  "serve": GUIDE_SERVE},
        "after_commit": _after_commit(calls),
        "fields": {within: [(note, _yaml(note.name, note.example)) for note in notes]
                   for within, notes in groupby(FIELDS, key=lambda note: note.within)},
        "titles": _TITLES,
        "write": write_command(schema),
        "try_it": "\n".join(calls.operation(Operation.HOLD, f"order-{number}") for number in (1, 2)),
        "schema": schema,
    }  # fmt: skip


def _after_commit(calls: Commands) -> str:
    """Return a sale whose answer is lost, and the repeat that tells what became of it."""
    hold = calls.operation(Operation.HOLD, SHELL_ID, options=QUIETLY, remote_id="MOCK-TIMEOUT-AFTER-INVOICE")
    first = calls.operation(Operation.INVOICE, SHELL_ID, SHELL_ID, options=SHOWN_AND_MORE)
    return "\n".join([NEW_ID, hold, first, calls.operation(Operation.INVOICE, SHELL_ID, SHELL_ID)])


def _yaml(name: str, example: object) -> str:
    """Return an example in flow style, which is YAML and JSON at once; plain words without their quotes."""
    if isinstance(example, str) and example.replace("-", "").replace("_", "").isalnum():
        return f"{name}: {example}"
    return f"{name}: {json.dumps(example, ensure_ascii=False)}"


class Origin(StrEnum):
    """Which list a scenario stands in."""

    STORY = "story"
    PAIR = "pair"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class KnownScenario:
    """One scenario. ``text`` is its file, for what mockpos ships; ``fault`` says why it cannot be used now."""

    name: str
    origin: Origin
    summary: str = ""
    text: str = ""
    fault: str = ""

    @property
    def operation(self) -> str:
        """The operation that a scenario for one (operation, code) pair is named after."""
        return self.name.partition("-")[0]


def known_scenarios(registry: ScenarioRegistry) -> tuple[KnownScenario, ...]:
    """Return what can be chosen by name, in order of name. Reads files; never raises for a bad one."""
    pairs = {pair_name(operation, code) for operation, code in documented_pairs()}
    return tuple(_known(registry, name, pairs) for name in registry.names())


def _known(registry: ScenarioRegistry, name: str, pairs: set[str]) -> KnownScenario:
    try:
        scenario, path = registry.get(name), registry.path(name)
        if name != magic.NAME and path.parent not in SHIPPED_FOLDERS:
            return KnownScenario(name, Origin.OWN, scenario.summary)
        origin = Origin.PAIR if name in pairs else Origin.STORY
        return KnownScenario(name, origin, scenario.summary, path.read_text(encoding="utf-8"))
    except (BadInput, OSError, KeyError) as error:  # edited or removed while we look
        return KnownScenario(name, Origin.OWN, fault=str(error))


class FaultPart(NamedTuple):
    """One fault. ``exit_code`` is curl's; ``before`` and ``after`` say which answer is broken in which phase."""

    kind: str
    seen: str
    exit_code: str
    python: str
    before: str
    after: str


_LOST = "nothing is sent"

FAULTS = (
    FaultPart(FaultKind.RESET, "A TCP reset (RST) without a byte.", "56", "ConnectionResetError", _LOST, _LOST),
    FaultPart(FaultKind.EMPTY, "The connection closes without a byte.", "52", "RemoteDisconnected", _LOST, _LOST),
    FaultPart(FaultKind.TRUNCATE, "The full Content-Length, and half of the body.", "18", "IncompleteRead",
              "half of a made-up success", "half of the true answer"),
    FaultPart(FaultKind.MALFORMED, "A success status, and JSON that breaks off.", "0", "JSONDecodeError",
              "a made-up success", "the true answer"),
    FaultPart(FaultKind.HANG, "No answer until the client leaves, at most 60 seconds.", "28 with -m, else 52",
              "TimeoutError with a timeout", _LOST, _LOST),
    FaultPart(FaultKind.DRIP, "16 bytes every 100 ms; the answer arrives whole.", "0, late", "no error, late",
              "pos_unavailable, which is true", "the true answer"),
)  # fmt: skip
"""All faults; ``test_docs_scenarios_faults.py`` holds the table against curl."""

FAULTS_FILE = """\
name: faults
summary: Each fault, for Global IDs that begin with its name.
rules:
""" + "".join(
    f'  - {{id: {kind}, on: any, when: {{global_id: "{kind}-*"}}, fault: {kind}, phase: after_commit}}\n'
    for kind in FaultKind
)

GUIDE_FILE = """\
name: flaky
summary: Some holds find the POS unavailable, some invoices lose their answer.
seed: 7
rules:
  - id: busy
    on: hold
    when: {chance: 0.4}
    respond: pos_unavailable
    retry_after: 1s

  - id: answer-lost
    on: invoice
    when: {chance: 0.5, attempt: 1}
    fault: reset
    phase: after_commit
"""

GUIDE_CHECK = "mockpos scenarios check mine/flaky.yaml"
GUIDE_CHECKED = "✓ mine/flaky.yaml  (flaky, 2 rules)"
GUIDE_PLAN = "printf 'order-%s\\n' 1 2 3 4 |\n  mockpos scenarios plan mine/flaky.yaml --operation hold --global-ids -"
GUIDE_PLANNED = """\
operation  global id  attempt  rule  meets
hold       order-1          1  busy  respond pos_unavailable
hold       order-2          1  -     no rule
hold       order-3          1  busy  respond pos_unavailable
hold       order-4          1  -     no rule"""
GUIDE_SERVE = "mockpos serve --memory --scenarios mine --scenario flaky"


def write_command(schema: str) -> str:
    """Return the command that writes the guide's file, with the address of the JSON Schema for editors."""
    first_line = f"# yaml-language-server: $schema={schema}\n"
    return f"mkdir -p mine\ncat > mine/flaky.yaml <<'END'\n{first_line}{GUIDE_FILE}END"
