"""Verification counts, explains what came near, and says when evictions make its answer unsafe."""

from typing import Any

import pytest
from marshmallow import ValidationError
from msgspec.json import encode

from mockpos.domain.catalogue import Operation
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.verify import NO_CALLS, Expected, Verdict, expectation_of, verify
from mockpos.validation.schema import problems_of
from tests.telemetry.records import a_record

HOLD, RELEASE, INVOICE = Operation


def call(number: int, **values: object) -> CallRecord:
    usual: dict[str, object] = {
        "status": 200,
        "code": "held",
        "global_id": f"order-{number}",
        "remote_id": "TG-1042",
    }
    return a_record(number, **{**usual, **values})


HOLDS = [call(number) for number in (3, 2, 1)]


def judged(expected: dict[str, object], calls: list[CallRecord] = HOLDS, evicted: int = 0) -> Verdict:
    return verify(calls, expectation_of(Expected().load(expected)), evicted)


@pytest.mark.parametrize(
    ("expected", "satisfied"),
    [
        ({"operation": "hold", "count": 3}, True),
        ({"operation": "hold", "count": 3.0}, True),
        ({"operation": "hold", "count": 2}, False),
        ({"operation": "hold", "count": 4}, False),
        ({"operation": "hold", "code": "held", "global_id": "order-1", "count": 1}, True),
        ({"operation": "hold", "count": {"min": 1}}, True),
        ({"operation": "hold", "count": {"max": 2}}, False),
        ({"operation": "hold", "count": {"min": 1, "max": 3}}, True),
        ({"operation": "invoice", "count": 0}, True),
        ({"operation": "hold", "order_id": "199401-473339", "count": 0}, True),
        ({"operation": "hold", "scenario": "rush", "count": {"min": 1}}, False),
        ({"code": "unknown_endpoint", "count": 0}, True),
    ],
)
def test_a_count_is_judged(expected: dict[str, object], satisfied: bool) -> None:
    assert judged(expected).satisfied is satisfied


@pytest.mark.parametrize(
    ("expected", "field", "says"),
    [
        ({"count": 1}, "operation", "hold, release or invoice"),
        ({"operation": "hold"}, "count", "Missing"),
        ({"operation": "hold", "count": -1}, "count", "whole number from 0"),
        ({"operation": "hold", "count": True}, "count", "not true"),
        ({"operation": "hold", "count": 2.5}, "count", "not 2.5"),
        ({"operation": "hold", "count": float("inf")}, "count", "whole number"),
        ({"operation": "hold", "count": float("nan")}, "count", "whole number"),
        ({"operation": "hold", "count": "2"}, "count", 'not "2"'),
        ({"operation": "hold", "count": None}, "count", "not null"),
        ({"operation": "hold", "count": [1]}, "count", "not a list"),
        ({"operation": "hold", "count": {}}, "count", "one of them or both"),
        ({"operation": "hold", "count": {"least": 1}}, "count", "one of them or both"),
        ({"operation": "hold", "count": {"min": 2, "max": 1}}, "count", "min is larger"),
        ({"operation": "hodl", "count": 1}, "operation", "did you mean hold"),
        ({"operation": ["hold"], "count": 1}, "operation", "is no operation"),
        ({"operation": "hold", "code": "heldd", "count": 1}, "code", "did you mean held"),
        ({"operation": "hold", "code": "hold_expired", "count": 1}, "code", "hold never answers hold_expired"),
        ({"operation": "hold", "globalid": "g", "count": 1}, "globalid", "did you mean global_id"),
        ({"operation": "hold", "global_id": 5, "count": 1}, "global_id", "no Global ID"),
        ({"operation": "hold", "remote_id": True, "count": 1}, "remote_id", "string or a whole number"),
        ({"operation": "hold", "remote_id": 10**5000, "count": 1}, "remote_id", "1 to 128"),
        ({"operation": "hold", "scenario": {}, "count": 1}, "scenario", "name of a scenario"),
    ],
)
def test_a_wrong_expectation_is_refused_with_the_field(expected: dict[str, object], field: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Expected().load(expected)
    ((place, problem),) = problems_of(refused.value)
    assert place[0] == field
    assert says in problem


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        Expected().load({"operation": "hodl", "remote_id": "", "count": -1, "x": 1})
    assert {place[0] for place, _ in problems_of(refused.value)} == {"operation", "remote_id", "count", "x"}


def test_an_id_that_is_a_number_is_its_decimal_text() -> None:
    assert judged({"operation": "hold", "remote_id": 7, "count": 1}, [call(1, remote_id="7")]).satisfied


def test_the_nearest_calls_show_field_by_field_how_they_differ() -> None:
    calls = [
        call(9, operation=INVOICE, code="hold_expired", global_id="other"),
        call(3, code="listing_sold_out", status=409, global_id="order-77"),
        call(2, global_id="order-778", remote_id="TG-1"),
        call(1, global_id="zzz", remote_id="TG-9"),
    ]
    wanted: dict[str, object] = {"operation": "hold", "code": "held", "global_id": "order-77", "remote_id": "TG-1042"}
    verdict = judged({**wanted, "count": 1}, calls)
    assert [miss.call.request_id for miss in verdict.nearest] == ["r-3", "r-2", "r-1"]
    document: Any = verdict.document()
    assert document["nearest"][0]["differences"] == [
        {"field": "code", "expected": "held", "actual": "listing_sold_out"}
    ]
    lines = verdict.text.splitlines()
    assert lines[:2] == ["Expected exactly 1 call, found 0.", "The nearest 3 calls differ:"]
    assert lines[2].split("|")[1].strip() == "Request r-3"
    assert [line for line in lines[:7] if "<<<<<" in line] == [
        f"  code       {'held':40} | {'listing_sold_out':40}  <<<<< code does not match"
    ]
    assert "-> 409 listing_sold_out" in verdict.text


def test_among_equals_the_more_alike_comes_first_then_the_newer() -> None:
    calls = [
        call(5, global_id="x"),
        call(4, global_id="order-12"),
        call(3, global_id="y"),
        call(2, global_id="order-1"),
    ]
    verdict = judged({"operation": "hold", "global_id": "order-13", "count": 1}, calls)
    assert [miss.call.request_id for miss in verdict.nearest] == ["r-2", "r-4", "r-5"]


def test_other_words_when_there_were_no_calls_at_all() -> None:
    verdict = judged({"operation": "hold", "count": 1}, [])
    assert NO_CALLS in verdict.text
    assert verdict.nearest == ()


def test_too_many_are_shown_and_nothing_is_near() -> None:
    verdict = judged({"operation": "hold", "count": 1})
    assert [each.request_id for each in verdict.matched] == ["r-3", "r-2", "r-1"]
    assert verdict.nearest == ()
    assert "Expected exactly 1 call, found 3." in verdict.text
    assert "The newest that match:" in verdict.text


def test_too_few_when_every_call_matches() -> None:
    assert "there are no others" in judged({"operation": "hold", "count": 4}).text


@pytest.mark.parametrize(
    ("count", "evicted", "safe"),
    [
        (3, 0, True),
        (3, 1, False),  # the one that is gone could be a fourth
        ({"min": 3}, 9, True),  # more never hurts
        ({"min": 4}, 1, False),  # the one that is gone could be the fourth
        ({"min": 9}, 5, True),  # too few even with all that are gone
        ({"max": 2}, 9, True),  # too many already
        ({"max": 9}, 5, True),
        ({"max": 9}, 7, False),
    ],
)
def test_a_verdict_says_when_evictions_could_change_it(count: object, evicted: int, safe: bool) -> None:
    verdict = judged({"operation": "hold", "count": count}, evicted=evicted)
    assert verdict.safe is safe
    assert ("Not safe" in verdict.text) is not safe


def test_what_callers_chose_is_safe_to_print_and_to_write_as_json() -> None:
    odd = call(1, global_id="a\x1b[31m\ud800" + "x" * 100, target="/\udcff", method="P\nST")
    verdict = judged({"operation": "hold", "global_id": "a", "count": 1}, [odd])
    assert all(line.isprintable() for line in verdict.text.splitlines())
    encode(verdict.document())


def test_a_long_journal_is_searched_without_comparing_every_id() -> None:
    calls = [call(number) for number in range(10_000)]
    verdict = judged({"operation": "hold", "global_id": "order-10001", "count": 1}, calls)
    assert len(verdict.nearest) == 3
