"""The kit judged: each broken automator is caught by the check made for it, and by no unrelated one."""

import pytest

from mockpos.conformance.rules import caught_faults
from tests.conformance.faults import FAULTS, Fault, restart_command, with_restart
from tests.conformance.good import Automator, served
from tests.conformance.kit import conform, failed, told, words


def test_a_correct_automator_passes_every_check() -> None:
    with served(with_restart(Automator(hold_seconds=3))) as url:
        run = conform(url, restart=restart_command(url), wait_expiry=5.0)
    assert set(words(run).values()) == {"pass"}, told(run)
    assert run.verdict(run.options.level) == "conformant"


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_broken_automator_is_caught_by_its_check_and_by_no_other(fault: Fault) -> None:
    with fault.serve(fault.make()) as url:
        options = dict(fault.options)
        if options.get("restart"):
            options["restart"] = restart_command(url)
        run = conform(url, **options)
    assert run.failed is None, run.failed
    assert words(run)[fault.check] == fault.word, told(run)
    assert failed(run) == ([fault.check] if fault.word == "fail" else []), told(run)
    published = next(each for each in caught_faults() if each.fault == fault.name)
    assert published.caught == tuple(failed(run)) or (fault.word, published.caught) == ("warn", (fault.check,))


def test_there_are_enough_faults_and_every_rule_that_can_fail_has_one() -> None:
    from mockpos.conformance.checks import CHECKS

    assert len(FAULTS) >= 30
    assert {check.id for check in CHECKS} == {fault.check for fault in FAULTS}


def test_the_published_table_has_every_broken_automator() -> None:
    assert [(each.fault, each.check) for each in caught_faults()] == [(fault.name, fault.check) for fault in FAULTS]
    assert not [each for each in caught_faults() if each.wrongly]
