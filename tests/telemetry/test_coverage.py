"""Coverage counts every answer and sets it against the catalogue."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.refusals import documented_pairs
from mockpos.telemetry.coverage import Coverage, Documented, answers_to_cover, coverage_report

HOLD, RELEASE, INVOICE = Operation


def report(coverage: Coverage) -> Any:
    return coverage.report()


def test_what_is_to_cover_is_each_success_each_documented_code_and_what_belongs_to_no_operation() -> None:
    pairs = {(pair.operation, pair.code) for pair in answers_to_cover()}
    documented = {(operation, code.code) for operation, code in documented_pairs()}
    successes = {(HOLD, "held"), (RELEASE, "released"), (INVOICE, "invoiced")}
    assert pairs == documented | successes | {(None, "unknown_endpoint"), (None, "method_not_allowed")}
    assert len(answers_to_cover()) == len(pairs)


def test_at_first_everything_is_missing_in_documented_order_with_how_to_provoke_it() -> None:
    seen = report(Coverage())
    assert (seen["seen"], seen["percentage"]) == (0, 0)
    assert seen["documented"] == len(seen["missing"]) == sum(each["documented"] for each in seen["operations"])
    assert [each["operation"] for each in seen["operations"]] == ["hold", "release", "invoice", None]
    codes = [each["code"] for each in seen["operations"][0]["codes"]]
    assert codes == ["held", *(code.code for code in CATALOGUE.of(HOLD, has_body=True))]
    sold_out = next(each for each in seen["missing"] if each["code"] == "listing_sold_out")
    assert sold_out["provoke"] == CATALOGUE["listing_sold_out"].provoke


def test_what_was_seen_is_counted_and_no_longer_missing() -> None:
    coverage = Coverage()
    for _ in range(3):
        coverage.record(HOLD, "held")
    coverage.record(None, "unknown_endpoint")
    seen = report(coverage)
    assert seen["seen"] == 2
    assert seen["percentage"] == 1000 * 2 // seen["documented"] / 10
    assert seen["operations"][0]["codes"][0] == {"code": "held", "title": "Held", "count": 3}
    assert (HOLD, "held") not in {(each["operation"], each["code"]) for each in seen["missing"]}
    assert coverage.seen()[HOLD, "held"] == 3


def test_the_whole_is_100_percent_and_one_less_is_not() -> None:
    coverage = Coverage()
    *all_but_one, last = answers_to_cover()
    for pair in all_but_one:
        coverage.record(pair.operation, pair.code)
    assert 90 < report(coverage)["percentage"] < 100
    coverage.record(last.operation, last.code)
    assert report(coverage)["percentage"] == 100
    assert report(coverage)["missing"] == []


def test_what_is_not_documented_stands_apart_and_is_bounded() -> None:
    coverage = Coverage()
    coverage.record(None, "uri_too_long")
    coverage.record(HOLD, "mock_unknown_scenario")
    assert report(coverage)["other"] == [
        {"operation": None, "code": "uri_too_long", "count": 1},
        {"operation": "hold", "code": "mock_unknown_scenario", "count": 1},
    ]
    for number in range(1000):
        coverage.record(None, f"made-up-{number}")
    assert len(report(coverage)["other"]) == 200
    assert report(coverage)["seen"] == 0


def test_another_contract_has_other_pairs() -> None:
    with_body = [(operation, code) for operation in Operation for code in CATALOGUE.of(operation, has_body=True)]
    assert report(Coverage(with_body))["documented"] > report(Coverage())["documented"]


def test_a_reset_forgets_but_what_was_ever_seen_never_falls() -> None:
    coverage = Coverage()
    coverage.record(HOLD, "held")
    coverage.reset()
    assert (coverage.seen()[HOLD, "held"], coverage.ever_seen()[HOLD, "held"]) == (0, 1)
    coverage.record(HOLD, "held")
    assert (coverage.seen()[HOLD, "held"], coverage.ever_seen()[HOLD, "held"]) == (1, 2)


def test_64_callers_are_all_counted() -> None:
    coverage = Coverage()
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda _: coverage.record(INVOICE, "invoiced"), range(5000)))
    assert coverage.seen()[INVOICE, "invoiced"] == 5000


def test_a_percentage_is_cut_so_that_100_means_all() -> None:
    documented = [Documented(HOLD, f"code-{number}", "", "") for number in range(3_000)]
    seen = {each.answer: 1 for each in documented[1:]}
    assert coverage_report(documented, seen)["percentage"] == 99.9
