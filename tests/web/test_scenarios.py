"""Scenarios over HTTP, where no real connection is needed: who chooses, what is forced, what is committed."""

from pathlib import Path
from threading import Thread

import pytest

from tests.conftest import BedMaker, a_listing


@pytest.fixture
def scenario(tmp_path: Path):
    """Write a scenario file: ``scenario("- {id: ...}")``."""

    def write(*rules: str) -> Path:
        path = tmp_path / "s.yaml"
        path.write_text("name: s\nseed: 7\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules))
        return path

    return write


def test_a_forced_refusal_changes_nothing_and_names_its_rule(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: closed, on: hold, respond: listing_sold_out}"))
    answer = bed.hold(global_id="g")
    assert (answer.status_code, answer.json["code"]) == (409, "listing_sold_out")
    assert answer.headers["X-Mockpos-Scenario"] == "s"
    assert answer.headers["X-Mockpos-Rule"] == "closed"
    assert bed.store.peek("g") is None


def test_after_commit_the_sale_is_written_though_the_caller_is_told_it_failed(make_bed: BedMaker, scenario) -> None:
    rule = "{id: lost, on: invoice, when: {attempt: 1}, respond: pos_timeout, phase: after_commit}"
    bed = make_bed(scenario=scenario(rule))
    bed.hold(global_id="g")
    assert bed.invoice("g").json["code"] == "pos_timeout"
    _listing, stock = next(iter(bed.store.listings()))
    assert (stock.sold, stock.held) == (2, 0)
    again = bed.invoice("g")
    assert (again.status_code, again.json["replayed"]) == (200, True)


def test_a_business_refusal_stays_uncommitted_under_an_after_commit_rule(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: lost, on: hold, respond: internal_error, phase: after_commit}"))
    assert bed.hold(quantity=5, global_id="g").json["code"] == "internal_error"
    assert bed.store.peek("g") is None


def test_a_raw_answer_is_what_a_proxy_would_say(make_bed: BedMaker, scenario) -> None:
    rule = '{id: proxy, on: any, raw: {status: 502, content_type: text/html, body: "<h1>Bad gateway</h1>"}}'
    answer = make_bed(scenario=scenario(rule)).hold()
    assert (answer.status_code, answer.mimetype, answer.text) == (502, "text/html", "<h1>Bad gateway</h1>")


def test_retry_after_is_the_rules(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: later, on: hold, respond: pos_unavailable, retry_after: 7s}"))
    assert bed.hold().headers["Retry-After"] == "7"


def test_times_fires_exactly_so_often_with_64_callers(make_bed: BedMaker, scenario) -> None:
    rule = "{id: five, on: hold, times: 5, respond: pos_unavailable}"
    bed = make_bed(a_listing(quantity=1000), scenario=scenario(rule))
    codes: list[int] = []
    callers = [Thread(target=lambda n=n: codes.append(_hold_alone(bed, f"t-{n}"))) for n in range(64)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(codes) == [200] * 59 + [503] * 5


def _hold_alone(bed, global_id: str) -> int:
    body = {"remote_id": "TG-1", "quantity": 1, "global_id": global_id}
    client = bed.client.application.test_client()
    return client.post("/v1/holds", json=body, headers={"X-API-Key": "mockpos-dev-key"}).status_code


def test_the_header_wins_over_the_active_scenario(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: closed, on: hold, respond: listing_sold_out}"))
    body = {"remote_id": "TG-1", "quantity": 2, "global_id": "g"}
    chosen = bed.call("POST", "/v1/holds", body, X_Mockpos_Scenario="hold-invalid_split")
    assert chosen.json["code"] == "invalid_split"
    nothing = bed.call("POST", "/v1/holds", body, X_Mockpos_Scenario="none")
    assert (nothing.status_code, "X-Mockpos-Rule" in nothing.headers) == (200, False)


def test_what_a_header_chose_uses_up_nothing_of_what_is_on(make_bed: BedMaker, scenario) -> None:
    path = scenario("{id: once, on: hold, times: 1, respond: listing_sold_out}")
    bed = make_bed(scenario=path, scenarios=path.parent)
    body = {"remote_id": "TG-1", "quantity": 1, "global_id": "g"}
    chosen = [bed.call("POST", "/v1/holds", body, X_Mockpos_Scenario="s").status_code for _ in range(2)]
    assert chosen == [409, 200]
    assert [bed.hold(quantity=1).status_code for _ in range(2)] == [409, 200]


def test_an_unknown_scenario_in_the_header_is_loud_and_changes_nothing(make_bed: BedMaker) -> None:
    bed = make_bed()
    body = {"remote_id": "TG-1", "quantity": 2, "global_id": "g"}
    answer = bed.call("POST", "/v1/holds", body, X_Mockpos_Scenario="hold-invalid_splitt")
    assert (answer.status_code, answer.json["code"]) == (400, "mock_unknown_scenario")
    assert answer.headers["X-Mockpos-Error"] == "true"
    assert "hold-invalid_split" in answer.json["detail"]
    assert bed.store.peek("g") is None


def test_the_key_and_the_fields_are_checked_before_the_scenario(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: all, on: any, respond: internal_error}"))
    assert bed.hold(quantity=0).json["code"] == "validation_failed"
    assert bed.call("POST", "/v1/holds", {}, X_API_Key="wrong").json["code"] == "api_key_invalid"


def test_a_rule_sees_the_stored_hold_of_an_invoice(make_bed: BedMaker, scenario) -> None:
    rule = '{id: only, on: invoice, when: {remote_id: "TG-2*", quantity: {min: 2}}, respond: invoice_rejected}'
    bed = make_bed(a_listing("TG-1"), a_listing("TG-20"), scenario=scenario(rule))
    for global_id, remote_id, quantity in (("a", "TG-1", 2), ("b", "TG-20", 1), ("c", "TG-20", 2)):
        bed.hold(remote_id, quantity, global_id)
    codes = [bed.invoice(each, f"o-{each}").status_code for each in "abc"]
    assert codes == [200, 200, 422]


@pytest.mark.parametrize(
    ("action", "then"),
    [
        ("steal: true", "invoice_rejected"),
        ("expire_hold: true", "hold_expired"),
        ("reprice: '99.00'", "240.00"),
        ("retire: {superseded_by: TG-2}", "240.00"),
    ],
)
def test_what_the_broker_does_in_the_same_transaction(make_bed: BedMaker, scenario, action: str, then: str) -> None:
    bed = make_bed(scenario=scenario(f"{{id: pos, on: hold, pos: [{{{action}}}]}}"))
    assert bed.hold(global_id="g").status_code == 200
    invoice = bed.invoice("g")
    assert then in (invoice.json.get("code"), invoice.json.get("total", {}).get("amount"))
    listing, stock = next(iter(bed.store.listings()))
    assert stock.available + stock.held + stock.sold == listing.quantity


def test_what_the_broker_sells_elsewhere_is_gone(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: pos, on: hold, times: 1, pos: [{sell: 1}]}"))
    assert bed.hold(quantity=2).status_code == 200
    assert bed.hold(quantity=2).json["available_quantity"] == 1
    bed = make_bed(scenario=scenario("{id: pos, on: invoice, pos: [{sell_rest: true}]}"))
    bed.hold(global_id="g")
    bed.invoice("g")
    assert bed.hold(quantity=1).json["code"] == "listing_sold_out"


def test_a_stolen_hold_gives_no_tickets_back(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: pos, on: hold, times: 1, pos: [{steal: true}]}"))
    bed.hold(global_id="g")
    assert bed.release("g").json["available_quantity"] == 2
    _listing, stock = next(iter(bed.store.listings()))
    assert (stock.available, stock.held, stock.sold) == (2, 0, 2)


def test_a_replay_lets_the_broker_do_nothing_more(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: pos, on: hold, pos: [{sell: 1}]}"))
    bed.hold(quantity=1, global_id="g")
    bed.hold(quantity=1, global_id="g")
    _, stock = next(iter(bed.store.listings()))
    assert stock.sold == 1


def test_faults_are_refused_loudly_where_there_is_no_connection_to_break(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario("{id: cut, on: hold, fault: reset, phase: after_commit}"))
    answer = bed.hold(global_id="g")
    assert (answer.status_code, answer.json["code"]) == (501, "mock_fault_unsupported")
    assert bed.store.peek("g") is None


def test_magic_listings_stand_beside_the_inventory_and_never_run_out(make_bed: BedMaker) -> None:
    bed = make_bed()
    assert [bed.hold("MOCK-OK", 1000).status_code for _ in range(20)] == [200] * 20
    assert bed.store.listing_count() == 1
    assert [listing.remote_id for listing, _ in bed.store.listings()] == ["TG-1"]


def test_magic_can_be_turned_off(make_bed: BedMaker) -> None:
    assert make_bed(no_magic=True).hold("MOCK-OK").json["code"] == "listing_not_found"


def test_a_rule_that_matches_comes_before_the_magic(make_bed: BedMaker, scenario) -> None:
    bed = make_bed(scenario=scenario('{id: mine, on: hold, when: {global_id: "x*"}, respond: invalid_split}'))
    assert bed.hold("MOCK-LISTING_SOLD_OUT", global_id="x1").json["code"] == "invalid_split"
    assert bed.hold("MOCK-LISTING_SOLD_OUT", global_id="y1").json["code"] == "listing_sold_out"
