"""Everything the page of scenarios shows that does not change while the mock runs. Must not know HTML."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.domain.mock_codes import MOCK_CODES, MockCode
from mockpos.scenario import magic
from mockpos.scenario.json_schema import FIELDS
from mockpos.scenario.refusals import documented_pairs
from mockpos.scenario.registry import SHIPPED_FOLDERS, ScenarioRegistry
from mockpos.scenario.shipped import pair_name
from mockpos.web.docs import scenario_guide as guide
from mockpos.web.docs.commands import NEW_ID, QUIETLY, SHELL_ID, SHIPPED, Commands, Offer
from mockpos.web.docs.magic_parts import MagicGroup, magic_groups


@dataclass(frozen=True, slots=True)
class FieldPart:
    """One field of a scenario file. ``example`` is a line of YAML."""

    name: str
    takes: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The fields that stand within one thing."""

    within: str
    title: str
    fields: Sequence[FieldPart]


@dataclass(frozen=True, slots=True)
class MockErrorPart:
    """One error of the mock itself, and a command that meets it where one call can."""

    code: MockCode
    command: str


@dataclass(frozen=True, slots=True)
class ScenarioReference:
    """What the page shows, as commands for one contract, key and server."""

    by_header: str
    by_active: str
    by_magic: str
    magic: Sequence[MagicGroup]
    faults: Sequence[guide.FaultPart]
    faults_file: str
    after_commit: str
    fields: Sequence[FieldGroup]
    write: str
    try_it: str
    schema: str


_TITLES = {
    "scenario": "The file",
    "rule": "A rule",
    "when": "when: the conditions of a rule",
    "delay": "delay: one that varies",
    "raw": "raw: an answer from outside the contract",
    "pos": "pos: what the broker does",
}


def scenario_reference(
    contract: Contract, api_key: str, base_url: str, schema: str, offer: Offer = SHIPPED
) -> ScenarioReference:
    """Work out what the page of scenarios shows. ``schema`` is the address of the JSON Schema for editors."""
    calls = Commands(contract, api_key, base_url, offer)
    return ScenarioReference(
        by_header=calls.header(Operation.HOLD, "hold-listing_sold_out"),
        by_active="mockpos scenarios list\nmockpos serve --scenario lost-answers",
        by_magic=calls.hold("try-1", "MOCK-LISTING_SOLD_OUT"),
        magic=magic_groups(contract, calls),
        faults=guide.FAULTS,
        faults_file=guide.FAULTS_FILE,
        after_commit=_after_commit(calls),
        fields=_field_groups(),
        write=guide.guide_write(schema),
        try_it=calls.hold("order-1") + "\n" + calls.hold("order-2"),
        schema=schema,
    )


def mock_errors(calls: Commands) -> list[MockErrorPart]:
    """Return the errors of the mock itself."""
    commands = {"mock_unknown_scenario": calls.header(Operation.HOLD, "hold-listing_sold_ot")}
    return [MockErrorPart(code, commands.get(code.code, "")) for code in MOCK_CODES.values()]


def _after_commit(calls: Commands) -> str:
    """Return a sale whose answer is lost, and the repeat that tells what became of it."""
    remote_id = "MOCK-TIMEOUT-AFTER-INVOICE"
    first, again = calls.invoice(SHELL_ID, SHELL_ID, "-i -w '\\n'"), calls.invoice(SHELL_ID, SHELL_ID)
    return "\n".join([NEW_ID, calls.hold(SHELL_ID, remote_id, QUIETLY), first, again])


def _field_groups() -> list[FieldGroup]:
    return [
        FieldGroup(
            within,
            _TITLES.get(within, within),
            [FieldPart(note.name, note.takes, note.meaning, _yaml(note.name, note.example)) for note in notes],
        )
        for within, notes in groupby(FIELDS, key=lambda note: note.within)
    ]


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
