"""The magic Remote IDs cover the catalogue, and each does what its row says."""

from itertools import pairwise

import pytest

from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.identifiers import opaque_id
from mockpos.scenario.counters import Counters
from mockpos.scenario.engine import decide
from mockpos.scenario.loader import load_scenario
from mockpos.scenario.magic import MAGIC, PREFIX, MagicId, magic_listing, magic_scenario
from mockpos.scenario.model import Facts
from mockpos.scenario.outcomes import Fault, PlainAction, Plan, Respond
from mockpos.scenario.refusals import documented_pairs, operations_of
from mockpos.scenario.registry import ScenarioRegistry

HOLD, RELEASE, INVOICE = Operation
BY_ID = {magic.remote_id: magic for magic in MAGIC}


def played(magic: MagicId) -> list[Plan | None]:
    """Return what each call of its trial meets, all under one Global ID."""
    counters = Counters()
    plans = []
    for step in magic.how_to_try:
        facts = Facts(step.operation, "try-1", magic.remote_id, 2)
        plans.append(decide(magic_scenario(), facts, counters.arrive(step.operation, "try-1"), counters))
    return plans


def test_every_pair_of_the_catalogue_is_met_by_following_a_row() -> None:
    met = {
        (step.operation, plan.outcome.code)
        for magic in MAGIC
        for step, plan in zip(magic.how_to_try, played(magic), strict=True)
        if plan is not None and isinstance(plan.outcome, Respond)
    }
    assert met == {(operation, code.code) for operation, code in documented_pairs()}


@pytest.mark.parametrize("magic", MAGIC, ids=lambda magic: magic.remote_id)
def test_the_calls_of_a_row_meet_what_it_says(magic: MagicId) -> None:
    expired = False
    for step, plan in zip(magic.how_to_try, played(magic), strict=True):
        outcome = plan.outcome if plan else None
        if isinstance(outcome, Respond):
            assert step.code == step.meets == outcome.code
        elif isinstance(outcome, Fault):
            assert step.meets == "connection reset"
        elif step.code is not None:
            assert (step.code, expired) == ("hold_expired", True)  # met by the state, not forced
        else:
            assert step.meets.startswith("success")
        expired = expired or (plan is not None and PlainAction.EXPIRE_HOLD in plan.pos)


@pytest.mark.parametrize("code", [code.code for code in CATALOGUE if operations_of(code.code)])
def test_every_code_has_a_remote_id_of_its_name(code: str) -> None:
    magic = BY_ID[f"MOCK-{code.upper()}"]
    documented = operations_of(code)
    assert magic.code == code
    assert magic.operations == ((HOLD,) if HOLD in documented else documented)


@pytest.mark.parametrize(
    ("remote_id", "fates"),
    [
        ("MOCK-LISTING_SOLD_OUT", {HOLD: "listing_sold_out", RELEASE: None, INVOICE: None}),
        ("MOCK-INVOICE_REJECTED", {HOLD: None, RELEASE: None, INVOICE: "invoice_rejected"}),
        ("MOCK-HOLD_NOT_FOUND", {HOLD: None, RELEASE: "hold_not_found", INVOICE: "hold_not_found"}),
        ("MOCK-POS_TIMEOUT", {HOLD: "pos_timeout", RELEASE: None, INVOICE: None}),
        ("MOCK-INVOICE-POS_TIMEOUT", {HOLD: None, RELEASE: None, INVOICE: "pos_timeout"}),
        ("MOCK-RELEASE-HOLD_NOT_FOUND", {HOLD: None, RELEASE: "hold_not_found", INVOICE: None}),
        ("MOCK-OK", {HOLD: None, RELEASE: None, INVOICE: None}),
    ],
)
def test_a_magic_id_fires_where_the_specification_says(remote_id: str, fates: dict[Operation, str | None]) -> None:
    for operation, code in fates.items():
        counters = Counters()
        facts = Facts(operation, "g-1", remote_id, 2)
        for _ in range(2):
            plan = decide(magic_scenario(), facts, counters.arrive(operation, "g-1"), counters)
            assert (plan.outcome.code if plan and isinstance(plan.outcome, Respond) else None) == code


def test_a_lost_answer_is_lost_once() -> None:
    for remote_id, operation in (("MOCK-RESET-AFTER-HOLD", HOLD), ("MOCK-TIMEOUT-AFTER-INVOICE", INVOICE)):
        first, again = (
            plan
            for step, plan in zip(BY_ID[remote_id].how_to_try, played(BY_ID[remote_id]), strict=True)
            if step.operation is operation
        )
        assert first is not None
        assert first.commits
        assert again is None


def test_slow_is_five_seconds() -> None:
    assert [plan.delay_s for plan in played(BY_ID["MOCK-SLOW-5S"]) if plan] == [5.0, 5.0]


def test_remote_ids_differ_are_upper_case_and_can_be_sent() -> None:
    assert len(BY_ID) == len(MAGIC)
    for remote_id in BY_ID:
        assert remote_id.startswith(PREFIX)
        assert remote_id == remote_id.upper() == opaque_id(remote_id)


def test_a_magic_listing_is_general_admission_for_sale_and_never_runs_out() -> None:
    listing = magic_listing("MOCK-OK")
    assert listing is not None
    assert (listing.numbering, listing.event, listing.retired) == (None, None, False)
    assert listing.quantity >= 10**9
    assert f"{listing.wholesale_price}" == "100.00"


@pytest.mark.parametrize(
    "remote_id", ["mock-ok", "MOCK-", "MOCK-UNKNOWN_ENDPOINT", "MOCK-METHOD_NOT_ALLOWED", "TG-1042"]
)
def test_other_remote_ids_are_not_magic(remote_id: str) -> None:
    assert magic_listing(remote_id) is None


def test_the_scenario_of_the_table_is_the_one_of_its_file() -> None:
    registry = ScenarioRegistry()
    assert load_scenario(registry.path("magic")) == magic_scenario() == registry.get("magic")
    lines = [rule.line for rule in load_scenario(registry.path("magic")).rules]
    assert all(one < two for one, two in pairwise(lines))
