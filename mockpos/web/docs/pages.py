"""Makes the pages and the OpenAPI document once, when they are first asked for.

They are made anew when the listing they offer no longer sells, and the page of scenarios when what is known or active
has changed. Independent of the request: the address and the new ids on a page are words that the route replaces.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from mockpos.contract.model import Contract
from mockpos.scenario.registry import ScenarioRegistry
from mockpos.scenario.selector import ScenarioSelector
from mockpos.server.greenlets import offload
from mockpos.services.quick_start import QuickStart
from mockpos.web.docs.commands import SHIPPED, SITUATIONS, Offer
from mockpos.web.docs.reference import TRY_GLOBAL_ID, TRY_ORDER_ID, Reference, reference
from mockpos.web.openapi.fields import EXAMPLES

if TYPE_CHECKING:
    from mockpos.settings import Setting
    from mockpos.web.docs.control import ControlReference
    from mockpos.web.docs.scenario_reference import KnownScenario, ScenarioReference

BASE_URL = "http://mockpos.invalid"
SCHEMA_PATH = "/docs/scenarios/schema.json"
_SCENARIOS = "scenarios"
_TESTS = "your_tests"


@dataclass(frozen=True, slots=True)
class Live:
    """What the page of scenarios shows that may change while the mock runs."""

    known: "tuple[KnownScenario, ...]"
    active: str | None
    magic: bool


class Pages:
    """The documentation of one contract, and of the scenarios that a selector knows."""

    def __init__(
        self,
        contract: Contract,
        api_key: str | None,
        selector: ScenarioSelector | None = None,
        quick_start: QuickStart | None = None,
    ) -> None:
        self._contract = contract
        self._api_key = api_key
        self._selector = selector
        self._quick_start = quick_start
        self._offer = SHIPPED
        self._made: dict[str, Any] = {}
        self._html: dict[str, str] = {}
        self._live: Live | None = None

    def openapi(self) -> str:
        """Return the OpenAPI document as JSON."""
        self._look_for_an_offer()
        if "openapi" not in self._made:
            self._made["openapi"] = json.dumps(self._openapi_document(), ensure_ascii=False)
        return str(self._made["openapi"])

    def new_ids(self) -> dict[str, str]:
        """Return the words on the pages that stand for ids nobody has used, with such ids."""
        if self._quick_start is None:
            return {TRY_GLOBAL_ID: str(EXAMPLES["global_id"]), TRY_ORDER_ID: str(EXAMPLES["order_id"])}
        purchase = self._quick_start.purchase()
        return {TRY_GLOBAL_ID: purchase.global_id, TRY_ORDER_ID: purchase.order_id}

    def html(self, name: str) -> str:
        """Return one page."""
        self._look_for_an_offer()
        if name == _SCENARIOS:
            self._look()
        if name not in self._html:
            self._html[name] = self._rendered(name)
        return self._html[name]

    def search(self, query: str) -> str:
        """Return the page of what is found for a query."""
        from flask import current_app, render_template

        from mockpos.web.docs.search import find

        control = bool(current_app.jinja_env.globals.get("has_control_page"))
        found = find(query, offload(self._now).known, control=control)
        return render_template("docs/search.html", reference={"contract": self._contract}, query=query, found=found)

    def text(self, name: str) -> str:
        """Return one of the texts for programs that read: llms or llms-full."""
        from flask import current_app, render_template

        from mockpos.broker.columns import COLUMNS
        from mockpos.web.docs import your_tests

        self._look_for_an_offer()
        self._look()
        if name not in self._html:
            has_control = bool(current_app.jinja_env.globals.get("has_control_page"))
            self._html[name] = render_template(
                f"docs/{name}.txt",
                reference=self._reference(),
                scenarios=self._scenarios(),
                live=self._live,
                control=self._control() if has_control else None,
                settings=_settings(),
                columns=COLUMNS,
                languages=your_tests.languages(),
                base_url=BASE_URL,
            )
            self._html[name] += "\n"
        return self._html[name]

    def _control(self) -> "ControlReference":
        from mockpos.web.control.table import CONTROL_CALLS
        from mockpos.web.docs.control import control_reference

        return control_reference(CONTROL_CALLS, self._contract.key, BASE_URL, needs_token=False)

    def _look_for_an_offer(self) -> None:
        """Forget what was made for a listing that no longer sells."""
        if self._quick_start is None:
            return
        purchase = self._quick_start.purchase()
        offer = Offer(purchase.remote_id, purchase.quantity, self._quick_start.those_there(SITUATIONS))
        if offer != self._offer:
            self._offer = offer
            self._made.clear()
            self._html.clear()

    def _look(self) -> None:
        """Forget the page of scenarios when what it shows has changed. Reads many files, hence in a thread."""
        live = offload(self._now)
        if live != self._live:
            self._live = live
            for name in (_SCENARIOS, "llms", "llms-full"):
                self._html.pop(name, None)

    def _now(self) -> Live:
        from mockpos.web.docs.scenario_reference import known_scenarios

        selector = self._selector or self._shipped
        active = selector.active.name if selector.active else None
        return Live(known_scenarios(selector.registry), active, selector.magic)

    @cached_property
    def _shipped(self) -> ScenarioSelector:
        return ScenarioSelector(ScenarioRegistry(), active=None, magic=True, seed=0)

    def _openapi_document(self) -> dict[str, object]:
        from mockpos.web.openapi import openapi_document

        if self._quick_start is None:
            return openapi_document(self._contract, base_url=BASE_URL)
        offered = {"remote_id": self._offer.remote_id, "quantity": self._offer.quantity}
        return openapi_document(
            self._contract,
            requests={**EXAMPLES, **offered, "global_id": TRY_GLOBAL_ID, "order_id": TRY_ORDER_ID},
            base_url=BASE_URL,
        )

    @cached_property
    def _key(self) -> str:
        return self._api_key or _default_key()

    def _reference(self) -> "Reference":
        if "reference" not in self._made:
            self._made["reference"] = reference(self._contract, self._key, BASE_URL, offer=self._offer)
        return cast("Reference", self._made["reference"])

    def _scenarios(self) -> "ScenarioReference":
        from mockpos.web.docs.scenario_reference import scenario_reference

        return scenario_reference(self._contract, self._key, BASE_URL, BASE_URL + SCHEMA_PATH, self._offer)

    def _rendered(self, name: str) -> str:
        from flask import render_template

        from mockpos.broker.column_map import MAPPING_EXAMPLE
        from mockpos.broker.columns import COLUMNS
        from mockpos.web.docs import scenario_guide, your_tests
        from mockpos.web.docs.contracts import contract_page
        from mockpos.web.docs.reference import code_spans, highlighted, yaml_marked

        more: dict[str, Any] = {}
        if name == _SCENARIOS:
            more = {"scenarios": self._scenarios(), "live": self._live, "guide": scenario_guide}
        elif name == _TESTS:
            more = {"languages": your_tests.languages(), "nginx": your_tests.nginx(), "workflow": your_tests.workflow()}
        elif name == "contracts":
            more = {"page": contract_page(self._contract)}
        elif name == "automator":
            from mockpos.web.docs import automator_guide

            more = automator_guide.page()
        elif name == "broker_files":
            more = {"columns": COLUMNS, "mapping": MAPPING_EXAMPLE, "base_url": BASE_URL}
        elif name == "settings":
            more = {"settings": _settings()}
        return render_template(
            f"docs/{name}.html",
            reference=self._reference(),
            code_spans=code_spans,
            highlighted=highlighted,
            yaml_marked=yaml_marked,
            **more,
        )


def _default_key() -> str:
    return next(setting.default for setting in _settings() if setting.name == "api_key")


def _settings() -> "tuple[Setting, ...]":
    from mockpos.settings import SETTINGS

    return SETTINGS
