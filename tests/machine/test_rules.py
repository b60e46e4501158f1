"""The rules of the contract in any order of calls, on every store and through either door.

``MOCKPOS_HYPOTHESIS=long pytest tests/machine`` tries twenty times as much and shrinks what it finds: about 20 minutes.
"""

import os
from collections import Counter

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.rules_machine import (
    Rules,
    RulesOnFile,
    RulesOverHttp,
    RulesOverHttpOnFile,
    RulesWhileBehind,
    budget,
)

MET = {
    ("hold", "ok"), ("hold", "replayed"), ("hold", "global_id_closed"), ("hold", "global_id_conflict"),
    ("hold", "listing_not_found"), ("hold", "listing_retired"), ("hold", "listing_not_for_sale"),
    ("hold", "listing_sold_out"), ("hold", "insufficient_quantity"), ("hold", "held_by_another"),
    ("hold", "invalid_split"),
    ("release", "ok"), ("release", "replayed"), ("release", "hold_not_found"), ("release", "hold_already_invoiced"),
    ("invoice", "ok"), ("invoice", "replayed"), ("invoice", "hold_reacquired"), ("invoice", "hold_not_found"),
    ("invoice", "hold_expired"), ("invoice", "hold_released"), ("invoice", "order_id_conflict"),
    ("invoice", "invoice_rejected"),
    ("sell", "ok"), ("sell", "broken_holds"), ("sell", "mock_pos_refused"), ("expire_hold", "ok"), ("retire", "ok"),
}  # fmt: skip
"""What a run has to meet, or it proves little: every business code of the contract among it."""


@pytest.mark.parametrize(
    ("machine", "examples"), [(Rules, 50), (RulesOnFile, 50), (RulesOverHttp, 40), (RulesOverHttpOnFile, 25)]
)
def test_the_rules_hold_in_any_order(machine: type[Rules], examples: int) -> None:
    machine.met = Counter()
    run_state_machine_as_test(machine, settings=budget(examples, 15))
    assert os.environ.get("MOCKPOS_HYPOTHESIS") == "long" or machine.met.keys() >= MET, MET - machine.met.keys()


def test_the_rules_hold_while_many_holds_that_have_lapsed_have_yet_to_be_ended() -> None:
    RulesWhileBehind.met, RulesWhileBehind.times_behind = Counter(), 0
    run_state_machine_as_test(RulesWhileBehind, settings=budget(100, 15))
    assert os.environ.get("MOCKPOS_HYPOTHESIS") == "long" or RulesWhileBehind.met.keys() >= MET
    assert RulesWhileBehind.times_behind > 100
