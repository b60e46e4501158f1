"""Reports: what they say, what they leave out, and that they are judged again by their own evidence."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockpos.cli import cli
from mockpos.conformance.check import Level
from mockpos.conformance.options import KnownFailing, read_known_failing, stale
from mockpos.conformance.report.document import document_of, dumps, exit_status, verify
from mockpos.conformance.report.html import html_of
from mockpos.conformance.report.lines import junit_of
from mockpos.conformance.run import Run
from tests.conformance.broken_holds import OversellsWhenHoldsRace, UnknownListingIsHeld
from tests.conformance.good import KEY, Automator, make_app, served
from tests.conformance.kit import conform


@pytest.fixture(scope="module")
def good() -> Run:
    with served(make_app(Automator())) as url:
        return conform(url)


@pytest.fixture(scope="module")
def bad() -> Run:
    with served(make_app(OversellsWhenHoldsRace())) as url:
        return conform(url)


def test_an_oversell_is_shown_as_the_contradicting_answers_alone(bad: Run) -> None:
    document = document_of(bad, [])
    race = next(result for result in document["results"] if result["id"] == "RACE-01")
    assert re.match(r"round 1: \w+ holds of 12 answered 200 for 12 tickets: (such as )?cf-", race["detail"])
    assert len(race["proof"]) == 2
    html = html_of(document)
    assert html.index("RACE-01") < html.index("Passed")
    assert 'id="RACE-01" open' in html


def test_the_html_opens_offline_and_holds_neither_key_nor_host(bad: Run) -> None:
    html = html_of(document_of(bad, []))
    assert KEY not in html
    assert "127.0.0.1" not in html
    outside = re.findall(r'(?:src|href)="(?!#)([^"]+)"', html)
    assert {address.partition("/wiki/")[0] for address in outside} <= {"https://ticketevolution.atlassian.net"}
    assert "$API_KEY" in html
    assert "mockpos conform &#34;$AUTOMATOR&#34; --listing 4711:12" in html


def test_hostile_answers_are_inert() -> None:
    class Hostile(UnknownListingIsHeld):
        def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
            return {
                **super().hold(remote_id, quantity, global_id),
                "seats": ["</script><script>alert(1)</script>\x1b[31m"],
            }

    with served(make_app(Hostile())) as url:
        run = conform(url, only=("HOLD-05",))
    document = document_of(run, [])
    html = html_of(document)
    assert "<script>alert" not in html
    assert html.count("<script") == 1
    assert verify(json.loads(dumps(document))).altered == []


def test_evidence_is_judged_again_with_the_same_words(good: Run, bad: Run) -> None:
    for run in (good, bad):
        document = json.loads(dumps(document_of(run, [])))
        again = verify(document)
        assert again.altered == []
        assert again.missing == []
        assert {name: str(word) for name, word in again.words.items()} == {
            result["id"]: result["word"] for result in document["results"]
        }
    assert verify(document_of(good, [])).certificate
    assert verify(document_of(bad, [])).certificate is None


def _pass(document: Any) -> None:
    next(result for result in document["results"] if result["id"] == "RACE-01")["word"] = "pass"


def _leave_out(document: Any) -> None:
    document["results"] = [result for result in document["results"] if result["id"] != "RACE-01"]


def _verdict(document: Any) -> None:
    document["verdict"] = {"must": "conformant", "should": "conformant"}


@pytest.mark.parametrize("alter", [_pass, _leave_out, _verdict])
def test_an_altered_report_gets_no_certificate(bad: Run, tmp_path: Path, alter: Callable[[Any], None]) -> None:
    document = json.loads(dumps(document_of(bad, [])))
    alter(document)
    path = tmp_path / "r.json"
    path.write_text(dumps(document))
    done = CliRunner().invoke(cli, ["conform", "verify", str(path)])
    assert done.exit_code == 1
    assert "Certificate" not in done.output


@pytest.mark.parametrize("text", ["", "{}", "<html></html>", '{"mockpos_conform_report": 1}', "[" * 100_000, "\0"])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    done = CliRunner().invoke(cli, ["conform", "verify", str(path)])
    assert "report" in str(done.exception)
    assert type(done.exception).__name__ == "BadInput"


def test_junit_has_a_case_for_each_check(bad: Run) -> None:
    from junitparser import JUnitXml

    suite = next(iter(JUnitXml.fromstring(junit_of(document_of(bad, [])).encode())))
    assert (suite.tests, suite.failures, suite.errors) == (47, 1, 0)
    failed = [case for case in suite if case.result and case.result[0].__class__.__name__ == "Failure"]
    assert failed[0].name.startswith("RACE-01")


def test_a_known_failure_is_put_up_with_until_its_day_and_no_longer_than_it_fails(
    bad: Run, good: Run, tmp_path: Path
) -> None:
    path = tmp_path / "conform.yaml"
    path.write_text("RACE-01: {why: being rewritten, until: 2027-01-31}\n")
    known = read_known_failing(path)
    assert known == {"RACE-01": KnownFailing("being rewritten", "2027-01-31")}
    with served(make_app(OversellsWhenHoldsRace())) as url:
        run = conform(url, known_failing=known)
    assert run.verdict(Level.MUST) == "conformant"
    assert stale(run.results, date(2027, 1, 31)) == []
    late = stale(run.results, date(2027, 2, 1))
    assert late == ["RACE-01 is known to fail until 2027-01-31, and that is past"]
    assert exit_status(document_of(run, late), Level.MUST) == 1
    with served(make_app(Automator())) as url:
        healed = conform(url, known_failing=known)
    assert "and passes: take it off the list" in stale(healed.results, date(2026, 12, 1))[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("HOLD-99: {why: x, until: 2027-01-31}", "no check has this id"),
        ("HOLD-07: {until: 2027-01-31}", "write {why: REASON, until: YYYY-MM-DD}"),
        ("HOLD-07: {why: x, until: soon}", "is no date"),
        ("- a", "expected a mapping"),
    ],
)
def test_a_bad_list_of_known_failures_is_refused_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "conform.yaml"
    path.write_text(text)
    with pytest.raises(Exception, match=re.escape(problem)) as caught:
        read_known_failing(path)
    assert "conform.yaml:1" in str(caught.value)


def test_many_automators_stand_side_by_side(good: Run, bad: Run, tmp_path: Path) -> None:
    for name, run in (("good", good), ("bad", bad)):
        (tmp_path / f"{name}.json").write_text(dumps(document_of(run, [])))
    page = tmp_path / "matrix.html"
    done = CliRunner().invoke(
        cli, ["conform", "matrix", str(tmp_path / "good.json"), str(tmp_path / "bad.json"), "--html", str(page)]
    )
    assert done.exit_code == 0, done.output
    row = next(line for line in done.output.splitlines() if line.startswith("RACE-01"))
    assert row.split() == ["RACE-01", "must", "✓", "✗"]
    assert "<td>RACE-01</td>" in page.read_text()
