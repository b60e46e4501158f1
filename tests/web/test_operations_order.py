"""Request ids, and the order in which a call is checked."""

from datetime import date

import pytest

from mockpos.domain.event import Event, Venue
from mockpos.domain.listing import SplitType
from tests.conftest import KEY, a_listing

TTL = 15 * 60_000
PAIRS = {"split_type": SplitType.PAIRS}


def an_event(**changes):
    venue = Venue("Hall", "City", "America/New_York")
    return Event(**{"event_id": "EV-1", "name": "E", "venue": venue, "local_date": date(2026, 12, 5), **changes})


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
