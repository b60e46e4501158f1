"""Plans against real checkouts over real HTTP: the correct one is clean, each wrong one is guilty of what it did."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from mockpos.checkout import AutomatorClient, Checkout, Patience, Purchase
from mockpos.checkout_plan.judge import RULES, Call, Evidence, judge
from mockpos.checkout_plan.plan import Plan, find_plan, load_plan, plan_names
from mockpos.checkout_plan.run import Play, Waiting
from mockpos.testing import Sandbox, Server, serve
from tests.control.clients_over_http import OverHttp, new_ids
from tests.telemetry import clients

LISTING = "TG-1042"
SHORT_PAUSES = Patience(first_pause=0.01, longest_pause=0.05)

Buy = Callable[[Sandbox, int, bool], object]
"""Buys a number of tickets; the last argument says that the order fails."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as running:
        yield running


def correct(sandbox: Sandbox, quantity: int, order_fails: bool) -> object:
    client = AutomatorClient(sandbox.url, sandbox.api_key)
    return Checkout(client, SHORT_PAUSES).buy(Purchase(LISTING, quantity, order_fails=order_fails))


def wrong(client: type[clients.Checkout]) -> Buy:
    def buy(sandbox: Sandbox, quantity: int, order_fails: bool) -> object:
        caller = OverHttp(sandbox.url, sandbox.api_key)
        return client(caller, new_ids()).buy(LISTING, quantity, "order-1", order_fails=order_fails)

    return buy


def until_ended(client: threading.Thread) -> Waiting:
    """Return times that are over soon after a client has ended, and not before."""
    looks = itertools.count(-10)  # the journal may hear of a lost answer a moment later than its client
    return Waiting(
        clock=lambda: 0.0 if client.is_alive() else max(0.0, 1000.0 * next(looks)), sleep=lambda _: client.join(0.01)
    )


def quick(plan: Plan) -> Plan:
    """Return a plan with short delays."""
    rules = ({**rule, **({"delay": "300ms"} if "delay" in rule else {})} for rule in plan.rules)
    return replace(plan, rules=tuple(rules))


def outcome(server: Server, name: str, buy: Buy) -> dict[str, str]:
    """Run a plan against a client; return the word of each rule."""
    with server.sandbox() as sandbox:
        plan = quick(load_plan(find_plan(name)))
        client = threading.Thread(target=buy, args=(sandbox, plan.quantity, name == "failed-order"))
        play = Play(sandbox, plan, LISTING, until_ended(client))
        play.prepare()
        client.start()
        evidence = play.watch()
    return {result.rule.id: result.finding.word.value for result in judge(plan, evidence)}


def guilty(words: dict[str, str]) -> set[str]:
    return {rule for rule, word in words.items() if word not in ("pass", "not offered")}


@pytest.mark.parametrize("name", plan_names())
def test_a_correct_checkout_is_clean(server: Server, name: str) -> None:
    words = outcome(server, name, correct)
    assert guilty(words) == set()
    assert words["BUY-01"] == "pass"


RESUBMITS = {"BUY-02", "BUY-03", "BUY-04"}
GUILTY = {
    clients.LeaksHolds: {
        "failed-order": {"BUY-01", "BUY-02"},
        "refused-invoice": {"BUY-01", "BUY-02", "BUY-05"},
        "lapsed-hold": {"BUY-02", "BUY-05"},
    },
    clients.Resubmits: {"lost-hold-answer": {"BUY-01", *RESUBMITS}},
    clients.TwoOrders: {
        "good-purchase": {"BUY-06"},
        "lost-hold-answer": {"BUY-06"},
        "lost-invoice-answer": {"BUY-06"},
        "down-and-back": {"BUY-06"},
    },
    clients.NeverFollowsUp: {
        "lost-hold-answer": {"BUY-01", "BUY-02", "BUY-03"},
        "lost-invoice-answer": {"BUY-03"},
        "refused-invoice": {"BUY-01", "BUY-02", "BUY-05"},
        "lapsed-hold": {"BUY-02", "BUY-05"},
    },
    clients.KeepsCalling: {"sold-out": {"BUY-07"}},
    clients.GivesUpOnInvoice: {
        "down-and-back": {"BUY-01", "BUY-02", "BUY-05"},
        "refused-invoice": {"BUY-01", "BUY-02", "BUY-05"},
        "failed-order": {"BUY-01", "BUY-02"},
        "lost-invoice-answer": {"BUY-03"},
        "lapsed-hold": {"BUY-02", "BUY-05"},
    },
}
"""What each wrong client is guilty of, plan by plan; under the plans that are not named it is guilty of nothing."""

IMPATIENT = "retry-storm"
TRIED = [name for name in plan_names() if name not in (IMPATIENT, "slow-hold")]


@pytest.mark.parametrize("client", GUILTY)
@pytest.mark.parametrize("name", TRIED)
def test_a_wrong_checkout_is_guilty_of_what_it_did(server: Server, name: str, client: type[clients.Checkout]) -> None:
    words = outcome(server, name, wrong(client))
    assert guilty(words) == GUILTY[client].get(name, set())


def test_a_checkout_that_does_not_wait_when_asked_to_is_guilty_of_that(server: Server) -> None:
    assert guilty(outcome(server, IMPATIENT, wrong(clients.Checkout))) == {"BUY-08"}


@pytest.mark.parametrize(("again_at", "said"), [(4.0, "and the hold came again after 2.00 s"), (5.0, "")])
def test_how_long_a_checkout_waits_is_counted_from_the_answer(again_at: float, said: str) -> None:
    first = Call(1, "r-1", "hold", "pos_unavailable", "g-1", False, "complete", 0.0, 2.0, 3.0, {})
    evidence = Evidence([first, replace(first, number=2, at=again_at, retry_after=None)], [], 0, 0)
    results = judge(load_plan(find_plan(IMPATIENT)), evidence)
    [finding] = [result.finding for result in results if result.rule.id == "BUY-08"]
    assert (finding.detail or "").endswith(said)
    assert finding.proof == ((1, 2) if said else ())


@pytest.mark.parametrize(
    ("sold", "held", "said"),
    [
        (2, 0, ""),
        (1, 0, "1 ticket was bought; it has to end so that the tickets are bought"),
        (0, 0, "0 tickets were bought; it has to end so that the tickets are bought"),
        (2, 2, "2 tickets are still held"),
        (4, 0, "4 tickets were bought where 2 were asked for"),
        (4, 2, "4 tickets were bought where 2 were asked for"),
    ],
)
def test_an_end_that_is_not_the_right_one_is_told(sold: int, held: int, said: str) -> None:
    hold = Call(1, "r-1", "hold", "held", "g-1", True, "complete", 0.0, 0.1, None, {})
    calls = [hold, replace(hold, number=2, operation="invoice", code="invoiced")]
    [first, *_] = judge(load_plan(find_plan("good-purchase")), Evidence(calls, [], sold, held))
    assert (first.rule.id, first.finding.detail) == ("BUY-01", said)


def test_a_client_that_never_calls_is_not_tested_and_one_that_only_releases_neither(server: Server) -> None:
    plan = load_plan(find_plan("good-purchase"))
    with server.sandbox() as sandbox:
        play = Play(sandbox, plan, LISTING, Waiting(first=0.2, settled=0.1, open=0.2))
        play.prepare()
        assert {result.finding.word for result in judge(plan, play.watch())} == {"cannot test"}
        OverHttp(sandbox.url, sandbox.api_key).release("never-held")
        assert {result.finding.word for result in judge(plan, play.watch())} == {"cannot test"}


def test_every_finding_of_the_audit_is_a_rule() -> None:
    from mockpos.telemetry.audit.findings import FINDING_KINDS

    assert {rule.finding for rule in RULES if rule.finding} == set(FINDING_KINDS)
    caught = {rule for plans in GUILTY.values() for rules in plans.values() for rule in rules}
    assert {rule.id for rule in RULES} == {*caught, "BUY-08"}
