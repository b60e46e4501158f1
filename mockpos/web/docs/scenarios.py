"""Everything the page of scenarios shows that does not change while the mock runs. Must not know HTML."""

import json
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.scenario import magic
from mockpos.scenario.refusals import documented_pairs, pair_name
from mockpos.scenario.registry import SHIPPED_FOLDERS, ScenarioRegistry
from mockpos.scenario.schema import FIELDS
from mockpos.web.docs import scenario_guide as guide
from mockpos.web.docs.commands import NEW_ID, QUIETLY, SHELL_ID, SHOWN_AND_MORE, Commands
from mockpos.web.docs.magic import magic_groups

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
        "guide": guide,
        "after_commit": _after_commit(calls),
        "fields": {within: [(note, _yaml(note.name, note.example)) for note in notes]
                   for within, notes in groupby(FIELDS, key=lambda note: note.within)},
        "titles": _TITLES,
        "write": guide.write_command(schema),
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
