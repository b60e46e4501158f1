"""The checkout against a real server, and against servers that misbehave. Only its clock is made up."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockpos.checkout import (
    AutomatorClient,
    CallAnswered,
    Checkout,
    Event,
    Finished,
    Heard,
    Outcome,
    Patience,
    Purchase,
    Receipt,
    Waiting,
)
from mockpos.contract.loader import load_contract
from mockpos.domain.errors import BadInput
from tests.checkout.odd_servers import answer, hang, odd_server, read_request, saying
from tests.conftest import KEY, ROOT, RunningServer, running_server
from tests.control import clients_over_http

UNLIKE = ROOT / "fixtures/contracts/everything-different.yaml"


class Time:
    """Seconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("served")) as running:
        yield running


def control(url: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    return clients_over_http.control(url, method, urlsplit(url).path + path, body)


def sandbox(server: RunningServer) -> str:
    """Make a sandbox of its own; return its URL."""
    status, made = control(server.url, "POST", "/_mock/sandboxes", {})
    assert status == 201
    return server.url + str(made["base_path"])


def buy(url: str, purchase: Purchase, *, scenario: str | None = None, patience: Patience | None = None) -> Receipt:
    time = Time()
    headers = {"X-Mockpos-Scenario": scenario} if scenario else None
    client = AutomatorClient(url, KEY, headers=headers)
    return Checkout(client, patience or Patience(), clock=lambda: time.now, sleep=time.sleep).buy(purchase)


def audit(url: str) -> object:
    return control(url, "GET", "/_mock/audit")[1]["findings"]


def test_a_purchase_holds_and_then_invoices(shared: RunningServer) -> None:
    receipt = buy(shared.url, Purchase("TG-1042", 2))
    assert receipt.outcome is Outcome.BOUGHT
    assert [call.code for call in receipt.calls] == ["held", "invoiced"]
    assert len(receipt.seats) == 2


def test_an_order_that_fails_is_followed_by_a_release(shared: RunningServer) -> None:
    receipt = buy(shared.url, Purchase("TG-1042", 2, order_fails=True))
    assert receipt.outcome is Outcome.RELEASED
    assert [call.code for call in receipt.calls] == ["held", "released"]


def test_a_hold_that_somebody_else_invoiced_is_nothing_this_checkout_bought(shared: RunningServer) -> None:
    receipt = buy(shared.url, Purchase("MOCK-HOLD_ALREADY_INVOICED", 1, order_fails=True))
    assert (receipt.outcome, receipt.calls[-1].code) == (Outcome.RELEASED, "hold_already_invoiced")


def test_a_refused_hold_is_not_repeated_and_needs_no_release(shared: RunningServer) -> None:
    receipt = buy(shared.url, Purchase("nowhere", 2))
    assert receipt.outcome is Outcome.UNAVAILABLE
    assert [call.code for call in receipt.calls] == ["listing_not_found"]


def test_a_refused_invoice_is_followed_by_a_release(shared: RunningServer) -> None:
    receipt = buy(shared.url, Purchase("MOCK-INVOICE_REJECTED", 1))
    assert (receipt.outcome, receipt.refusal and receipt.refusal.code) == (Outcome.RELEASED, "invoice_rejected")
    assert [call.code for call in receipt.calls] == ["held", "invoice_rejected", "released"]


@pytest.mark.parametrize("scenario", ["lost-answers", "flapping", "bad-proxy", "invoice-outage", "hold-pos_timeout"])
def test_whatever_goes_wrong_nothing_is_left_behind(shared: RunningServer, scenario: str) -> None:
    url = sandbox(shared)
    status, _ = control(url, "PUT", "/_mock/scenario", {"name": scenario})
    assert status == 200
    for number in range(6):
        receipt = buy(url, Purchase("TG-1042", 1, order_fails=number % 3 == 2), patience=Patience(call=0.6))
        assert receipt.outcome is not Outcome.UNRESOLVED
    assert audit(url) == []


def test_another_contract_is_spoken_from_its_file(tmp_path: Path) -> None:
    with running_server(tmp_path, "--contract", str(UNLIKE)) as server:
        client = AutomatorClient(server.url, KEY, load_contract(UNLIKE))
        assert Checkout(client).buy(Purchase("TG-1042", 2)).outcome is Outcome.BOUGHT
        assert Checkout(client).buy(Purchase("TG-1042", 2, order_fails=True)).outcome is Outcome.RELEASED
        refused = Checkout(client).buy(Purchase("nowhere", 2))
        assert (refused.outcome, refused.calls[0].code) == (Outcome.UNAVAILABLE, "listing_not_found")
        assert refused.calls[0].detail


def test_an_unknown_outcome_is_met_with_the_same_ids_and_growing_pauses() -> None:
    bodies: list[bytes] = []
    held = json.dumps({"global_id": "g", "status": "held", "seats": ["5"]}).encode()

    def behave(connection: socket.socket, over: threading.Event) -> None:
        bodies.append(read_request(connection).partition(b"\r\n\r\n")[2])
        if len(bodies) > 3:
            connection.sendall(answer("200 OK", held))

    time = Time()
    with odd_server(behave) as url:
        checkout = Checkout(AutomatorClient(url, KEY), clock=lambda: time.now, sleep=time.sleep)
        receipt = checkout.buy(Purchase("TG-1", 1))
    assert receipt.outcome is Outcome.BOUGHT
    assert len(set(bodies[:4])) == 1
    assert time.slept == [0.5, 1.0, 2.0]


def test_a_refusal_after_an_unknown_outcome_is_followed_by_a_release() -> None:
    said = [answer("500 Oops", b"{}"), answer("409 Conflict", b'{"code": "global_id_conflict"}')]
    methods: list[bytes] = []

    def behave(connection: socket.socket, over: threading.Event) -> None:
        methods.append(read_request(connection).partition(b" ")[0])
        connection.sendall(said.pop(0) if said else answer("404 Not Found", b'{"code": "hold_not_found"}'))

    time = Time()
    with odd_server(behave) as url:
        checkout = Checkout(AutomatorClient(url, KEY), clock=lambda: time.now, sleep=time.sleep)
        receipt = checkout.buy(Purchase("TG-1", 1))
    assert receipt.outcome is Outcome.RELEASED
    assert methods == [b"POST", b"POST", b"DELETE"]


def test_a_hold_nobody_answers_is_given_up_in_time_and_released() -> None:
    time = Time()
    with odd_server(saying(b"")) as url:
        checkout = Checkout(AutomatorClient(url, KEY), clock=lambda: time.now, sleep=time.sleep)
        receipt = checkout.buy(Purchase("TG-1", 1))
    assert receipt.outcome is Outcome.UNRESOLVED
    operations = [call.operation.value for call in receipt.calls]
    assert operations == sorted(operations), "the holds, then the releases"
    assert {"hold", "release"} == set(operations)
    assert time.now <= 30 + 120


def test_a_call_that_never_arrived_leaves_nothing_to_release() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    receipt = buy(url, Purchase("TG-1", 1))
    assert receipt.outcome is Outcome.UNAVAILABLE
    assert {call.heard for call in receipt.calls} == {Heard.TRY_AGAIN}


def test_retry_after_is_obeyed() -> None:
    time = Time()
    busy = answer(
        "503 Service Unavailable", b'{"code": "pos_unavailable"}', "application/problem+json", "Retry-After: 7"
    )
    with odd_server(saying(busy)) as url:
        checkout = Checkout(AutomatorClient(url, KEY), clock=lambda: time.now, sleep=time.sleep)
        receipt = checkout.buy(Purchase("TG-1", 1))
    assert receipt.outcome is Outcome.UNAVAILABLE
    assert time.slept[0] == 7.0


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (answer("404 Not Found", b"<h1>no</h1>", "text/html"), Heard.UNKNOWN),
        (answer("404 Not Found", b'{"message": "no"}'), Heard.REFUSED),
        (answer("499 Any", b"{}"), Heard.REFUSED),
        (answer("500 Any", b"{}"), Heard.UNKNOWN),
        (answer("302 Found", b"{}", "application/json", "Location: /login"), Heard.UNKNOWN),
        (answer("200 OK", b"[]"), Heard.UNKNOWN),
        (answer("200 OK", b"OK", "text/plain"), Heard.UNKNOWN),
        (answer("500 Oops", b'{"code": "internal_error"}'), Heard.UNKNOWN),
        (answer("429 Slow down", b"{}"), Heard.TRY_AGAIN),
        (answer("200 OK", b"[" * 100_000), Heard.UNKNOWN),
    ],
)
def test_a_careful_client_concludes_no_more_than_the_answer_says(said: bytes, heard: Heard) -> None:
    with odd_server(saying(said)) as url:
        assert AutomatorClient(url, KEY).hold("TG-1", 1, "g-1").heard is heard


def test_a_hanging_call_is_given_up_after_its_limit() -> None:
    with odd_server(hang) as url:
        result = AutomatorClient(url, KEY, timeout=0.2).release("g-1")
    assert (result.heard, result.detail) == (Heard.UNKNOWN, "no answer within 0.2 s")


def test_events_tell_of_each_step_before_the_next_is_made(shared: RunningServer) -> None:
    url = sandbox(shared)
    checkout = Checkout(AutomatorClient(url, KEY))
    seen: list[Event] = []
    for event in checkout.events(Purchase("TG-1042", 2, global_id="seen-1")):
        seen.append(event)
        if isinstance(event, CallAnswered) and event.result.code == "held":
            assert control(url, "GET", "/_mock/holds/seen-1")[1]["status"] == "held"
    assert [type(event).__name__ for event in seen] == ["CallStarted", "CallAnswered"] * 2 + ["Finished"]
    assert isinstance(seen[-1], Finished)


def test_a_checkout_that_is_stopped_gives_back_what_it_holds(shared: RunningServer) -> None:
    url = sandbox(shared)
    stop = threading.Event()
    checkout = Checkout(AutomatorClient(url, KEY), stopped=stop.is_set)

    def stop_once_held(event: Event) -> None:
        if isinstance(event, CallAnswered):
            stop.set()

    receipt = checkout.buy(Purchase("TG-1042", 2), stop_once_held)
    assert [call.code for call in receipt.calls] == ["held", "released"]
    assert list(checkout.buy_many([Purchase("TG-1042", 1)] * 5, 2)) == []


def test_waiting_says_why(shared: RunningServer) -> None:
    time = Time()
    client = AutomatorClient(shared.url, KEY, headers={"X-Mockpos-Scenario": "hold-pos_unavailable"})
    events = Checkout(client, clock=lambda: time.now, sleep=time.sleep).events(Purchase("TG-1042", 1))
    waits = [event for event in events if isinstance(event, Waiting)]
    assert waits
    assert {event.why for event in waits} == {"pos_unavailable"}


def test_many_buyers_at_once_never_buy_more_than_there_is(shared: RunningServer) -> None:
    url = sandbox(shared)
    before = control(url, "GET", "/_mock/listings/TG-1042")[1]["available"]
    receipts = list(Checkout(AutomatorClient(url, KEY)).buy_many([Purchase("TG-1042", 1)] * (before + 5), 8))
    bought = [receipt for receipt in receipts if receipt.outcome is Outcome.BOUGHT]
    assert len(bought) == before
    assert audit(url) == []


@pytest.mark.parametrize("key", ["schlüssel", "a\nb"])
def test_a_key_that_cannot_be_sent_is_refused(key: str) -> None:
    with pytest.raises(BadInput):
        AutomatorClient("http://127.0.0.1:1", key)
