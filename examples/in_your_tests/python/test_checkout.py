"""pytest, or pytest -n 4: the fixture mockpos is a sandbox, a whole world that no other test sees."""

import checkout_httpx
import checkout_requests
import pytest

pytestmark = pytest.mark.mockpos(audit="error")  # whatever a test leaves behind fails it


@pytest.fixture(params=[checkout_requests, checkout_httpx], ids=["requests", "httpx"])
def shop(request):
    return request.param


@pytest.fixture
def checkout(shop, mockpos):
    made = shop.Checkout(mockpos.url, mockpos.api_key)
    yield made
    made.close()


def misbehave(mockpos, **rule):
    mockpos.scenario = {"name": "bad-day", "rules": [{"id": "once", "times": 1, **rule}]}


def codes(mockpos):
    return [call["code"] for call in mockpos.journal]


def test_it_buys_two_tickets(checkout, mockpos):
    sold = checkout.buy("TG-1042", 2, global_id="g-1", order_id="o-1")
    assert (sold["status"], sold["seats"]) == ("invoiced", ["5", "6"])
    mockpos.verify(operation="invoice", code="invoiced", count=1)


def test_it_does_not_repeat_a_refusal_that_is_final(shop, checkout, mockpos):
    with pytest.raises(shop.Refused, match="listing_sold_out"):
        checkout.buy("MOCK-LISTING_SOLD_OUT", 2, global_id="g-1", order_id="o-1")
    assert codes(mockpos) == ["listing_sold_out"]


def test_it_asks_a_busy_automator_again(checkout, mockpos):
    misbehave(mockpos, on="hold", respond="pos_unavailable")
    checkout.buy("TG-1042", 2, global_id="g-1", order_id="o-1")
    assert codes(mockpos) == ["pos_unavailable", "held", "invoiced"]


def test_it_repeats_a_hold_whose_answer_was_lost_with_the_same_global_id(checkout, mockpos):
    misbehave(mockpos, on="hold", fault="reset", phase="after_commit")
    assert checkout.hold("TG-1042", 2, global_id="g-1")["replayed"] is True
    checkout.release("g-1")


def test_it_repeats_an_invoice_of_which_nobody_knows_what_became(checkout, mockpos):
    misbehave(mockpos, on="invoice", respond="pos_timeout", phase="after_commit")
    sold = checkout.buy("TG-1042", 2, global_id="g-1", order_id="o-1")
    assert sold["replayed"] is True


def test_it_releases_the_tickets_when_the_invoice_is_refused(shop, checkout, mockpos):
    misbehave(mockpos, on="invoice", respond="invoice_rejected")
    with pytest.raises(shop.Refused, match="invoice_rejected"):
        checkout.buy("TG-1042", 2, global_id="g-1", order_id="o-1")
    assert codes(mockpos) == ["held", "invoice_rejected", "released"]


def test_it_tells_when_the_automator_is_not_there(shop, checkout, mockpos):
    with mockpos.unreachable(), pytest.raises(shop.Unknown):
        checkout.hold("TG-1042", 2, global_id="g-1")
    assert mockpos.holds == []


@pytest.mark.mockpos(scenario="lost-answers", freeze="2026-11-23T20:00Z")
def test_it_gets_through_a_bad_day(checkout, mockpos):
    for number in range(5):
        checkout.buy("TG-1042", 1, global_id=f"g-{number}", order_id=f"o-{number}")
    assert mockpos.listing("TG-1042")["sold"] == 5
