"""What events tell of committed changes and of calls."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.calls import Sent
from mockpos.domain.clock import Millis
from mockpos.domain.hold import Hold, HoldStatus, Invoice, Tombstone
from mockpos.domain.listing import Stock
from mockpos.domain.money import Money
from mockpos.domain.seats import Numbering
from mockpos.services.ports import Change, DroppedListing
from mockpos.telemetry.events.state import (
    BULK,
    KINDS,
    call_events,
    call_facts,
    count_events,
    state_events,
)
from tests.conftest import NOON, a_listing
from tests.telemetry.records import a_record

HOLD = Hold(
    global_id="g-1",
    remote_id="TG-1",
    quantity=2,
    status=HoldStatus.HELD,
    held_at=NOON,
    expires_at=Millis(NOON + 60_000),
    unit_price=Decimal("120.00"),
    seats=((0, 2),),
    numbering=Numbering(5),
    available_after_hold=2,
)
INVOICE = Invoice(
    invoice_id="INV-000001",
    order_id="O-1",
    global_id="g-1",
    remote_id="TG-1",
    quantity=2,
    total=Money(Decimal("240.00")),
    invoiced_at=NOON,
)


def told(*changes: Change, listed: tuple[str, ...] = ("TG-1",)) -> list[tuple[str, dict[str, Any]]]:
    events = [(kind, dict(make())) for kind, make in state_events(changes, NOON, listed)]
    assert all(kind in KINDS and data["at"] == "2026-11-23T12:00:00.000Z" for kind, data in events)
    return events


def kinds(*changes: Change, **known: Any) -> list[str]:
    return [kind for kind, _ in told(*changes, **known)]


def test_a_hold_is_told_with_its_stock() -> None:
    (stock, hold) = told(Stock("TG-1", 2, 2, 0), HOLD)
    assert stock == (
        "stock.changed",
        {"at": "2026-11-23T12:00:00.000Z", "remote_id": "TG-1", "available": 2, "held": 2, "sold": 0},
    )
    assert hold[0] == "hold.placed"
    assert hold[1]["seats"] == ["5", "6"]
    assert (hold[1]["unit_price"], hold[1]["expires_at"]) == ("120.00", "2026-11-23T12:01:00.000Z")


def test_what_has_a_global_id_links_to_its_calls() -> None:
    for change in (HOLD, INVOICE, Tombstone("g-1", NOON)):
        ((_, make),) = state_events([change], NOON, (), "/s/one")
        assert make()["link"] == "/s/one/_mock/requests?global_id=g-1"


def test_what_becomes_of_a_hold_names_the_event() -> None:
    released = HOLD._replace(status=HoldStatus.RELEASED, release_was_late=True)
    assert told(released)[0][1]["late"] is True
    assert kinds(released) == ["hold.released"]
    assert kinds(HOLD._replace(status=HoldStatus.EXPIRED, stolen=True)) == ["hold.expired"]
    assert kinds(HOLD, HOLD._replace(stolen=True)) == ["hold.placed", "hold.stolen"]
    assert kinds(HOLD._replace(status=HoldStatus.INVOICED), INVOICE) == ["invoice.created"]
    assert kinds(Tombstone("g-2", NOON)) == ["tombstone.left"]


def test_listings_are_added_changed_and_dropped() -> None:
    assert kinds(a_listing("TG-1"), a_listing("TG-2"), DroppedListing("TG-3")) == [
        "listing.changed",
        "listing.added",
        "listing.dropped",
    ]
    assert told(a_listing("TG-1", retired=True))[0][1]["retired"] is True
    assert told(INVOICE)[0][1]["total"] == "240.00"


def test_only_the_last_stock_of_a_listing_in_one_commit_is_told() -> None:
    events = told(Stock("TG-1", 3, 1), Stock("TG-2", 1), Stock("TG-1", 2, 2))
    assert [(data["remote_id"], data["available"]) for _, data in events] == [("TG-2", 1), ("TG-1", 2)]


def test_a_large_import_is_one_event() -> None:
    listings = [a_listing(f"TG-{number}") for number in range(BULK + 5)]
    changes: list[Change] = [*listings, Stock("TG-1", 4), DroppedListing("TG-x"), HOLD]
    events = told(*changes)
    assert [kind for kind, _ in events] == ["inventory.changed", "hold.placed"]
    assert {key: events[0][1][key] for key in ("added", "changed", "dropped")} == {
        "added": BULK + 4,
        "changed": 1,
        "dropped": 1,
    }


def test_many_holds_that_expire_are_told_one_by_one() -> None:
    holds = [HOLD._replace(global_id=f"g-{number}", status=HoldStatus.EXPIRED) for number in range(BULK * 2)]
    assert kinds(*holds) == ["hold.expired"] * BULK * 2


def test_seats_of_a_huge_hold_are_not_listed() -> None:
    huge = HOLD._replace(quantity=1_000_000, seats=((0, 1_000_000),))
    assert told(huge)[0][1]["seats"] is None


def test_a_call_is_told_without_headers_and_bodies() -> None:
    call = a_record(
        at=NOON,
        headers=(("x-api-key", "secret"),),
        body=b"secret",
        global_id="g-\ud800",
        remote_id="TG-1",
        quantity=2,
        status=409,
        code="not_available",
        sent=Sent.CUT,
        duration_ms=1.23456,
        scenario="flaky",
        rule="r1",
    )
    ((kind, make),) = call_events("/s/one", call_facts(call))
    assert kind == "call"
    assert dict(make()) == {
        "at": "2026-11-23T12:00:00.000Z",
        "request_id": "r-1",
        "operation": "hold",
        "code": "not_available",
        "status": 409,
        "global_id": "g-\\ud800",
        "remote_id": "TG-1",
        "quantity": 2,
        "duration_ms": 1.235,
        "scenario": "flaky",
        "rule": "r1",
        "sent": "cut",
        "replayed": False,
        "committed": False,
        "link": "/s/one/_mock/requests/r-1",
    }


SOME_CHANGES = [
    Stock("TG-1", 2, 2, 0),
    Stock("TG-1", 4, 0, 0),
    Stock("TG-2", 1, 0, 0),
    HOLD,
    HOLD._replace(status=HoldStatus.RELEASED),
    HOLD._replace(status=HoldStatus.EXPIRED),
    HOLD._replace(status=HoldStatus.INVOICED),
    HOLD._replace(status=HoldStatus.INVOICED, stolen=True),
    HOLD._replace(stolen=True),
    INVOICE,
    Tombstone("g-9", NOON),
]


@given(st.lists(st.sampled_from(SOME_CHANGES), max_size=2 * BULK))
def test_events_are_counted_as_they_are_made(changes: list[Any]) -> None:
    assert count_events(changes) == len(state_events(changes, NOON, ()))


def test_a_commit_of_a_listing_is_counted_by_making_its_events() -> None:
    assert count_events([HOLD, a_listing()]) == -1
