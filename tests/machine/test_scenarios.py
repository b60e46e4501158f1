"""Scenarios, magic Remote IDs, headers, snapshots and all that the rules machine does, in any order, on every store.

``MOCKPOS_HYPOTHESIS=long`` is for it as for ``test_rules.py``.
"""

import os
from collections import Counter

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.rules_machine import budget
from tests.machine.scenario_machine import Scenarios, ScenariosOnFile

RULED = {
    ("drawn", "ok"), ("drawn", "replayed"), ("drawn", "pos_unavailable"), ("drawn", "pos_timeout"),
    ("drawn", "listing_sold_out"), ("drawn", "invoice_rejected"),
    ("magic", "ok"), ("magic", "pos_timeout"), ("magic", "listing_sold_out"), ("magic", "invoice_rejected"),
    ("magic", "hold_not_found"), ("magic", "pos_unavailable"), ("named", "rate_limited"),
}  # fmt: skip
"""What rules have to answer, or let happen, in every run."""


@pytest.mark.parametrize(("machine", "examples"), [(Scenarios, 36), (ScenariosOnFile, 18)])
def test_scenarios_do_what_they_say_in_any_order(machine: type[Scenarios], examples: int) -> None:
    machine.met, machine.ruled = Counter(), Counter()
    run_state_machine_as_test(machine, settings=budget(examples, 15))
    if os.environ.get("MOCKPOS_HYPOTHESIS") != "long":
        assert machine.ruled.keys() >= RULED, RULED - machine.ruled.keys()
        met = {("hold", "mock_fault_unsupported"), ("hold", "mock_unknown_scenario")}
        assert machine.met.keys() >= met, met - machine.met.keys()
