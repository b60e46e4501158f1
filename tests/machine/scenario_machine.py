"""A Hypothesis machine: the rules machine with scenarios, magic Remote IDs, headers and snapshots beside it."""

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st

from tests.machine.calls import Call, answer_of, call
from tests.machine.compared_worlds import settings_of, state_of_model, state_of_store
from tests.machine.interfaces import HttpInterface, Interface
from tests.machine.model import Answer
from tests.machine.rules_machine import OnFile, Rules, outcome
from tests.machine.scenario_model import (
    HEADER,
    MAGIC,
    MAGIC_IDS,
    Counts,
    Played,
    Rule,
    Scenario,
    ScenarioModel,
    magic_listings,
)
from tests.machine.steps import calls, global_ids, new_ids, operations, order_ids, weighted

NAMED: Scenario = {
    "name": "named",
    "rules": [
        {"id": "first-two-calls", "on": "any", "times": 2, "respond": "rate_limited"},
        {"id": "first-attempts", "on": ["release", "invoice"], "when": {"attempt": 1}, "respond": "internal_error",
         "phase": "after_commit"},
    ],
}  # fmt: skip
"""A scenario that is known by its name; a header asks for it."""

OPERATIONS = ("hold", "release", "invoice")


def _optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw some of these fields, each seldom."""
    several = st.fixed_dictionaries({}, optional=fields)
    one = st.sampled_from(sorted(fields)).flatmap(lambda name: st.fixed_dictionaries({name: fields[name]}))
    return weighted((3, st.just({})), (4, one), (1, several))


numbers = weighted(
    (1, st.integers(1, 3)), (1, st.fixed_dictionaries({}, optional={"min": st.just(2), "max": st.integers(2, 4)}))
).filter(lambda asked: asked != {})
conditions = _optional(
    remote_id=st.sampled_from(["TG-1", "TG-*", ["TG-2", "TG-3"], "MOCK-*", "*"]),
    global_id=st.sampled_from(["*", "g-?", "g-*[13579]"]),
    order_id=st.sampled_from(["o-1", "o-[2-5]"]),
    quantity=numbers,
    attempt=numbers,
    call=numbers,
    header=st.just({"X-Buyer": "vip*"}),
)
pos = st.lists(
    st.one_of(
        st.just({"sell_rest": True}),
        st.integers(1, 3).map(lambda quantity: {"sell": quantity}),
        st.just({"steal": True}),
        st.just({"expire_hold": True}),
        st.sampled_from([None, "TG-9"]).map(lambda by: {"retire": {"superseded_by": by}}),
        st.just({"reprice": "77.00"}),
    ),
    min_size=1,
    max_size=2,
)
raw = {"raw": {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"}}
after = {"phase": "after_commit"}
anywhere: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (OPERATIONS, {}),
    (OPERATIONS, {"respond": "pos_unavailable", "retry_after": "2s"}),
    (OPERATIONS, {"respond": "pos_timeout"}),
    (OPERATIONS, {"respond": "pos_timeout", **after}),
    (OPERATIONS, raw),
    (OPERATIONS, {**raw, **after}),
    (OPERATIONS, {"fault": "reset", **after}),
    (("hold",), {"respond": "listing_sold_out"}),
    (("release",), {"respond": "hold_not_found"}),
    (("invoice",), {"respond": "invoice_rejected", "details": {"reason": "credit limit reached"}}),
]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    may_be_on, does = draw(st.sampled_from(anywhere))
    on = draw(st.sampled_from([may_be_on[0], *may_be_on, *([list(may_be_on), "any"] if len(may_be_on) > 1 else [])]))
    rule = {"on": on, **does, **draw(_optional(times=st.integers(1, 3), pos=pos, delay=st.just("1ms")))}
    if when := draw(conditions):
        rule["when"] = when
    return rule


scenarios = st.lists(rules(), min_size=1, max_size=4).map(
    lambda several: {"name": "drawn", "rules": [{"id": f"r-{at}", **rule} for at, rule in enumerate(several)]}
)
magic_ids = st.sampled_from(MAGIC_IDS)
magic_holds = calls("hold", remote_id=magic_ids, quantity=st.integers(1, 3), global_id=new_ids)
magic_lives = st.tuples(magic_holds, order_ids, st.booleans()).map(lambda drawn: ["live_by_magic", *drawn])
headers = st.sampled_from([{HEADER: "none"}, {HEADER: "named"}, {HEADER: "unknown"}, {"X-Buyer": "vip-1"}])


class Scenarios(Rules):
    """Over HTTP, on the store in memory."""

    steps = weighted(
        (80, Rules.steps),
        (8, scenarios.map(lambda scenario: ["choose_scenario", scenario])),
        (1, st.just(["choose_scenario", None])),
        (10, st.tuples(operations, headers).map(lambda drawn: ["call_with", *drawn])),
        (10, magic_lives),
        (3, calls("release", global_id=global_ids)),
        (2, st.just(["take_snapshot"])),
        (2, st.just(["restore_snapshot"])),
        (1, st.just(call("start_anew"))),
    )
    ruled: ClassVar[Counter[tuple[str, str]]] = Counter()

    def start(self) -> None:
        super().start()
        self.model.built_in = magic_listings()
        self.stage = ScenarioModel(self.model, {"named": NAMED})
        self.snapshot: tuple[Any, Counts, Scenario | None] | None = None

    def open_door(self) -> Interface:
        if not hasattr(self, "library"):
            self.library = tempfile.TemporaryDirectory()
            (Path(self.library.name) / "named.yaml").write_text(json.dumps(NAMED))  # JSON is YAML
        settings = settings_of(self.policy, scenarios=self.library.name)
        self.http = HttpInterface(self.store, self.clock, self.machine_clock, settings)
        return self.http

    def make(self, made: Call) -> None:
        if made.name in OPERATIONS:
            self.call_with(made, {})
            return
        super().make(made)
        if made.name == "start_anew":
            self.stage.choose(None)

    def call_with(self, made: Call, headers: dict[str, str]) -> None:
        """Make a call; its answer, and which rule touched it, are as in the model."""
        if made.name not in OPERATIONS:
            self.make(made)
            return
        expected = self.stage.play(made, headers)
        assert self.played(made, headers) == expected, (made, headers, self.stage.active)
        self.remember(made, expected.answer)
        if expected.marks is not None:
            self.ruled[expected.marks[0], outcome(expected.answer)] += 1
        assert state_of_store(self.store) == state_of_model(self.model), (made, headers, self.stage.active)

    def played(self, made: Call, headers: dict[str, str]) -> Played:
        response = self.http.exchange(made, **headers)
        marks = response.headers.get("X-Mockpos-Scenario"), response.headers.get("X-Mockpos-Rule")
        if response.json is None:
            answer: Answer = {"raw": response.status_code}
        else:
            answer = answer_of(made, response.json)
            if is_forced(self.stage.active, marks):
                answer = {"code": answer["code"]}  # the rest is the rule's own affair
        return Played(answer, None if marks == (None, None) else marks)

    def choose_scenario(self, scenario: Scenario | None) -> None:
        if scenario is None:
            chosen = self.http.client.delete("/_mock/scenario")
        else:
            chosen = self.http.client.put("/_mock/scenario", json={"scenario": scenario})
        assert chosen.status_code == 200, chosen.json
        self.stage.choose(scenario)

    def live_by_magic(self, hold: Call, order_id: str, release: bool) -> None:
        """Hold a magic listing, and release or invoice it twice."""
        end = call("release", global_id=hold.get("global_id"))
        if not release:
            end = call("invoice", global_id=hold.get("global_id"), order_id=order_id)
        for made in (hold, end, end):
            self.call_with(made, {})

    def take_snapshot(self) -> None:
        assert self.http.client.put("/_mock/snapshots/it").status_code == 200
        self.snapshot = self.model.copy(), self.stage.counts.copy(), self.stage.active

    def restore_snapshot(self) -> None:
        """Go back to all that was kept; the machine's clock goes on."""
        restored = self.http.client.post("/_mock/snapshots/it/restore")
        assert restored.status_code == (404 if self.snapshot is None else 200)
        if self.snapshot is None:
            return
        model, counts, active = self.snapshot
        self.model = model.copy()
        self.model.machine_shows(self.machine_clock.now())
        self.stage = ScenarioModel(self.model, {"named": NAMED}, active, counts.copy())
        assert state_of_store(self.store) == state_of_model(self.model)

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "library"):
            self.library.cleanup()


class ScenariosOnFile(OnFile, Scenarios):
    """Over HTTP, on the JSON file, with stops and crashes in between."""

    steps = weighted((30, Scenarios.steps), (1, OnFile.steps))


def is_forced(active: Scenario | None, marks: tuple[str | None, str | None]) -> bool:
    """Tell whether an answer is a rule's own and not the call's."""
    rules = {(each["name"], rule["id"]): rule for each in (MAGIC, NAMED, active or NAMED) for rule in each["rules"]}
    return "respond" in rules.get(marks, {})
