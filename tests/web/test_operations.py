"""The three operations over HTTP: exact bodies, and the rules."""

from datetime import date
from decimal import Decimal

import pytest

from mockpos.domain.event import Event, Venue
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
