"""Finds what the documentation says of a word: codes, scenarios, magic Remote IDs, control calls, settings, columns.

The entries come from the tables that the pages come from.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mockpos.broker.columns import COLUMNS
from mockpos.conformance.checks import CHECKS
from mockpos.conformance.rules import caught_faults
from mockpos.domain.codes import CATALOGUE, MOCK_CODES
from mockpos.scenario.magic import MAGIC
from mockpos.settings import SETTINGS
from mockpos.web.control.calls import PREFIX
from mockpos.web.control.table import CONTROL_CALLS
from mockpos.web.docs.scenarios import KnownScenario

MOST = 60


class Entry(NamedTuple):
    """One thing that can be found, and where it stands."""

    kind: str
    name: str
    text: str
    path: str


def find(query: str, scenarios: Iterable[KnownScenario]) -> list[Entry]:
    """Return what has every word of a query, those whose name has it first."""
    words = query.casefold().split()
    if not words:
        return []
    found = [entry for entry in _entries(scenarios) if _has(entry, words)]
    return sorted(found, key=lambda entry: not all(word in entry.name.casefold() for word in words))[:MOST]


def _has(entry: Entry, words: list[str]) -> bool:
    text = f"{entry.kind} {entry.name} {entry.text}".casefold()
    return all(word in text for word in words)


def _entries(scenarios: Iterable[KnownScenario]) -> Iterator[Entry]:
    for code in CATALOGUE:
        yield Entry("code", code.code, f"{code.status} {code.title}. {code.meaning}", f"/docs/codes#{code.code}")
    for name, mock_code in MOCK_CODES.items():
        yield Entry("the mock's own error", name, mock_code.title, f"/docs/codes#{name}")
    for scenario in scenarios:
        anchor = f"#scenario-{scenario.name}" if scenario.name != "magic" else "#magic"
        yield Entry("scenario", scenario.name, scenario.summary or scenario.fault, f"/docs/scenarios{anchor}")
    for magic in MAGIC:
        yield Entry("magic Remote ID", magic.remote_id, magic.what_happens, f"/docs/scenarios#{magic.remote_id}")
    for setting in SETTINGS:
        text = f"{setting.env}. {setting.help}"
        yield Entry("setting", setting.option, text, f"/docs/settings#{setting.name}")
    for column in COLUMNS:
        text = f"{', '.join(column.aliases)}. {column.meaning}"
        yield Entry("column of a broker's file", column.name, text, f"/docs/broker-files#{column.name}")
    for check in CHECKS:
        caught = "; ".join(each.fault for each in caught_faults() if each.check == check.id)
        yield Entry("rule of conform", check.id, f"{check.rule} It catches: {caught}.", "/docs/automator#sensitivity")
    for call in CONTROL_CALLS:
        where = f"/docs/control#{call.area.replace(' ', '-')}"
        yield Entry("control call", f"{call.method} {PREFIX}{call.path}", call.summary, where)
