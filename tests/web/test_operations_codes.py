"""Every code of the catalogue answers as documented."""

import json
from datetime import date

import pytest

from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import StoreUnavailable
from mockpos.domain.event import Event, EventState, Venue
from mockpos.domain.listing import SplitType
from tests.conftest import KEY, a_listing

TTL = 15 * 60_000


def an_event(**changes):
    venue = Venue("Hall", "City", "America/New_York")
    return Event(**{"event_id": "EV-1", "name": "E", "venue": venue, "local_date": date(2026, 12, 5), **changes})


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
