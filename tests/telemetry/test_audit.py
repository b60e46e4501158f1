"""The six rules one by one, what is fine, and what the ledger remembers."""

from collections.abc import Callable
from itertools import count
from threading import Thread
from typing import Any

import pytest
from msgspec.structs import replace

from mockpos.domain.calls import Sent, StateView
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.codes import CATALOGUE
from mockpos.telemetry.audit.findings import FINDING_KINDS, AuditReport, FindingKind
from mockpos.telemetry.audit.history import MOST_CALLS
from mockpos.telemetry.audit.ledger import AuditLedger
from mockpos.telemetry.call_record import CallRecord

NUMBERS = count(1)
OPERATIONS = {"hold": Operation.HOLD, "release": Operation.RELEASE, "invoice": Operation.INVOICE}
DONE = {"hold": "held", "release": "released", "invoice": "invoiced"}


def call(line: str, global_id: str = "g1", **changes: Any) -> CallRecord:
    """Make a record: ``hold``, ``hold lost`` (committed, answer lost), ``hold gone`` (not committed, answer lost),
    ``hold again`` (replayed), ``hold CODE`` (refused), ``hold CODE late`` (committed, answered with that)."""
    what, _, how = line.partition(" ")
    number = next(NUMBERS)
    plain: dict[str, Any] = {
        "request_id": line, "at": Millis(number), "operation": OPERATIONS[what], "method": "POST", "target": "/v1",
        "global_id": global_id, "code": DONE[what], "committed": True,
    }  # fmt: skip
    if what == "hold":
        plain |= {"remote_id": "TG-1", "quantity": 2}
    if what == "invoice":
        plain["order_id"] = "order-1"
    match how.split():
        case ["lost"]:
            plain["sent"] = Sent.CUT
        case ["gone"]:
            plain |= {"sent": Sent.CLIENT_GONE, "code": "pos_unavailable", "committed": False}
        case ["again"]:
            plain |= {"replayed": True, "committed": False}
        case [code, "late"]:
            plain["code"] = code
        case [code]:
            plain |= {"code": code, "committed": False}
    plain |= changes
    return CallRecord(**{"arrival": plain["at"], **plain})


def arrived_now(record: CallRecord) -> CallRecord:
    number = next(NUMBERS)
    return replace(record, at=Millis(number), arrival=number)


def report_of(*calls: CallRecord | str, status: str | None = "held", pending_ok: bool = False) -> AuditReport:
    """Audit calls that arrived in this order."""
    ledger = AuditLedger()
    for one in calls:
        ledger.record(call(one) if isinstance(one, str) else arrived_now(one))
    return ledger.audit(hold_status=lambda global_id: status, pending_ok=pending_ok)


def kinds(report: AuditReport) -> list[str]:
    return [finding.kind.value for finding in report.findings]


def remembered(ledger: AuditLedger) -> int:
    return ledger.audit(hold_status=lambda _: None).remembered


def test_a_hold_that_is_alive_is_orphaned_unless_pending_is_all_right() -> None:
    assert kinds(report_of("hold")) == ["orphaned_hold"]
    assert kinds(report_of("hold", pending_ok=True)) == []
    assert kinds(report_of("hold", pending_ok=True, status="expired")) == ["orphaned_hold"]


@pytest.mark.parametrize("status", ["released", "invoiced"])
def test_a_hold_that_the_store_knows_to_have_ended_well_is_not_orphaned(status: str) -> None:
    assert kinds(report_of("hold", status=status)) == []
    assert kinds(report_of("hold lost", status=status)) == []


def test_a_hold_whose_release_did_not_get_through_is_orphaned() -> None:
    report = report_of("hold", "release pos_unavailable")
    assert report.findings[0].requests == ("hold", "release pos_unavailable")


@pytest.mark.parametrize("answer", ["lost", "pos_timeout late", "internal_error late", "raw late", "bad_gateway late"])
def test_a_commit_that_nobody_heard_of_is_unacknowledged(answer: str) -> None:
    report = report_of("hold", f"invoice {answer}", status="invoiced")
    assert kinds(report) == ["unacknowledged_commit"]
    assert report.findings[0].requests == (f"invoice {answer}",)


@pytest.mark.parametrize("follow_up", ["invoice again", "invoice gone", "release hold_already_invoiced",
                                       "hold global_id_closed", "invoice pos_unavailable"])  # fmt: skip
def test_any_later_call_follows_a_lost_answer_up(follow_up: str) -> None:
    assert kinds(report_of("hold", "invoice lost", follow_up, status="invoiced")) == []


def test_a_lost_answer_recorded_after_its_follow_up_is_followed_up() -> None:
    ledger = AuditLedger()
    hold, lost, follow_up = call("hold"), call("invoice lost"), call("invoice pos_unavailable")
    for one in (hold, follow_up, lost):
        ledger.record(one)
    assert kinds(ledger.audit(hold_status=lambda global_id: "invoiced")) == []


@pytest.mark.parametrize("operation", ["hold", "invoice"])
def test_a_replay_follows_up_also_while_the_clock_stands_still(operation: str) -> None:
    ledger = AuditLedger()
    for line in ("hold again", "invoice again", f"{operation} lost"):
        ledger.record(call(line, at=Millis(5)))
    assert ledger.audit(hold_status=lambda global_id: "invoiced").verdict == "clean"


def test_a_number_of_arrival_decides_when_the_clock_was_set_back() -> None:
    ledger = AuditLedger()
    ledger.record(call("hold", at=Millis(900), arrival=1.0))
    ledger.record(call("release pos_unavailable", at=Millis(200), arrival=3.0))
    ledger.record(call("invoice lost", at=Millis(901), arrival=2.0))
    assert kinds(ledger.audit(hold_status=lambda global_id: "invoiced")) == []


def test_a_release_of_nothing_follows_up_a_lost_hold_that_never_was() -> None:
    assert kinds(report_of("hold gone", "release hold_not_found late", status=None)) == []


def double(*first: str, second: str = "hold", after: tuple[str, ...] = ()) -> AuditReport:
    ledger = AuditLedger()
    for line in first:
        ledger.record(call(line))
    ledger.record(call(second, "g2", request_id="second"))
    ledger.record(call("invoice", "g2"))
    for line in after:
        ledger.record(call(line))
    return ledger.audit(hold_status={"g1": "held", "g2": "invoiced"}.get)


@pytest.mark.parametrize("answer", ["lost", "pos_timeout late", "raw late"])
def test_asking_again_under_a_new_global_id_doubles_the_hold(answer: str) -> None:
    report = double(f"hold {answer}")
    found = {finding.kind: finding for finding in report.findings}
    assert found[FindingKind.DOUBLE_HOLD].requests == (f"hold {answer}", "second")
    assert found[FindingKind.DOUBLE_HOLD].global_id == "g1"


@pytest.mark.parametrize(
    "first",
    [["hold"], ["hold gone"], ["hold listing_sold_out"], ["hold lost", "hold again"], ["hold lost", "release"],
     ["hold lost", "release lost"]],
)  # fmt: skip
def test_a_new_global_id_is_all_right_when_the_first_is_known_or_does_not_live(first: list[str]) -> None:
    assert "double_hold" not in kinds(double(*first))


@pytest.mark.parametrize("after", ["hold again", "release", "invoice", "hold gone"])
def test_a_first_hold_that_is_looked_after_shows_that_the_second_is_another_buyers(after: str) -> None:
    assert "double_hold" not in kinds(double("hold lost", after=(after,)))


def test_other_tickets_are_no_resubmission() -> None:
    ledger = AuditLedger()
    ledger.record(call("hold lost"))
    ledger.record(call("hold", "g2", quantity=1))
    ledger.record(call("hold", "g3", remote_id="TG-2"))
    assert "double_hold" not in kinds(ledger.audit(hold_status=lambda global_id: "held"))


def test_a_hold_that_expired_before_the_second_came_is_not_doubled() -> None:
    ledger = AuditLedger()
    ledger.record(call("hold lost", at=Millis(10**6)))
    ledger.hold_ended("g1", Millis(10**6 + 900))
    ledger.record(call("hold", "g2", at=Millis(10**6 + 900)))
    assert "double_hold" not in kinds(ledger.audit(hold_status=lambda global_id: "expired"))


def test_a_hang_that_is_recorded_late_is_doubled_all_the_same() -> None:
    ledger = AuditLedger()
    first = call("hold lost")
    for line in ("hold", "invoice"):
        ledger.record(call(line, "g2"))
    ledger.record(first)
    assert "double_hold" in kinds(ledger.audit(hold_status={"g1": "held", "g2": "invoiced"}.get))


@pytest.mark.parametrize("answer", ["pos_unavailable", "gone", "invoice_rejected", "hold_expired", "raw"])
def test_an_invoice_that_never_got_through_is_missing(answer: str) -> None:
    report = report_of("hold", f"invoice {answer}", status="expired")
    assert kinds(report) == ["orphaned_hold", "invoice_missing"]


def test_an_invoice_that_got_through_in_the_end_or_was_released_is_not_missing() -> None:
    assert kinds(report_of("hold", "invoice gone", "invoice", status="invoiced")) == []
    assert kinds(report_of("hold", "invoice pos_timeout late", "invoice again", status="invoiced")) == []
    assert kinds(report_of("hold", "invoice invoice_rejected", "release", status="released")) == []
    assert kinds(report_of("invoice hold_not_found", "release hold_not_found late", status=None)) == []


def test_an_invoice_after_the_release_is_missing() -> None:
    assert kinds(report_of("hold", "release", "invoice hold_released", status="released")) == ["invoice_missing"]


def test_an_invoice_under_another_order_is_a_second_order() -> None:
    report = report_of("hold", "invoice", call("invoice order_id_conflict", order_id="order-2"), status="invoiced")
    assert kinds(report) == ["second_order"]
    assert report.findings[0].requests == ("invoice", "invoice order_id_conflict")


def test_a_conflict_proves_a_second_order_by_the_state_it_met() -> None:
    conflict = call("invoice order_id_conflict", before=StateView(hold_status="invoiced"))
    assert kinds(report_of(conflict, status="invoiced")) == ["second_order"]


def test_an_order_that_belongs_to_another_hold_is_no_second_order() -> None:
    conflict = call("invoice order_id_conflict", before=StateView(hold_status="held"))
    assert kinds(report_of("hold", conflict)) == ["orphaned_hold", "invoice_missing"]
    assert kinds(report_of("hold", conflict, call("invoice", order_id="order-9"), status="invoiced")) == []


@pytest.mark.parametrize("code", [code.code for code in CATALOGUE if not code.retryable])
def test_repeating_a_call_that_was_refused_for_good_is_named(code: str) -> None:
    report = report_of(f"hold {code}", f"hold {code}", status=None)
    assert kinds(report) == ["kept_calling_after_refusal"]
    assert len(report.findings[0].requests) == 2


@pytest.mark.parametrize("code", ["pos_unavailable", "rate_limited", "pos_timeout", "internal_error", "raw"])
def test_repeating_what_may_be_repeated_is_all_right(code: str) -> None:
    assert kinds(report_of(*[f"hold {code}"] * 5, status=None)) == []


def test_a_refusal_that_was_not_heard_may_be_asked_for_again() -> None:
    assert kinds(report_of(call("hold listing_sold_out", sent=Sent.CUT), "hold listing_sold_out", status=None)) == []


def test_another_call_after_a_refusal_is_all_right() -> None:
    other = call("hold listing_sold_out", remote_id="TG-2")
    assert kinds(report_of("hold listing_sold_out", other, status=None)) == []
    corrected = call("hold validation_failed", body=b"{}"), call("hold validation_failed", body=b"[]")
    assert kinds(report_of(*corrected, "hold", "release", status="released")) == []


def test_what_changed_in_between_makes_it_another_call() -> None:
    report = report_of("invoice hold_not_found", "hold", "invoice", status="invoiced")
    assert kinds(report) == []


def test_a_refusal_by_another_hold_may_be_waited_out() -> None:
    assert kinds(report_of("hold held_by_another", "hold", "release", status="released")) == []
    assert kinds(report_of("hold listing_sold_out", "hold", "release", status="released")) == [
        "kept_calling_after_refusal"
    ]


def test_releasing_again_after_a_heard_not_found_is_named() -> None:
    report = report_of("release hold_not_found late", "release hold_not_found", status=None)
    assert kinds(report) == ["kept_calling_after_refusal"]


def test_errors_of_the_mock_magic_listings_and_calls_without_an_id_are_left_out() -> None:
    report = report_of(
        "hold mock_unknown_scenario", call("hold", remote_id="MOCK-OK"), call("hold", global_id=None),
        call("hold", operation=None),
    )  # fmt: skip
    assert report.remembered == 0


def test_findings_come_in_the_order_of_their_first_evidence_and_say_all_of_themselves() -> None:
    ledger = AuditLedger()
    for global_id in ("g2", "g1", "g3"):
        ledger.record(call("hold", global_id, at=Millis(1_795_435_200_000), remote_id=f"TG-{global_id}"))
    document = dict(ledger.audit(hold_status=lambda global_id: "held").as_document())
    document["findings"] = list(document["findings"])
    assert [finding["global_id"] for finding in document["findings"]] == ["g2", "g1", "g3"]
    assert document["verdict"] == "findings"
    assert document["counts"] == {**dict.fromkeys(map(str, FindingKind), 0), "orphaned_hold": 3}
    assert document["findings"][0] == {
        "kind": "orphaned_hold",
        "global_id": "g2",
        "detail": "2 of TG-g2 were held for g2 and neither released nor invoiced; the hold is still alive.",
        "requests": ["hold"],
        "remote_id": "TG-g2",
        "quantity": 2,
        "first_at": "2026-11-23T12:00:00.000Z",
    }


def test_every_kind_is_defined_once() -> None:
    assert list(FINDING_KINDS) == list(FindingKind)


@pytest.mark.parametrize("end", ["release", "invoice"])
def test_ten_thousand_clean_checkouts_leave_nothing_remembered(end: str) -> None:
    ledger = AuditLedger(most_settled=50)
    for n in range(10_000):
        ledger.record(call("hold", f"g{n}"))
        ledger.record(call(end, f"g{n}"))
    assert remembered(ledger) == 0
    document = ledger.audit(hold_status=lambda global_id: None).as_document()
    assert {**document, "findings": list(document["findings"])} == {
        "verdict": "clean", "findings": [], "counts": dict.fromkeys(map(str, FindingKind), 0), "remembered": 0,
        "forgotten": 0, "unsafe": None,
    }  # fmt: skip


def test_ten_thousand_refused_holds_leave_nothing_remembered() -> None:
    ledger = AuditLedger()
    for n in range(10_000):
        ledger.record(call("hold listing_sold_out", f"g{n}"))
    assert remembered(ledger) == 0


def test_lost_holds_that_were_looked_after_wait_for_no_resubmission() -> None:
    ledger = AuditLedger()
    for n in range(500):
        ledger.record(call("hold lost", f"g{n}", remote_id=f"TG-{n}"))
        ledger.record(call("hold again", f"g{n}", remote_id=f"TG-{n}"))
        ledger.record(call("release", f"g{n}"))
    assert remembered(ledger) == 0
    assert ledger.audit(hold_status={}.get).verdict == "clean"


def test_what_is_forgotten_is_counted_and_makes_the_verdict_unsafe() -> None:
    ledger = AuditLedger(most_open=100)
    for n in range(150):
        ledger.record(call("hold lost", f"g{n}", remote_id=f"TG-{n}"))
    report = ledger.audit(hold_status=lambda global_id: "held", pending_ok=True)
    assert (report.remembered, report.forgotten) == (100, 50)
    assert report.findings[0].global_id == "g50"
    assert report.unsafe is not None


def test_what_was_no_finding_is_forgotten_without_a_word() -> None:
    ledger = AuditLedger(most_open=100)
    for n in range(150):
        for line in ("hold lost", "hold again", "release"):
            ledger.record(call(line, f"g{n}", remote_id=f"TG-{n}"))
    report = ledger.audit(hold_status={}.get)
    assert (report.findings, report.forgotten, report.unsafe) == ([], 0, None)


def test_the_calls_of_one_global_id_are_bounded_and_what_changed_the_state_is_kept() -> None:
    ledger = AuditLedger()
    for line in (*["hold pos_unavailable"] * 40, "hold", *["invoice pos_unavailable"] * 40):
        ledger.record(call(line))
    finding = ledger.audit(hold_status={"g1": "held"}.get).findings[0]
    assert finding.requests[0] == "hold"
    assert len(finding.requests) < MOST_CALLS
    assert f"({81 - MOST_CALLS} more calls with this Global ID are not listed.)" in finding.detail


def test_a_copy_stays_as_it_is_and_a_reset_forgets() -> None:
    ledger = AuditLedger()
    ledger.record(call("hold"))
    twin = ledger.copy()
    ledger.record(call("release"))
    assert (remembered(ledger), remembered(twin)) == (0, 1)
    twin.reset()
    assert twin.audit(hold_status=lambda global_id: "held").verdict == "clean"


def test_many_threads_record_while_one_audits() -> None:
    ledger = AuditLedger()

    def shop(thread: int) -> Callable[[], None]:
        def run() -> None:
            for n in range(500):
                for line in ("hold lost", "hold again", "invoice"):
                    ledger.record(call(line, f"g{thread}-{n}", remote_id=f"TG-{n % 3}"))

        return run

    threads = [Thread(target=shop(n)) for n in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        ledger.audit(hold_status=lambda global_id: "held")
    for thread in threads:
        thread.join()
    assert remembered(ledger) == 0
