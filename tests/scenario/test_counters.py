"""Counters are exact from any number of threads, bounded, and kept where the rules say."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mockpos.domain.catalogue import Operation
from mockpos.scenario.counters import Counters
from mockpos.scenario.engine import decide
from mockpos.scenario.loader import load_scenario_text
from mockpos.scenario.model import Arrival, Facts, Rule, Scenario

HOLD, RELEASE, INVOICE = Operation


def test_attempts_count_by_operation_and_global_id_and_calls_by_operation() -> None:
    counters = Counters()
    arrivals = [
        counters.arrive(operation, global_id)
        for operation, global_id in [(HOLD, "a"), (HOLD, "b"), (HOLD, "a"), (INVOICE, "a"), (HOLD, "a")]
    ]
    assert arrivals == [Arrival(1, 1), Arrival(1, 2), Arrival(2, 3), Arrival(1, 1), Arrival(3, 4)]


def test_five_times_is_exactly_five_with_64_callers() -> None:
    made = Scenario(name="mine", rules=(Rule(id="five", on=frozenset(Operation), times=5),))
    counters = Counters()

    def call(number: int) -> bool:
        facts = Facts(HOLD, f"g-{number}")
        return decide(made, facts, counters.arrive(HOLD, facts.global_id), counters) is not None

    with ThreadPoolExecutor(64) as pool:
        assert sum(pool.map(call, range(2000))) == 5
    assert counters.arrive(HOLD, "another") == Arrival(1, 2001)


def test_64_callers_with_one_global_id_get_every_attempt_once() -> None:
    counters = Counters()
    with ThreadPoolExecutor(64) as pool:
        arrivals = list(pool.map(lambda _: counters.arrive(HOLD, "same"), range(2000)))
    assert sorted(arrival.attempt for arrival in arrivals) == list(range(1, 2001))
    assert sorted(arrival.call for arrival in arrivals) == list(range(1, 2001))


def test_the_oldest_attempts_are_forgotten_and_those_in_use_are_kept() -> None:
    counters = Counters(remember=10)
    for number in range(100):
        assert counters.arrive(HOLD, "busy").attempt == number + 1
        assert counters.arrive(HOLD, f"once-{number}").attempt == 1
    assert counters.arrive(HOLD, "once-99").attempt == 2
    assert counters.arrive(HOLD, "once-0").attempt == 1
    layers = (counters._young, *counters._shared, *counters._old)
    assert sum(count > 0 for layer in layers for counts in layer.values() for count in counts) <= 10


def test_a_reset_forgets_everything() -> None:
    counters = Counters()
    counters.arrive(HOLD, "a")
    counters.fire("mine", "r", 1)
    counters.reset()
    assert counters.arrive(HOLD, "a") == Arrival(1, 1)
    assert counters.fire("mine", "r", 1) == 1


def test_the_same_rule_id_in_another_scenario_has_its_own_count() -> None:
    counters = Counters()
    assert counters.fire("mine", "r", 1) == 1
    assert counters.fire("mine", "r", 1) is None
    assert counters.fire("other", "r", 1) == 1


BEFORE = """\
name: mine
rules:
  - {id: same, on: hold, times: 2, when: {remote_id: A}}
  - {id: edited, on: hold, times: 2, delay: 1s}
  - {id: gone, on: hold, times: 2}
"""
AFTER = """\
# A comment, and the rules in another order.
name: mine
summary: Edited.
rules:
  - {id: edited, on: hold, times: 2, delay: 2s}

  - id: same
    on: [hold]
    when:
      remote_id: "A"
    times: 2
  - {id: new, on: hold, times: 2}
"""


@pytest.mark.parametrize(("rule", "next_firing"), [("same", 2), ("edited", 1), ("gone", 1), ("new", 1)])
def test_a_live_reload_keeps_the_counts_of_unchanged_rules(rule: str, next_firing: int) -> None:
    old, new = (load_scenario_text(text, "mine.yaml") for text in (BEFORE, AFTER))
    counters = Counters()
    counters.arrive(HOLD, "a")
    for name in ("same", "edited", "gone"):
        counters.fire("mine", name, 2)
    counters.fire("other", "edited", 2)
    counters.reload(old, new)
    assert counters.fire("mine", rule, None) == next_firing
    assert counters.fire("other", "edited", None) == 2
    assert counters.arrive(HOLD, "a") == Arrival(2, 2)


def test_a_copy_goes_its_own_way() -> None:
    counters = Counters()
    counters.arrive(HOLD, "a")
    counters.fire("mine", "r", 3)
    kept = counters.copy()
    counters.arrive(HOLD, "a")
    counters.fire("mine", "r", 3)
    assert kept.arrive(HOLD, "a") == Arrival(2, 2)
    assert (kept.fire("mine", "r", 3), counters.fire("mine", "r", 3)) == (2, 3)


def test_copies_of_many_attempts_share_them_and_count_on_by_themselves() -> None:
    counters = Counters()
    for number in range(3000):
        counters.arrive(Operation.HOLD, f"g-{number}")
    first = counters.copy()
    for number in range(1500):
        counters.arrive(Operation.HOLD, f"g-{number}")
    second = counters.copy()
    assert counters.arrive(Operation.HOLD, "g-1").attempt == 3
    assert [kept.arrive(Operation.HOLD, "g-1").attempt for kept in (first, second, second)] == [2, 3, 4]
    assert [kept.arrive(Operation.HOLD, "g-2000").attempt for kept in (counters, first, second)] == [2, 2, 2]
    assert counters.arrive(Operation.RELEASE, "g-1").attempt == 1


def test_as_many_attempts_are_remembered_across_copies_as_without_them() -> None:
    counters, plain = Counters(remember=4000), Counters(remember=4000)
    for number in range(9000):
        for each in (counters, plain):
            each.arrive(Operation.HOLD, f"g-{number}")
        if number % 1100 == 0:
            counters.copy()
    for number in range(9000):
        name = f"g-{number}"
        assert counters.arrive(Operation.HOLD, name).attempt == plain.arrive(Operation.HOLD, name).attempt, name
