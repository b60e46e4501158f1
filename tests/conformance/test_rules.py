"""The rules themselves: well-formed, honestly sourced, and shown as they are."""

import json

import pytest
from click.testing import CliRunner

from mockpos.cli import cli
from mockpos.conformance.check import Check, Level, Verdict, Word, recommendation, verdict_of
from mockpos.conformance.checks import CHECKS, RULESET, is_provisional
from mockpos.conformance.options import read_codes
from mockpos.conformance.rules import markdown
from mockpos.domain.errors import BadInput
from tests.conftest import ROOT


@pytest.mark.parametrize("check", CHECKS, ids=[check.id for check in CHECKS])
def test_must_is_what_ticket_evolution_says_and_the_rest_is_a_recommendation(check: Check) -> None:
    if check.level is Level.MUST:
        assert check.source.address.startswith("https://ticketevolution.atlassian.net/wiki/")
        said = " ".join((ROOT / "tests/conformance/quotations.txt").read_text().split())
        assert check.source.text in said
    assert check.rule.endswith(".")
    assert 1 <= check.since <= RULESET
    assert set(check.after) <= {each.id for each in CHECKS}


def test_a_check_comes_after_those_it_rests_on() -> None:
    order = [check.id for check in CHECKS]
    for check in CHECKS:
        assert all(order.index(each) < order.index(check.id) for each in check.after), check.id


def test_the_page_of_rules_is_made_of_the_checks() -> None:
    assert (ROOT / "docs/conformance-rules.md").read_text() == markdown(), (
        "run: mockpos conform rules --markdown > docs/conformance-rules.md"
    )


def test_rules_are_shown_as_a_list_one_by_one_and_as_json() -> None:
    def run(*words: str) -> str:
        return CliRunner().invoke(cli, ["conform", "rules", *words], catch_exceptions=False).output

    assert all(check.id in run() for check in CHECKS)
    one = run("hold-03")
    assert "mockpos recommendation" in one
    assert "the same hold again" in one
    documents = json.loads(run("--json"))["rules"]
    assert [each["id"] for each in documents] == [check.id for check in CHECKS]
    assert run("--markdown") == markdown()


def test_an_unknown_rule_is_refused_with_the_nearest() -> None:
    done = CliRunner().invoke(cli, ["conform", "rules", "HOLD03"])
    assert "did you mean HOLD-03" in str(done.exception)


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ([], Verdict.NOTHING_TESTED),
        ([Word.CANNOT_TEST, Word.NOT_OFFERED], Verdict.NOTHING_TESTED),
        ([Word.KIT_ERROR], Verdict.NOTHING_TESTED),
        ([Word.PASS, Word.NOT_OFFERED, Word.WARN], Verdict.CONFORMANT),
        ([Word.PASS, Word.CANNOT_TEST], Verdict.PARTIAL),
        ([Word.PASS, Word.KIT_ERROR], Verdict.PARTIAL),
        ([Word.PASS, Word.CANNOT_TEST, Word.FAIL], Verdict.NOT_CONFORMANT),
    ],
)
def test_failures_outweigh_what_is_unknown_which_outweighs_passes(words: list[Word], verdict: Verdict) -> None:
    assert verdict_of(words) is verdict


def test_exit_statuses_tell_verdicts_apart() -> None:
    assert {str(verdict): verdict.exit_status for verdict in Verdict} == {
        "conformant": 0, "not conformant": 1, "partial": 3, "nothing tested": 4,
    }  # fmt: skip


def test_a_new_rule_is_shown_and_not_judged_for_one_version() -> None:
    rule = Check(id="NEW-01", rule="New.", level=Level.SHOULD, source=recommendation("x"), since=2)
    assert [is_provisional(rule, ruleset) for ruleset in (2, 3)] == [True, False]
    assert not any(is_provisional(check, 1) for check in CHECKS)


def test_codes_are_read_from_lists_and_from_openapi(tmp_path) -> None:  # type: ignore[no-untyped-def]  # pytest's
    def read(text: str) -> frozenset[str]:
        path = tmp_path / "codes"
        path.write_text(text)
        return read_codes(str(path))

    assert read("# ours\nSOLD_OUT  none left\nE-12: wrong\n") == {"SOLD_OUT", "E-12"}
    assert read('["A", {"code": "B"}]') == {"A", "B"}
    assert read("A: meaning\nB: another\n") == {"A", "B"}
    schema = {"properties": {"code": {"enum": ["A", "B"]}, "error": {"properties": {"code": {"const": "C"}}}}}
    api = {"openapi": "3.1.0", "paths": {"/holds": {"post": {"responses": {"200": {}, "409": {}}}}}, "x": schema}
    assert read(json.dumps(api)) == {"A", "B", "C", "409"}
    with pytest.raises(BadInput, match="no code is found"):
        read("")
