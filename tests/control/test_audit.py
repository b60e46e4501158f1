"""The audit over HTTP: the correct client is clean, each wrong one is named for what it did."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BedMaker, TestBed, a_listing, running_server
from tests.control.clients_over_http import OverFlask, OverHttp, control, new_ids
from tests.control.examples import differences, example_of
from tests.telemetry.clients import (
    Checkout,
    GivesUpOnInvoice,
    KeepsCalling,
    LeaksHolds,
    NeverFollowsUp,
    Resubmits,
    TwoOrders,
)

LOST = """
name: lost
rules:
  - {id: one, on: OPERATION, when: {attempt: 1, call: 1}, respond: CODE, phase: PHASE}
"""

OWN = {
    LeaksHolds: "orphaned_hold",
    Resubmits: "double_hold",
    TwoOrders: "second_order",
    NeverFollowsUp: "unacknowledged_commit",
    KeepsCalling: "kept_calling_after_refusal",
    GivesUpOnInvoice: "invoice_missing",
}


def lost(folder: Path, operation: str, code: str = "pos_timeout", phase: str = "after_commit") -> Path:
    """Write a scenario in which the first call of an operation goes wrong."""
    path = folder / "lost.yaml"
    path.write_text(LOST.replace("OPERATION", operation).replace("CODE", code).replace("PHASE", phase))
    return path


def audit(bed: TestBed, query: str = "") -> Any:
    return bed.client.get(f"/_mock/audit{query}").get_json()


def found(bed: TestBed) -> set[str]:
    return {finding["kind"] for finding in audit(bed)["findings"]}


@pytest.mark.parametrize("operation", ["hold", "release", "invoice"])
def test_the_correct_client_is_clean(make_bed: BedMaker, tmp_path: Path, operation: str) -> None:
    bed = make_bed(a_listing("TG-1", 40), scenario=lost(tmp_path, operation))
    client = Checkout(OverFlask(bed), new_ids())
    outcomes = [client.buy("TG-1", 2, f"order-{n}", order_fails=n == 1) for n in range(3)]
    assert outcomes == ["bought", "released", "bought"]
    assert audit(bed)["verdict"] == "clean"


@pytest.mark.parametrize(
    ("wrong", "operation", "remote_id", "order_fails"),
    [
        (LeaksHolds, None, "TG-1", True),
        (Resubmits, "hold", "TG-1", False),
        (TwoOrders, None, "TG-1", False),
        (NeverFollowsUp, "hold", "TG-1", False),
        (NeverFollowsUp, "invoice", "TG-1", False),
        (NeverFollowsUp, "release", "TG-1", True),
        (KeepsCalling, None, "NO-SUCH-LISTING", False),
    ],
)
def test_each_wrong_client_is_named_for_what_it_did(
    make_bed: BedMaker, tmp_path: Path, wrong: Any, operation: str | None, remote_id: str, order_fails: bool
) -> None:
    settings = {"scenario": lost(tmp_path, operation)} if operation else {}
    bed = make_bed(a_listing("TG-1", 40), **settings)
    wrong(OverFlask(bed), new_ids(), 50).buy(remote_id, 2, "order-1", order_fails=order_fails)
    answer = audit(bed)
    assert OWN[wrong] in {finding["kind"] for finding in answer["findings"]}
    for finding in answer["findings"]:
        for request_id in finding["requests"]:
            shown = bed.client.get(f"/_mock/requests/{request_id}").get_json()
            assert shown["global_id"].startswith("gid-")


def test_a_client_that_gives_up_on_a_failed_invoice_is_named(make_bed: BedMaker, tmp_path: Path) -> None:
    bed = make_bed(a_listing("TG-1", 40), scenario=lost(tmp_path, "invoice", "pos_unavailable", "before_commit"))
    GivesUpOnInvoice(OverFlask(bed), new_ids()).buy("TG-1", 2, "order-1")
    assert found(bed) == {"invoice_missing", "orphaned_hold"}


def test_a_hold_that_is_alive_is_a_finding_unless_it_may_be_pending(bed: TestBed) -> None:
    bed.hold(global_id="g-1")
    answer = audit(bed)
    assert [each["kind"] for each in answer["findings"]] == ["orphaned_hold"]
    assert "still alive" in answer["findings"][0]["detail"]
    assert differences(example_of("GET", "/audit"), answer) == []
    assert audit(bed, "?pending=ok")["verdict"] == "clean"


def test_a_hold_that_lapsed_is_a_finding_in_any_case_also_before_anything_else_is_called(bed: TestBed) -> None:
    bed.hold(global_id="g-1")
    bed.clock.advance(900_000)
    answer = audit(bed, "?pending=ok")
    assert [each["kind"] for each in answer["findings"]] == ["orphaned_hold"]
    assert "ended by itself" in answer["findings"][0]["detail"]


@pytest.mark.parametrize("query", ["?pending=maybe", "?pending=", "?pendin=ok", "?pending=%00"])
def test_a_wrong_question_is_refused(bed: TestBed, query: str) -> None:
    assert bed.client.get(f"/_mock/audit{query}").status_code == 422


def test_each_sandbox_is_audited_for_itself(bed: TestBed) -> None:
    key = bed.client.post("/_mock/sandboxes", json={"name": "one"}).get_json()["api_key"]
    bed.hold()
    assert bed.client.get("/_mock/audit", headers={"X-API-Key": key}).get_json()["verdict"] == "clean"
    assert bed.client.get("/s/one/_mock/audit").get_json()["verdict"] == "clean"
    assert audit(bed)["verdict"] == "findings"


def test_under_lost_answers_on_a_real_server_only_the_wrong_clients_are_named(tmp_path: Path) -> None:
    with running_server(tmp_path, "--scenario", "lost-answers", "--quiet") as server:
        url = server.url
        remote_ids = [each["remote_id"] for each in _listings(tmp_path)][:60]
        for wrong in (Checkout, *OWN):
            _, made = control(url, "POST", "/_mock/sandboxes", {})
            control(url, "POST", "/_mock/reset", {}, made["api_key"])
            client = wrong(OverHttp(url, made["api_key"]), new_ids(), 50)
            for n, remote_id in enumerate(remote_ids):
                client.buy(remote_id if n % 4 else "NO-SUCH-LISTING", 1, f"order-{n}", order_fails=n % 5 == 0)
            status, answer = control(url, "GET", "/_mock/audit", key=made["api_key"])
            assert status == 200
            kinds = {finding["kind"] for finding in answer["findings"]}
            if wrong is Checkout:
                assert kinds == set(), answer
            elif wrong is not GivesUpOnInvoice:  # lost-answers loses answers after the commit: all invoices got through
                assert OWN[wrong] in kinds, wrong
        assert server.stop() == 0


def _listings(folder: Path) -> Any:
    import json

    tables = json.loads((folder / "inventory.json").read_text())
    found = tables["listings"].values()
    return [each for each in found if not each.get("retired") and each.get("split_type") == "any"]
