"""The three operations over HTTP: exact bodies, the rules, every code as documented, and the order of checks."""

import json
from datetime import date
from decimal import Decimal

import pytest

from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import StoreUnavailable
from mockpos.domain.event import Event, EventState, Venue
from mockpos.domain.split import SplitType
from tests.conftest import KEY, a_listing

TTL = 15 * 60_000


def an_event(**changes):
    venue = Venue("Hall", "City", "America/New_York")
    return Event(**{"event_id": "EV-1", "name": "E", "venue": venue, "local_date": date(2026, 12, 5), **changes})


# Success bodies, byte by byte


def test_a_hold_answers_exactly_this(bed):
    reply = bed.hold(quantity=2, global_id="g-1")
    assert (reply.status_code, reply.content_type) == (200, "application/json")
    assert reply.data == (
        b'{"global_id":"g-1","remote_id":"TG-1","quantity":2,"status":"held","seats":["5","6"],'
        b'"held_at":"2026-11-23T12:00:00.000Z","expires_at":"2026-11-23T12:15:00.000Z",'
        b'"available_quantity":2,"replayed":false}'
    )


def test_a_release_answers_exactly_this(bed, clock):
    bed.hold(quantity=2, global_id="g-1")
    clock.advance(61_007)
    reply = bed.release("g-1")
    assert (reply.status_code, reply.content_type) == (200, "application/json")
    assert reply.data == (
        b'{"global_id":"g-1","remote_id":"TG-1","quantity":2,"status":"released",'
        b'"released_at":"2026-11-23T12:01:01.007Z","expired":false,"available_quantity":4,"replayed":false}'
    )


def test_an_invoice_answers_exactly_this(bed, clock):
    bed.hold(quantity=2, global_id="g-1")
    clock.advance(1)
    reply = bed.invoice("g-1", "199401-473339")
    assert (reply.status_code, reply.content_type) == (200, "application/json")
    assert reply.data == (
        b'{"global_id":"g-1","order_id":"199401-473339","invoice_id":"INV-000001","remote_id":"TG-1","quantity":2,'
        b'"status":"invoiced","seats":["5","6"],"buyer":"Ticket Evolution",'
        b'"total":{"amount":"240.00","currency":"USD"},"invoiced_at":"2026-11-23T12:00:00.001Z",'
        b'"hold_reacquired":false,"replayed":false}'
    )


def test_a_listing_without_seat_numbers_answers_with_no_seats(make_bed):
    bed = make_bed(a_listing("GA", 10, numbering=None))
    assert bed.hold("GA", 3, "g").json["seats"] == []
    assert bed.invoice("g").json["seats"] == []


def test_text_that_is_not_ascii_comes_back_as_it_was(make_bed):
    bed = make_bed(a_listing("Süd-ложа-🎫"))
    assert bed.hold(" Süd-ложа-🎫\n", 1, "g").json["remote_id"] == "Süd-ложа-🎫"
    assert bed.invoice("g", "№ 1").json["order_id"] == "№ 1"


@pytest.mark.parametrize(
    ("given", "kept"),
    [(199401, "199401"), (-5, "-5"), (0, "0"), ("199401-473339", "199401-473339"), (" a b ", "a b"), ("x" * 128,) * 2,
     (int("9" * 128), "9" * 128)],
)  # fmt: skip
def test_an_order_id_is_opaque(bed, given, kept):
    bed.hold(global_id="g")
    assert bed.invoice("g", given).json["order_id"] == kept
    assert bed.invoice("g", kept).json["replayed"] is True


def test_a_number_and_its_string_are_one_remote_id_and_a_longer_string_is_not(make_bed):
    bed = make_bed(a_listing("473339"))
    assert bed.hold(473339, 1, "g").json["remote_id"] == "473339"
    assert bed.hold("473339", 1, "g").json["replayed"] is True
    assert bed.hold("199401-473339", 1, "h").json["code"] == "listing_not_found"


@pytest.mark.parametrize("global_id", ["a", "A.b_c:d-e", "9" * 128])
def test_every_global_id_of_the_form_goes_through_all_three(bed, global_id):
    assert bed.hold(global_id=global_id).status_code == 200
    assert bed.invoice(global_id).status_code == 200
    assert bed.release(global_id).json["code"] == "hold_already_invoiced"


# Rules


def test_rule_1_the_lowest_run_that_fits_else_the_lowest_seats(make_bed):
    bed = make_bed(a_listing(quantity=8))
    for quantity, name in ((2, "a"), (1, "b"), (3, "c"), (2, "d")):
        bed.hold(quantity=quantity, global_id=name)
    assert bed.release("a").json["available_quantity"] == 2
    assert bed.release("c").json["available_quantity"] == 5
    assert bed.hold(quantity=3, global_id="e").json["seats"] == ["8", "9", "10"]
    bed.release("e")
    assert bed.hold(quantity=5, global_id="f").json["seats"] == ["5", "6", "8", "9", "10"]


def test_rule_1_the_count_adds_up_at_all_times(make_bed, clock):
    bed = make_bed(a_listing(quantity=6))

    def stock():
        listing, stock = next(bed.store.listings())
        assert listing.quantity == stock.available + stock.held + stock.sold
        return stock.available, stock.held, stock.sold

    bed.hold(quantity=3, global_id="a")
    assert stock() == (3, 3, 0)
    bed.hold(quantity=2, global_id="b")
    bed.invoice("b")
    assert stock() == (1, 3, 2)
    bed.release("a")
    assert stock() == (4, 0, 2)
    bed.hold(quantity=4, global_id="c")
    clock.advance(TTL)
    bed.release("other")
    assert stock() == (4, 0, 2)


def test_rule_2_a_repeated_hold_gets_the_first_answer(make_bed, clock):
    bed = make_bed(a_listing(quantity=4))
    first = bed.hold(quantity=2, global_id="g")
    bed.hold(quantity=2, global_id="other")
    bed.invoice("other")
    clock.advance(TTL - 1)
    again = bed.hold(quantity=2, global_id="g")
    assert again.data == first.data.replace(b'"replayed":false', b'"replayed":true')
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]


def test_rule_2_a_replay_does_not_look_at_the_listing(bed):
    first = bed.hold(quantity=2, global_id="g")
    for change in ({"retired": True}, {"mapped": False}, {"wholesale_price": Decimal(1)}):
        bed.store.world.fill([a_listing(**change)])
        assert bed.hold(quantity=2, global_id="g").data == first.data.replace(b"false", b"true")
    assert bed.invoice("g").json["total"]["amount"] == "240.00", "the price is the one of the hold"


def test_rule_2_same_content_is_judged_by_meaning(bed):
    bed.hold("TG-1", 2, "g")
    body = b'{"extra": 1, "quantity": 2.00, "remote_id": " TG-1 ", "global_id": "g"}'
    again = bed.client.post("/v1/holds", data=body, headers={"X-API-Key": KEY}, content_type="application/json")
    assert again.json["replayed"] is True


@pytest.mark.parametrize(("remote_id", "quantity"), [("TG-1", 1), ("TG-2", 2), ("no such listing", 2)])
def test_rule_2_other_content_under_a_live_id_is_a_conflict(make_bed, remote_id, quantity):
    bed = make_bed(a_listing(), a_listing("TG-2"))
    bed.hold("TG-1", 2, "g")
    assert bed.hold(remote_id, quantity, "g").json["code"] == "global_id_conflict"
    assert bed.hold("TG-1", 2, "g").json["replayed"] is True


@pytest.mark.parametrize("content", [("TG-1", 2), ("TG-1", 1), ("no such listing", 9)])
def test_rule_2_an_id_whose_hold_ended_never_holds_again(bed, clock, content):
    bed.hold(quantity=2, global_id="released")
    bed.release("released")
    bed.hold(quantity=2, global_id="invoiced")
    bed.invoice("invoiced")
    bed.hold(quantity=2, global_id="expired")
    clock.advance(TTL)
    for ended in ("released", "invoiced", "expired"):
        refused = bed.hold(*content, ended).json
        assert (refused["code"], refused["hold_status"]) == ("global_id_closed", ended)


def test_rule_2_a_refused_hold_is_not_remembered(bed):
    assert bed.hold(quantity=5, global_id="g").status_code == 409
    assert bed.hold(quantity=4, global_id="g").json["replayed"] is False


def test_rule_3_a_release_before_its_hold(bed):
    assert bed.release("late").json["code"] == "hold_not_found"
    refused = bed.hold(global_id="late").json
    assert (refused["code"], refused["hold_status"]) == ("global_id_closed", "released_before_hold")
    assert bed.invoice("late").json["code"] == "hold_not_found"
    again = bed.release("late")
    assert (again.status_code, again.json["code"]) == (404, "hold_not_found")


def test_rule_4_a_repeated_release_gets_the_first_answer(bed, clock):
    bed.hold(quantity=2, global_id="g")
    first = bed.release("g")
    bed.hold(quantity=4, global_id="other")
    clock.advance(TTL * 3)
    assert bed.release("g").data == first.data.replace(b'"replayed":false', b'"replayed":true')


def test_rule_4_releasing_an_expired_hold_says_so_and_it_is_then_released(bed, clock):
    bed.hold(quantity=3, global_id="g")
    clock.advance(TTL)
    bed.hold(quantity=1, global_id="other")
    first = bed.release("g")
    assert (first.json["expired"], first.json["available_quantity"], first.json["replayed"]) == (True, 3, False)
    assert bed.release("g").data == first.data.replace(b'"replayed":false', b'"replayed":true')
    assert bed.invoice("g").json["code"] == "hold_released"
    assert bed.hold(quantity=3, global_id="g").json["hold_status"] == "released"


def test_rule_5_a_hold_expires_at_the_very_millisecond(make_bed, clock):
    bed = make_bed(hold_ttl="1m")
    assert bed.hold(quantity=4, global_id="a").json["expires_at"] == "2026-11-23T12:01:00.000Z"
    clock.advance(59_999)
    assert bed.hold(quantity=1, global_id="b").json["code"] == "held_by_another"
    clock.advance(1)
    assert bed.hold(quantity=1, global_id="b").json["seats"] == ["5"]
    assert bed.invoice("a").json["code"] == "hold_expired"


def test_rule_5_expiry_latches_when_the_clock_goes_back(bed, clock):
    bed.hold(quantity=4, global_id="a")
    clock.advance(TTL)
    bed.release("unrelated")
    clock.advance(-TTL)
    assert bed.hold(quantity=4, global_id="a").json["code"] == "global_id_closed"
    assert bed.invoice("a").json["code"] == "hold_expired"
    assert bed.hold(quantity=4, global_id="b").status_code == 200


def test_rule_6_an_invoice_sells_once(bed, clock):
    bed.hold(quantity=2, global_id="g")
    first = bed.invoice("g", "o-1")
    clock.advance(TTL * 2)
    assert bed.invoice("g", "o-1").data == first.data.replace(b'"replayed":false', b'"replayed":true')
    assert bed.invoice("g", "o-2").json["code"] == "order_id_conflict"
    assert next(bed.store.listings())[1].sold == 2


def test_rule_6_an_order_belongs_to_one_hold_unless_it_may_repeat(make_bed):
    strict, lenient = make_bed(), make_bed(orders_may_repeat="true")
    for bed in (strict, lenient):
        bed.hold(quantity=1, global_id="a")
        bed.hold(quantity=1, global_id="b")
        bed.invoice("a", "o")
    assert strict.invoice("b", "o").json["code"] == "order_id_conflict"
    assert lenient.invoice("b", "o").json["invoice_id"] == "INV-000002"
    assert lenient.invoice("a", "o").json["replayed"] is True
    assert lenient.invoice("b", "p").json["code"] == "order_id_conflict"


def test_rule_6_a_refused_invoice_leaves_the_order_id_free(bed, clock):
    bed.hold(quantity=1, global_id="a")
    bed.release("a")
    assert bed.invoice("a", "o").status_code == 409
    bed.hold(quantity=1, global_id="b")
    assert bed.invoice("b", "o").status_code == 200


def test_rule_7_a_lapsed_hold_is_not_sold(bed, clock):
    bed.hold(quantity=2, global_id="g")
    clock.advance(TTL)
    refused = bed.invoice("g").json
    assert (refused["code"], refused["expired_at"]) == ("hold_expired", "2026-11-23T12:15:00.000Z")
    assert bed.hold(quantity=4).status_code == 200


def test_rule_7_reacquire_takes_the_same_seats_at_the_same_price(make_bed, clock):
    bed = make_bed(lapsed_hold="reacquire")
    bed.hold(quantity=1, global_id="first")
    bed.hold(quantity=2, global_id="g")
    clock.advance(TTL)
    bed.store.world.fill([a_listing(wholesale_price=Decimal("999.99"))])
    answer = bed.invoice("g").json
    assert (answer["seats"], answer["total"]["amount"], answer["hold_reacquired"]) == (["6", "7"], "240.00", True)
    again = bed.invoice("g").json
    assert again == {**answer, "replayed": True}
    assert bed.hold(quantity=2).json["seats"] == ["5", "8"]


def test_rule_7_reacquire_needs_exactly_these_seats(make_bed, clock):
    bed = make_bed(lapsed_hold="reacquire")
    bed.hold(quantity=2, global_id="g")
    clock.advance(TTL)
    bed.hold(quantity=1, global_id="other")
    assert bed.invoice("g").json["code"] == "hold_expired"
    bed.release("other")
    assert bed.invoice("g").json["hold_reacquired"] is True


def test_rule_7_reacquire_does_not_sell_a_retired_listing_nor_a_released_hold(make_bed, clock):
    bed = make_bed(lapsed_hold="reacquire")
    bed.hold(quantity=1, global_id="g")
    bed.hold(quantity=1, global_id="given back")
    clock.advance(TTL)
    bed.release("given-back")
    bed.store.world.fill([a_listing(retired=True)])
    assert bed.invoice("g").json["code"] == "hold_expired"
    bed.store.world.fill([a_listing()])
    bed.release("g")
    assert bed.invoice("g").json["code"] == "hold_released"


def test_rule_9_what_ended_is_forgotten_oldest_first(make_bed):
    bed = make_bed(remember_holds=2, remember_releases=2)
    for name in ("a", "b", "c"):
        bed.hold(quantity=1, global_id=name)
        bed.release(name)
        bed.release(f"unknown-{name}")
    assert [bed.hold(quantity=1, global_id=name).status_code for name in ("a", "b", "c")] == [200, 409, 409]
    assert [bed.hold(quantity=1, global_id=f"unknown-{n}").status_code for n in "abc"] == [200, 409, 409]


# Every code as documented


def ending(bed, how):
    bed.hold(quantity=2, global_id="g")
    {
        "release": lambda: bed.release("g"),
        "invoice": lambda: bed.invoice("g"),
        "expire": lambda: bed.clock.advance(TTL),
    }[how]()
    return bed


def sold_out(make):
    bed = make()
    bed.hold(quantity=4, global_id="g")
    bed.clock.advance(5)
    bed.invoice("g")
    return bed.hold()


def other_order(make):
    bed = ending(make(), "invoice")
    return bed.invoice("g", "another")


def a_broken_store(make):
    bed = make()

    def broken():
        raise StoreUnavailable("the disk is full")

    bed.store.transaction = broken
    return bed.hold()


def a_bug(make):
    bed = make()
    bed.store.transaction = None
    return bed.hold()


def limited(make):
    bed = make(rate_limit="1/m")
    bed.hold()
    return bed.hold()


def post(bed, data, content_type="application/json"):
    return bed.client.post("/v1/holds", data=data, content_type=content_type, headers={"X-API-Key": KEY})


PAIRS = {"split_type": SplitType.PAIRS}

WAYS = {
    ("malformed_request", "-"): (lambda make: post(make(), b'{"a"'), {"position": "line 1 column 5"}),
    ("malformed_request", "array"): (lambda make: post(make(), b"[]"), {"position": "line 1 column 1"}),
    ("malformed_request", "not UTF-8"): (lambda make: post(make(), b'{"a\xff"'), {"position": "byte 4"}),
    ("malformed_request", "a name twice"): (lambda make: post(make(), b'{"a":1,"a":1}'), {"position": None}),
    ("api_key_missing", "-"): (lambda make: make().client.post("/v1/holds"), {}),
    ("api_key_invalid", "-"): (lambda make: make().call("POST", "/v1/holds", X_API_Key="no"), {}),
    ("key_not_allowed", "-"): (lambda make: make(disabled_key="old").call("POST", "/v1/holds", X_API_Key="old"), {}),
    ("unknown_endpoint", "near"): (lambda make: make().call("POST", "/v1/hold"), {"did_you_mean": "/v1/holds"}),
    ("unknown_endpoint", "far"): (lambda make: make().call("GET", "/wp-login.php"), {"did_you_mean": None}),
    ("method_not_allowed", "-"): (lambda make: make().call("GET", "/v1/holds"), {}),
    ("request_too_large", "-"): (lambda make: post(make(), b"x" * 65_537), {}),
    ("unsupported_media_type", "-"): (lambda make: post(make(), b"{}", "text/plain"), {}),
    ("validation_failed", "-"): (
        lambda make: make().hold(quantity=0),
        {"errors": {"quantity": ["Must be a whole number from 1 to 1000."]}},
    ),
    ("rate_limited", "-"): (limited, {}),
    ("internal_error", "-"): (a_bug, {}),
    ("pos_unavailable", "-"): (a_broken_store, {}),
    ("listing_not_found", "near"): (
        lambda make: make().hold("TG-I"),
        {"remote_id": "TG-I", "did_you_mean": "TG-1"},
    ),
    ("listing_not_found", "far"): (
        lambda make: make().hold("no-such-listing"),
        {"remote_id": "no-such-listing", "did_you_mean": None},
    ),
    ("listing_retired", "replaced"): (
        lambda make: make(a_listing(retired=True, superseded_by="TG-9")).hold(),
        {"superseded_by": "TG-9"},
    ),
    ("listing_retired", "withdrawn"): (lambda make: make(a_listing(retired=True)).hold(), {"superseded_by": None}),
    ("listing_not_for_sale", "unmapped"): (
        lambda make: make(a_listing(mapped=False)).hold(),
        {"reason": "not mapped to an event"},
    ),
    ("listing_not_for_sale", "not broadcast"): (
        lambda make: make(a_listing(broadcast=False)).hold(),
        {"reason": "not broadcast"},
    ),
    ("listing_not_for_sale", "over"): (
        lambda make: make(a_listing(event=an_event(local_date=date(2026, 11, 22)))).hold(),
        {"reason": "event over"},
    ),
    ("listing_not_for_sale", "postponed"): (
        lambda make: make(a_listing(event=an_event(state=EventState.POSTPONED))).hold(),
        {"reason": "event postponed"},
    ),
    ("listing_not_for_sale", "canceled"): (
        lambda make: make(a_listing(event=an_event(state=EventState.CANCELED))).hold(),
        {"reason": "event canceled"},
    ),
    ("listing_sold_out", "-"): (sold_out, {}),
    ("insufficient_quantity", "-"): (lambda make: make().hold(quantity=5), {"available_quantity": 4}),
    ("insufficient_quantity", "some held"): (
        lambda make: ending(make(lapsed_hold="strict"), "invoice").hold(quantity=3),
        {"available_quantity": 2},
    ),
    ("held_by_another", "-"): (
        lambda make: (bed := make()).hold(quantity=3) and bed.hold(quantity=2),
        {"available_quantity": 1, "next_expiry_at": "2026-11-23T12:15:00.000Z"},
    ),
    ("invalid_split", "-"): (lambda make: make(a_listing(**PAIRS)).hold(quantity=3), {"valid_quantities": [2, 4]}),
    ("invalid_split", "of what is free"): (
        lambda make: (
            (bed := make(a_listing(split_type=SplitType.NEVER_LEAVE_ONE))).hold(quantity=2) and bed.hold(quantity=1)
        ),
        {"valid_quantities": [2]},
    ),
    ("global_id_conflict", "-"): (lambda make: (bed := make()).hold(global_id="g") and bed.hold("TG-1", 1, "g"), {}),
    ("global_id_closed", "released"): (
        lambda make: ending(make(), "release").hold(global_id="g"),
        {"hold_status": "released"},
    ),
    ("global_id_closed", "expired"): (
        lambda make: ending(make(), "expire").hold(global_id="g"),
        {"hold_status": "expired"},
    ),
    ("global_id_closed", "invoiced"): (
        lambda make: ending(make(), "invoice").hold(global_id="g"),
        {"hold_status": "invoiced"},
    ),
    ("global_id_closed", "before its hold"): (
        lambda make: (bed := make()).release("g") and bed.hold(global_id="g"),
        {"hold_status": "released_before_hold"},
    ),
    ("hold_not_found", "release"): (lambda make: make().release("g"), {}),
    ("hold_not_found", "invoice"): (lambda make: make().invoice("g"), {}),
    ("hold_already_invoiced", "-"): (
        lambda make: ending(make(), "invoice").release("g"),
        {"invoice_id": "INV-000001"},
    ),
    ("hold_expired", "-"): (
        lambda make: ending(make(), "expire").invoice("g"),
        {"expired_at": "2026-11-23T12:15:00.000Z"},
    ),
    ("hold_released", "-"): (lambda make: ending(make(), "release").invoice("g"), {}),
    ("order_id_conflict", "this hold"): (other_order, {}),
    ("order_id_conflict", "another hold"): (
        lambda make: (bed := ending(make(), "invoice")).hold(global_id="h") and bed.invoice("h"),
        {},
    ),
}

ELSEWHERE = {
    "uri_too_long": "tests/e2e/test_wire.py: the server's own answer",
    "headers_too_large": "tests/e2e/test_wire.py: the server's own answer",
    "pos_timeout": "only a scenario answers so",
    "invoice_rejected": "only a scenario answers so",
}
"""Codes that plain state cannot bring about here."""


@pytest.mark.parametrize(("code", "way"), WAYS, ids=[f"{code}-{way}" for code, way in WAYS])
def test_every_code_answers_as_documented(make_bed, code, way):
    provoke, details = WAYS[(code, way)]
    reply = provoke(make_bed)
    documented = CATALOGUE[code]
    body = json.loads(reply.data)
    request_id = reply.headers["X-Request-Id"]
    assert reply.status_code == documented.status
    assert reply.content_type == "application/problem+json"
    assert isinstance(body["detail"], str)
    assert body["detail"].endswith(".")
    assert list(body.items()) == [
        ("type", f"/docs/codes#{code}"),
        ("title", documented.title),
        ("status", documented.status),
        ("detail", body["detail"]),
        ("instance", f"/_mock/requests/{request_id}"),
        ("code", code),
        ("retryable", documented.retryable),
        ("request_id", request_id),
        *details.items(),
    ]
    assert set(details) == set(documented.details), "exactly the documented details"
    assert ("Retry-After" in reply.headers) == documented.retry_after
    assert ("WWW-Authenticate" in reply.headers) == (documented.status == 401)
    assert ("Allow" in reply.headers) == (documented.status == 405)


def test_no_code_is_left_without_a_test():
    assert {code for code, _ in WAYS} | set(ELSEWHERE) == set(CATALOGUE.names())
    assert not {code for code, _ in WAYS} & set(ELSEWHERE)


def test_the_table_of_codes_is_the_contracts():
    """spec/contract.md, "The catalogue of response codes", by status and whether a repeat is right."""
    table = {code.code: (code.status, code.retryable, set(code.details)) for code in CATALOGUE}
    assert table == {
        "malformed_request": (400, False, {"position"}),
        "api_key_missing": (401, False, set()),
        "api_key_invalid": (401, False, set()),
        "key_not_allowed": (403, False, set()),
        "unknown_endpoint": (404, False, {"did_you_mean"}),
        "method_not_allowed": (405, False, set()),
        "request_too_large": (413, False, set()),
        "uri_too_long": (414, False, set()),
        "headers_too_large": (431, False, set()),
        "unsupported_media_type": (415, False, set()),
        "validation_failed": (422, False, {"errors"}),
        "rate_limited": (429, True, set()),
        "internal_error": (500, True, set()),
        "pos_unavailable": (503, True, set()),
        "pos_timeout": (504, True, set()),
        "listing_not_found": (404, False, {"remote_id", "did_you_mean"}),
        "listing_retired": (410, False, {"superseded_by"}),
        "listing_not_for_sale": (409, False, {"reason"}),
        "listing_sold_out": (409, False, set()),
        "insufficient_quantity": (409, False, {"available_quantity"}),
        "held_by_another": (409, False, {"available_quantity", "next_expiry_at"}),
        "invalid_split": (422, False, {"valid_quantities"}),
        "global_id_conflict": (409, False, set()),
        "global_id_closed": (409, False, {"hold_status"}),
        "hold_not_found": (404, False, set()),
        "hold_already_invoiced": (409, False, {"invoice_id"}),
        "hold_expired": (410, False, {"expired_at"}),
        "hold_released": (409, False, set()),
        "order_id_conflict": (409, False, set()),
        "invoice_rejected": (422, False, {"reason"}),
    }
    business = {code.code: code.operations for code in CATALOGUE if code.scope is Scope.BUSINESS}
    assert business["hold_not_found"] == (Operation.RELEASE, Operation.INVOICE)
    assert [name for name, where in business.items() if where == (Operation.HOLD,)] == [
        "listing_not_found", "listing_retired", "listing_not_for_sale", "listing_sold_out", "insufficient_quantity",
        "held_by_another", "invalid_split", "global_id_conflict", "global_id_closed",
    ]  # fmt: skip


def test_sold_out_says_when_the_last_were_sold(make_bed):
    assert sold_out(make_bed).json["detail"] == (
        "TG-1 has no tickets left; the last were sold on 2026-11-23T12:00:00.005Z."
    )


def test_an_internal_error_tells_nothing_of_the_inside(make_bed):
    body = a_bug(make_bed).get_data(as_text=True)
    assert "NoneType" not in body
    assert "Traceback" not in body


# Request ids


@pytest.mark.parametrize("own", ["mine", "A.b_c:d-9", "0", "x" * 128])
def test_a_callers_own_request_id_is_echoed(bed, own):
    for reply in (
        bed.call("POST", "/v1/holds", {}, X_Request_Id=own),
        bed.call("GET", "/nothing", X_Request_Id=own),
        bed.call("PUT", "/v1/holds", X_Request_Id=own),
        bed.call("POST", "/v1/holds", {}, X_Request_Id=own, X_API_Key="no"),
    ):
        assert reply.headers.getlist("X-Request-Id") == [own]
        assert (reply.json["request_id"], reply.json["instance"]) == (own, f"/_mock/requests/{own}")


@pytest.mark.parametrize("own", ["", " ", "-a", "x" * 129, "a b", "é", "a,b", "a/b", "<script>", "a\tb"])
def test_an_unusable_request_id_is_replaced(bed, own):
    assert bed.call("GET", "/nothing", X_Request_Id=own).headers["X-Request-Id"].startswith("req-")


def test_every_call_gets_another_id(bed):
    assert len({bed.release("x").headers["X-Request-Id"] for _ in range(10)}) == 10


# The order of checks: each call has its own fault and all the later ones

GOOD_KEY = {"X-API-Key": KEY}
HOLD_FAULTS = [
    ("unknown_endpoint", {"path": "/v1/hold", "method": "GET"}),
    ("method_not_allowed", {"method": "PUT"}),
    ("api_key_missing", {"headers": {}}),
    ("api_key_invalid", {"headers": {"X-API-Key": "no"}}),
    ("key_not_allowed", {"headers": {"X-API-Key": "old"}}),
    ("rate_limited", {"limited": True}),
    ("request_too_large", {"data": b"[" * 70_000}),
    ("unsupported_media_type", {"content_type": "text/plain"}),
    ("malformed_request", {"data": b"not json"}),
    ("validation_failed", {"data": b'{"remote_id":"NONE","quantity":0,"global_id":"ended"}'}),
    ("global_id_closed", {"data": b'{"remote_id":"NONE","quantity":9,"global_id":"ended"}'}),
    ("global_id_conflict", {"data": b'{"remote_id":"NONE","quantity":9,"global_id":"live"}'}),
    ("listing_not_found", {"data": b'{"remote_id":"NONE","quantity":999,"global_id":"new"}'}),
    ("listing_retired", {"data": b'{"remote_id":"RETIRED","quantity":999,"global_id":"new"}'}),
    ("listing_not_for_sale", {"data": b'{"remote_id":"UNMAPPED","quantity":999,"global_id":"new"}'}),
    ("listing_sold_out", {"data": b'{"remote_id":"SOLD","quantity":999,"global_id":"new"}'}),
    ("insufficient_quantity", {"data": b'{"remote_id":"PAIRS","quantity":7,"global_id":"new"}'}),
    ("held_by_another", {"data": b'{"remote_id":"PAIRS","quantity":5,"global_id":"new"}'}),
    ("invalid_split", {"data": b'{"remote_id":"PAIRS","quantity":3,"global_id":"new"}'}),
]


@pytest.fixture
def faulty_world(make_bed):
    """A world in which every check of a hold can fail, and a rate limit that a test can use up."""

    def make(**settings):
        bed = make_bed(
            a_listing(),
            a_listing("RETIRED", retired=True, mapped=False),
            a_listing("UNMAPPED", mapped=False),
            a_listing("SOLD", **PAIRS),
            a_listing("PAIRS", 6, **PAIRS),
            disabled_key="old",
            **settings,
        )
        for remote_id, quantity, global_id in (("TG-1", 1, "live"), ("TG-1", 1, "ended"), ("SOLD", 4, "sold"),
                                               ("PAIRS", 2, "pair")):  # fmt: skip
            bed.hold(remote_id, quantity, global_id)
        bed.release("ended")
        bed.invoice("sold")
        return bed

    return make


@pytest.mark.parametrize("first", range(len(HOLD_FAULTS)), ids=[code for code, _ in HOLD_FAULTS])
def test_a_hold_is_checked_in_this_order(faulty_world, first):
    call = {"path": "/v1/holds", "method": "POST", "content_type": "application/json", "headers": GOOD_KEY}
    for _, fault in reversed(HOLD_FAULTS[first:]):
        call.update(fault)
    bed = faulty_world(**({"rate_limit": "6/h"} if call.pop("limited", False) else {}))
    reply = bed.client.open(**call)
    assert reply.json["code"] == HOLD_FAULTS[first][0]


def test_the_order_of_a_release(bed, clock):
    assert bed.release("!").json["code"] == "validation_failed"
    bed.hold(global_id="g")
    bed.invoice("g")
    clock.advance(TTL)
    assert bed.release("g").json["code"] == "hold_already_invoiced"


def test_the_order_of_an_invoice(bed, clock):
    """Unknown, replay or other order, released, expired, order ID used elsewhere."""
    for name in ("sold", "released", "lapsed"):
        bed.hold(quantity=1, global_id=name)
    bed.invoice("sold", "used")
    bed.release("released")
    clock.advance(TTL)
    bed.hold(quantity=1, global_id="live")
    answers = {name: bed.invoice(name, "used").json for name in ("unknown", "sold", "released", "lapsed", "live")}
    assert answers.pop("sold")["replayed"] is True
    assert {name: answer["code"] for name, answer in answers.items()} == {
        "unknown": "hold_not_found",
        "released": "hold_released",
        "lapsed": "hold_expired",
        "live": "order_id_conflict",
    }
    assert bed.invoice("sold", "other").json["code"] == "order_id_conflict"


def test_a_release_ignores_a_body(bed):
    """A release has none: transport codes about bodies are not its own."""
    bed.hold(global_id="g")
    for data, kind in ((b"not json", "text/plain"), (b"x" * 70_000, "application/json"), (b"[]", "")):
        reply = bed.client.delete("/v1/holds/g", data=data, content_type=kind, headers=GOOD_KEY)
        assert reply.status_code == 200
