"""The journal keeps what fits, forgets the oldest, and counts exactly, from any number of threads."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from mockpos.domain.calls import StateView
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.errors import BadInput
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.journal import Journal, JournalBudget, size_of
from mockpos.telemetry.journal.query import CallPattern, JournalQuery, pattern_of
from mockpos.validation.schema import problems_of
from tests.telemetry.records import a_record as call

HOLD, RELEASE, INVOICE = Operation


def ids(calls: list[CallRecord]) -> list[str]:
    return [each.request_id for each in calls]


def test_the_newest_stand_first_and_the_oldest_go_when_it_is_full() -> None:
    journal = Journal(limit=3)
    for number in range(5):
        journal.record(call(number))
    assert ids(journal.find()) == ["r-4", "r-3", "r-2"]
    assert (len(journal), journal.evicted) == (3, 2)
    assert journal.get("r-1") is None
    assert journal.get("r-2") == call(2)


def test_two_calls_with_one_request_id_are_both_kept_and_the_newest_is_got() -> None:
    journal = Journal(limit=2)
    journal.record(call(1, request_id="same"))
    journal.record(call(2, request_id="same"))
    assert [each.at % 10 for each in journal.find()] == [2, 1]
    journal.record(call(3))  # the older "same" goes, the newer must still be found
    found = journal.get("same")
    assert found is not None
    assert found.at % 10 == 2
    journal.record(call(4))
    assert journal.get("same") is None


WORLD = [
    call(0, operation=None, code="unknown_endpoint"),
    call(1, code="held", global_id="g-1", remote_id="TG-1"),
    call(2, code="held_by_another", global_id="g-2", remote_id="TG-1", scenario="rush"),
    call(3, operation=INVOICE, code="invoiced", global_id="g-1", order_id="o-1"),
    call(4, operation=RELEASE, code="hold_not_found", global_id="g-3", at=Millis(1_790_000_000_001)),
]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"operation": "hold"}, [2, 1]),
        ({"operation": "hold", "code": "held"}, [1]),
        ({"code": "unknown_endpoint"}, [0]),
        ({"global_id": "g-1"}, [3, 1]),
        ({"remote_id": "TG-1"}, [2, 1]),
        ({"order_id": "o-1"}, [3]),
        ({"scenario": "rush"}, [2]),
        ({"since": "r-2"}, [4, 3]),
        ({"since": "r-4"}, []),
        ({"since": "2026-09-21T14:13:20.001Z"}, [4, 3, 2, 1]),
        ({"since": "2026-09-21T14:13:20.003Z"}, [3]),  # the clock was set back before the last call
        ({"limit": "2"}, [4, 3]),
        ({"operation": "hold", "since": "r-1", "limit": "1"}, [2]),
    ],
)
def test_a_filter_lets_through_what_was_asked_for(asked: dict[str, str], numbers: list[int]) -> None:
    journal = Journal()
    for each in WORLD:
        journal.record(each)
    query = JournalQuery().load(asked)
    found = journal.find(pattern_of(query), query.get("since"))[: query.get("limit")]
    assert ids(found) == [f"r-{number}" for number in numbers]


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({"operatoin": "hold"}, "operatoin", "did you mean operation"),
        ({"operation": "holds"}, "operation", "did you mean hold"),
        ({"code": "listing_soldout"}, "code", "did you mean listing_sold_out"),
        ({"operation": "release", "code": "held"}, "code", "release never answers held"),
        ({"operation": "hold", "code": "unknown_endpoint"}, "code", "never answers"),
        ({"global_id": "!"}, "global_id", "no Global ID"),
        ({"remote_id": ""}, "remote_id", "1 to 128"),
        ({"order_id": "a\x00"}, "order_id", "control"),
        ({"limit": "0"}, "limit", "1 to 10000"),
        ({"limit": "²"}, "limit", "1 to 10000"),
        ({"limit": "9" * 5000}, "limit", "1 to 10000"),
        ({"since": "2026-09-21T14:13:20 02:00"}, "since", "%2B"),
        ({"since": ""}, "since", "Must be a time"),
    ],
)
def test_a_wrong_filter_is_refused_with_the_field_and_the_way_out(asked: dict[str, str], field: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        JournalQuery().load(asked)
    ((place, problem),) = problems_of(refused.value)
    assert place == (field,)
    assert says in problem


def test_since_a_request_that_is_gone_is_refused_and_says_how_many_were_evicted() -> None:
    journal = Journal(limit=1)
    journal.record(call(1))
    journal.record(call(2))
    with pytest.raises(BadInput, match="No request r-1 is in the journal; calls evicted so far: 1"):
        journal.find(since="r-1")


def test_clearing_begins_anew() -> None:
    journal = Journal(limit=2)
    for number in range(3):
        journal.record(call(number))
    assert journal.clear() == 2
    assert (len(journal), journal.bytes_used, journal.evicted) == (0, 0, 0)
    journal.record(call(9))
    assert (ids(journal.find()), journal.evicted) == (["r-9"], 0)


def test_a_busy_sandbox_pays_for_its_own_calls_and_a_quiet_one_keeps_its_proof() -> None:
    size = size_of(call(1))
    budget = JournalBudget(100 * size)
    quiet, busy = Journal(budget), Journal(budget)
    for number in range(5):
        quiet.record(call(number))
    for number in range(1000):
        busy.record(call(number % 10))
    assert (len(quiet), quiet.evicted) == (5, 0)
    assert len(busy) == 95
    for number in range(10):
        quiet.record(call(number))
    assert (len(quiet), quiet.evicted) == (15, 0)
    assert budget.used <= budget.max_bytes
    assert budget.evicted == busy.evicted


def test_a_call_larger_than_the_whole_budget_is_not_kept_and_harms_no_other_sandbox() -> None:
    budget = JournalBudget(100_000)
    mine, other = Journal(budget), Journal(budget)
    other.record(call(1))
    mine.record(call(2, body=bytes(200_000)))
    assert (len(mine), mine.evicted, len(other)) == (0, 1, 1)


def test_a_closed_journal_gives_its_bytes_back_and_takes_no_call_that_ends_late() -> None:
    budget = JournalBudget()
    journal = Journal(budget)
    journal.record(call(1))
    assert budget.used == size_of(call(1))
    journal.close()
    journal.record(call(2))
    assert (budget.used, len(journal), journal.get("r-2")) == (0, 0, None)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["record", "record", "record", "record", "clear", "drop", "open"]),
        st.integers(0, 5),
        st.integers(0, 9000),
    ),
    max_size=120,
)


@given(ACTS, st.integers(1, 12), st.integers(5_000, 40_000))
def test_the_bytes_are_exact_and_within_the_budget_whatever_happens(
    acts: list[tuple[str, int, int]], limit: int, max_bytes: int
) -> None:
    budget = JournalBudget(max_bytes)
    journals = [Journal(budget, limit)]
    for number, (act, which, size) in enumerate(acts):
        chosen = journals[which % len(journals)]
        if act == "record":
            chosen.record(call(number, request_id=f"r-{number % 7}", body=bytes(size)))
        elif act == "clear":
            chosen.clear()
        elif act == "open":
            journals.append(Journal(budget, limit))
        elif len(journals) > 1:
            chosen.close()
            journals.remove(chosen)
        check(budget, journals, limit)


def check(budget: JournalBudget, journals: list[Journal], limit: int) -> None:
    kept = [journal.find() for journal in journals]
    assert budget.used == sum(size_of(each) for calls in kept for each in calls) <= budget.max_bytes
    assert all(len(calls) <= limit for calls in kept)
    for journal, calls in zip(journals, kept, strict=True):
        assert journal.bytes_used == sum(map(size_of, calls))
        newest = {each.request_id: each for each in reversed(calls)}
        assert all(journal.get(f"r-{given}") is newest.get(f"r-{given}") for given in range(7))


def test_many_threads_on_many_journals_lose_and_invent_nothing() -> None:
    budget = JournalBudget(200_000)
    journals = [Journal(budget, limit=50) for _ in range(4)]

    def work(worker: int) -> None:
        for number in range(500):
            journal = journals[(worker + number) % 4]
            journal.record(call(number, request_id=f"{worker}-{number}", body=bytes(number)))
            if number % 100 == 0:
                journal.find(CallPattern(operation=HOLD))[:3]

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    kept = [journal.find() for journal in journals]
    assert budget.used == sum(size_of(each) for calls in kept for each in calls) <= budget.max_bytes
    assert sum(map(len, kept)) + sum(journal.evicted for journal in journals) == 16 * 500
    assert len({each.request_id for calls in kept for each in calls}) == sum(map(len, kept))


def typical(number: int) -> CallRecord:
    headers = ("Host", "User-Agent", "Accept", "Accept-Encoding", "X-Api-Key", "Content-Type", "Content-Length")
    return call(
        number,
        target="/v1/holds?n=" + str(number),
        headers=tuple((f"{name}-{number}", f"application/json {number}") for name in headers),
        body=b'{"remote_id":"TG-1042","quantity":2,"global_id":"order-%d"}' % number,
        global_id=f"order-{number}",
        remote_id=f"TG-{number}",
        response_headers=(("Content-Type", f"application/json {number}"), ("X-Request-Id", f"r-{number} ")),
        response_body=b"x" * 240 + str(number).encode(),
        why=f"nothing matched {number}",
        duration_ms=number / 7,
        before=StateView(300 + number, 400 + number, 500 + number, None),
        after=StateView(300 + number, 400 + number, 500 + number, "held"),
    )


def test_a_typical_call_takes_under_4_kb_and_the_estimate_is_near_the_truth() -> None:
    journal = Journal()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(2000):
            journal.record(typical(10_000 + number))
        taken = (tracemalloc.get_traced_memory()[0] - before) / 2000
    finally:
        tracemalloc.stop()
    assert taken < 4000
    assert 0.9 < journal.bytes_used / 2000 / taken < 1.35


def test_a_full_journal_takes_no_more_memory_however_many_calls_follow() -> None:
    journal = Journal(limit=200)
    tracemalloc.start()
    try:
        for number in range(4000):  # Python keeps a few thousand freed tuples too
            journal.record(typical(10_000 + number))
        before = tracemalloc.get_traced_memory()[0]
        for number in range(4000, 8000):
            journal.record(typical(10_000 + number))
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 50_000
