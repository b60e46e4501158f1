"""Makes the pages and the OpenAPI document once, when they are first asked for.

The page of scenarios is made anew when what is known or active has changed. Must not know the request: an address
on a page is BASE_URL, which the route replaces.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mockpos.contract.model import Contract
from mockpos.scenario.registry import ScenarioRegistry
from mockpos.scenario.selector import ScenarioSelector
from mockpos.server.waiting import offload

if TYPE_CHECKING:
    from mockpos.web.docs.known_scenarios import KnownScenario
    from mockpos.web.docs.reference import Reference
    from mockpos.web.docs.scenario_reference import ScenarioReference

BASE_URL = "http://mockpos.invalid"
SCHEMA_PATH = "/docs/scenarios/schema.json"
_SCENARIOS = "scenarios"


@dataclass(frozen=True, slots=True)
class Live:
    """What the page of scenarios shows that may change while the mock runs."""

    known: "tuple[KnownScenario, ...]"
    active: str | None
    magic: bool


class Pages:
    """The documentation of one contract, and of the scenarios that a selector knows."""

    def __init__(self, contract: Contract, api_key: str | None, selector: ScenarioSelector | None = None) -> None:
        self._contract = contract
        self._api_key = api_key
        self._selector = selector
        self._html: dict[str, str] = {}
        self._live: Live | None = None

    def openapi(self) -> bytes:
        """Return the OpenAPI document as JSON."""
        return self._openapi

    def html(self, name: str) -> str:
        """Return one page."""
        if name == _SCENARIOS:
            self._look()
        if name not in self._html:
            self._html[name] = self._rendered(name)
        return self._html[name]

    def _look(self) -> None:
        """Forget the page of scenarios when what it shows has changed. Reads many files, hence in a thread."""
        live = offload(self._now)
        if live != self._live:
            self._live = live
            self._html.pop(_SCENARIOS, None)

    def _now(self) -> Live:
        from mockpos.web.docs.known_scenarios import known_scenarios

        selector = self._selector or self._shipped
        active = selector.active.name if selector.active else None
        return Live(known_scenarios(selector.registry), active, selector.magic)

    @cached_property
    def _shipped(self) -> ScenarioSelector:
        return ScenarioSelector(ScenarioRegistry(), active=None, magic=True, seed=0)

    @cached_property
    def _openapi(self) -> bytes:
        from mockpos.web.openapi import openapi_document

        return json.dumps(openapi_document(self._contract), ensure_ascii=False).encode()

    @cached_property
    def _key(self) -> str:
        return self._api_key or _default_key()

    @cached_property
    def _reference(self) -> "Reference":
        from mockpos.web.docs.reference import reference

        return reference(self._contract, self._key, BASE_URL)

    @cached_property
    def _scenarios(self) -> "ScenarioReference":
        from mockpos.web.docs.scenario_reference import scenario_reference

        return scenario_reference(self._contract, self._key, BASE_URL, BASE_URL + SCHEMA_PATH)

    def _rendered(self, name: str) -> str:
        from flask import render_template

        from mockpos.web.docs import scenario_guide
        from mockpos.web.docs.markup import code_spans, highlighted, yaml_marked

        more = {"scenarios": self._scenarios, "live": self._live, "guide": scenario_guide} if name == _SCENARIOS else {}
        return render_template(
            f"docs/{name}.html",
            reference=self._reference,
            code_spans=code_spans,
            highlighted=highlighted,
            yaml_marked=yaml_marked,
            **more,
        )


def _default_key() -> str:
    from mockpos.settings import SETTINGS

    return next(setting.default for setting in SETTINGS if setting.name == "api_key")
