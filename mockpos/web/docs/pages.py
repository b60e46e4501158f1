"""Makes the pages and the OpenAPI document once, when they are first asked for.

They are made anew when the listing they offer no longer sells, and the page of scenarios when what is known or active
has changed. Independent of the request: the address and the new ids on a page are words that the route replaces. What
the search finds comes from the tables that the pages come from.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from flask import render_template
from markupsafe import Markup, escape

from mockpos.broker.columns import COLUMNS, MAPPING_EXAMPLE
from mockpos.conformance.checks import CHECKS
from mockpos.conformance.rules import caught_faults
from mockpos.contract.model import Contract
from mockpos.domain.codes import CATALOGUE, MOCK_CODES
from mockpos.scenario.magic import MAGIC
from mockpos.scenario.selector import ScenarioSelector
from mockpos.server.greenlets import offload
from mockpos.services.quick_start import QuickStart
from mockpos.settings import DEFAULT_API_KEY, SETTINGS
from mockpos.web.control.calls import PREFIX
from mockpos.web.control.guard import Guard
from mockpos.web.control.table import CONTROL_CALLS
from mockpos.web.docs import guides
from mockpos.web.docs.blueprint import BASE_URL, SCHEMA_PATH
from mockpos.web.docs.commands import SITUATIONS, Commands, Offer
from mockpos.web.docs.control import control_page, control_reference
from mockpos.web.docs.reference import TRY_GLOBAL_ID, TRY_ORDER_ID, reference
from mockpos.web.docs.scenarios import KnownScenario, known_scenarios, scenario_reference
from mockpos.web.openapi.document import openapi_document
from mockpos.web.openapi.schemas import EXAMPLES

_OF_SCENARIOS = ("scenarios", "llms", "llms-full")


class Pages:
    """The documentation of one contract, and of the scenarios that a selector knows."""

    def __init__(self, contract: Contract, guard: Guard, selector: ScenarioSelector, quick_start: QuickStart) -> None:
        self._contract = contract
        self._selector = selector
        self._quick_start = quick_start
        self._offer: Offer | None = None
        self._reference: dict[str, Any] = {}
        self._made: dict[str, str] = {}
        self._live: dict[str, Any] = {}
        self._more: dict[str, Callable[[], dict[str, Any]]] = {
            "scenarios": lambda: {"scenarios": self._scenarios(), "live": self._live},
            "your_tests": guides.your_tests,
            "contracts": lambda: guides.contracts(contract),
            "automator": guides.automator,
            "broker_files": lambda: {"columns": COLUMNS, "mapping": MAPPING_EXAMPLE, "base_url": BASE_URL},
            "settings": lambda: {"settings": SETTINGS},
            "control": lambda: control_page(contract.key, BASE_URL, needs_token=guard.always_asks),
        }

    def openapi(self) -> str:
        """Return the OpenAPI document as JSON."""
        return self._once("openapi", self._openapi)

    def html(self, name: str) -> str:
        """Return one page."""
        if name == "scenarios":
            self._look()
        return self._once(name, lambda: self._rendered(name))

    def text(self, name: str) -> str:
        """Return one of the texts for programs that read: llms or llms-full."""
        self._look()
        return self._once(name, lambda: self._rendered_text(name))

    def search(self, query: str) -> str:
        """Return the page of what is found for a query."""
        found = find(query, offload(self._now)["known"])
        return render_template("docs/search.html", reference={"contract": self._contract}, query=query, found=found)

    def new_ids(self) -> dict[str, str]:
        """Return the words on the pages that stand for ids nobody has used, with such ids."""
        purchase = self._quick_start.purchase()
        return {TRY_GLOBAL_ID: purchase.global_id, TRY_ORDER_ID: purchase.order_id}

    def _once(self, name: str, make: Callable[[], str]) -> str:
        """Return what was made before, unless it offers a listing that no longer sells."""
        purchase = self._quick_start.purchase()
        offer = Offer(purchase.remote_id, purchase.quantity, self._quick_start.those_there(SITUATIONS))
        if offer != self._offer:
            self._offer = offer
            self._reference = reference(self._contract, self._commands())
            self._made.clear()
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _commands(self) -> Commands:
        assert self._offer is not None
        return Commands(self._contract, DEFAULT_API_KEY, BASE_URL, self._offer)

    def _look(self) -> None:
        """Forget the page of scenarios when what it shows has changed. Reads many files, hence in a thread."""
        live = offload(self._now)
        if live != self._live:
            self._live = live
            for name in _OF_SCENARIOS:
                self._made.pop(name, None)

    def _now(self) -> dict[str, Any]:
        active = self._selector.active
        return {
            "known": known_scenarios(self._selector.registry),
            "active": active.name if active else None,
            "magic": self._selector.magic,
        }

    def _scenarios(self) -> dict[str, Any]:
        return scenario_reference(self._contract, self._commands(), BASE_URL + SCHEMA_PATH)

    def _openapi(self) -> str:
        assert self._offer is not None
        offered = {"remote_id": self._offer.remote_id, "quantity": self._offer.quantity}
        requests = {**EXAMPLES, **offered, "global_id": TRY_GLOBAL_ID, "order_id": TRY_ORDER_ID}
        return json.dumps(openapi_document(self._contract, requests, BASE_URL), ensure_ascii=False)

    def _rendered(self, name: str) -> str:
        return render_template(
            f"docs/{name}.html",
            reference=self._reference,
            code_spans=code_spans,
            highlighted=highlighted,
            yaml_marked=yaml_marked,
            **self._more.get(name, dict)(),
        )

    def _rendered_text(self, name: str) -> str:
        text = render_template(
            f"docs/{name}.txt",
            reference=self._reference,
            scenarios=self._scenarios(),
            live=self._live,
            control=control_reference(self._contract.key, BASE_URL, needs_token=False),
            settings=SETTINGS,
            columns=COLUMNS,
            languages=guides.your_tests()["languages"],
            base_url=BASE_URL,
        )
        return text + "\n"


_STRING = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf"(?P<name>{_STRING})(?=\s*:)|(?P<text>{_STRING})|(?P<word>true|false|null|-?\d[\d.eE+-]*)")
_YAML = re.compile(r"""(?P<note>(?:^|(?<=\s))\#.*$)|(?P<name>^[ -]*[A-Za-z_]+(?=:(?:\s|$)))""", re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")


def highlighted(json_text: str) -> Markup:
    """Return JSON with its names, strings and other values marked."""
    return _marked(_TOKEN, json_text, lambda found: _span("json", found))


def yaml_marked(text: str) -> Markup:
    """Return YAML with its comments and the names that begin a line marked."""
    return _marked(_YAML, text, lambda found: _span("yaml", found))


def code_spans(sentence: str) -> Markup:
    """Return a sentence whose `words in backticks` are code."""
    return _marked(_SPAN, sentence, lambda found: Markup("<code>{}</code>").format(found[1]))


def _span(kind: str, found: re.Match[str]) -> Markup:
    return Markup('<span class="{}-{}">{}</span>').format(kind, found.lastgroup, found[0])


def _marked(pattern: re.Pattern[str], source: str, mark: Callable[[re.Match[str]], Markup]) -> Markup:
    pieces: list[Markup] = []
    end = 0
    for found in pattern.finditer(source):
        pieces += [escape(source[end : found.start()]), mark(found)]
        end = found.end()
    return Markup("").join([*pieces, escape(source[end:])])


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
