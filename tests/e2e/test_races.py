"""Many clients at once against a real server: one winner each time, and no ticket sold twice (contract rule 8)."""

import http.client
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import pytest

from tests.conftest import KEY, running_server

CLIENTS = 16
HEADERS = {"X-API-Key": KEY, "Content-Type": "application/json"}


@pytest.fixture
def server(tmp_path):
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as running:
        yield running


class Caller:
    """One client on one connection."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        self.connection.connect()

    def call(self, method, path, body=None):
        self.connection.request(method, path, json.dumps(body) if body is not None else None, HEADERS)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def hold(self, remote_id, quantity, global_id):
        return self.call("POST", "/v1/holds", {"remote_id": remote_id, "quantity": quantity, "global_id": global_id})

    def release(self, global_id):
        return self.call("DELETE", f"/v1/holds/{global_id}")

    def invoice(self, global_id, order_id):
        return self.call("POST", "/v1/invoices", {"global_id": global_id, "order_id": order_id})


@pytest.fixture
def together(server):
    """Let all clients do something at the same moment; return what each got, in the order of the clients."""
    callers = [Caller(server.url) for _ in range(CLIENTS)]
    start = Barrier(CLIENTS)

    def run(act):
        def one(number):
            start.wait(timeout=30)
            return act(callers[number], number)

        return list(pool.map(one, range(CLIENTS)))

    with ThreadPoolExecutor(CLIENTS) as pool:
        yield run
    for caller in callers:
        caller.connection.close()


def test_one_seat_has_one_winner_every_time(together):
    for turn in range(50):
        answers = together(lambda caller, n, turn=turn: caller.hold("TG-LAST", 1, f"r{turn}-{n}"))
        winners = [answer for status, answer in answers if status == 200]
        assert len(winners) == 1
        assert winners[0]["seats"] == ["11"]
        lost = [answer for status, answer in answers if status != 200]
        assert {answer["code"] for answer in lost} == {"held_by_another"}
        freed = together(lambda caller, n, won=winners[0]["global_id"]: caller.release(won))
        assert [status for status, _ in freed] == [200] * CLIENTS
        assert sorted(answer["replayed"] for _, answer in freed) == [False] + [True] * (CLIENTS - 1)


def test_thousands_of_holds_on_few_seats_never_overlap(together):
    """Each client holds, gives back and buys at random; the seats bought are all different, the rest adds up."""

    def act(caller, number):
        bought = []
        for turn in range(150):
            global_id = f"c{number}-{turn}"
            status, answer = caller.hold("TG-1042", 1 + (turn + number) % 3, global_id)
            if status != 200:
                assert answer["code"] in ("held_by_another", "insufficient_quantity", "listing_sold_out")
            elif turn % 40 == 39:
                status, invoice = caller.invoice(global_id, f"o-{global_id}")
                assert (status, invoice["seats"]) == (200, answer["seats"])
                bought += invoice["seats"]
            else:
                assert caller.release(global_id)[0] == 200
        return bought

    bought = [seat for seats in together(act) for seat in seats]
    assert len(set(bought)) == len(bought)
    assert set(bought) <= {str(number) for number in range(5, 13)}
    left = 8 - len(bought)
    answers = together(lambda caller, n: caller.hold("TG-1042", left or 1, f"last-{n}"))
    assert Counter(status for status, _ in answers)[200] == (1 if left else 0)


def test_one_global_id_at_the_same_moment_is_one_hold(together):
    for turn in range(20):
        answers = together(lambda caller, _, turn=turn: caller.hold("TG-GA", 3, f"same-{turn}"))
        assert [status for status, _ in answers] == [200] * CLIENTS
        assert sorted(answer.pop("replayed") for _, answer in answers) == [False] + [True] * (CLIENTS - 1)
        assert all(answer == answers[0][1] for _, answer in answers)
        assert answers[0][1]["available_quantity"] == 250 - 3 * (turn + 1)


def test_one_global_id_with_other_content_at_the_same_moment_is_one_hold(together):
    for turn in range(20):
        answers = together(lambda caller, n, turn=turn: caller.hold("TG-GA", 1 + n, f"mixed-{turn}"))
        assert [status for status, _ in answers].count(200) == 1
        assert {answer["code"] for status, answer in answers if status != 200} == {"global_id_conflict"}
        together(lambda caller, _, turn=turn: caller.release(f"mixed-{turn}"))


def test_one_order_for_two_holds_at_the_same_moment_buys_one(together):
    for turn in range(10):
        together(lambda caller, n, turn=turn: caller.hold("TG-GA", 1, f"w{turn}-{n}"))
        answers = together(lambda caller, n, turn=turn: caller.invoice(f"w{turn}-{n}", f"order-{turn}"))
        assert [status for status, _ in answers].count(200) == 1
        assert {answer["code"] for status, answer in answers if status != 200} == {"order_id_conflict"}


def test_hold_release_and_invoice_of_one_id_at_once_end_as_some_order_would(together):
    for turn in range(30):
        global_id = f"mix-{turn}"

        def act(caller, n, global_id=global_id):
            if n % 3 == 0:
                return "hold", *caller.hold("TG-GA", 1, global_id)
            return (
                ("release", *caller.release(global_id))
                if n % 3 == 1
                else ("invoice", *caller.invoice(global_id, global_id))
            )

        answers = together(act)
        done = Counter(what for what, status, answer in answers if status == 200 and not answer["replayed"])
        assert done["hold"] <= 1
        assert done["release"] + done["invoice"] <= done["hold"], "a hold ends once, and only what was held ends"
        codes = {answer["code"] for _, status, answer in answers if status != 200}
        assert codes <= {"hold_not_found", "hold_released", "hold_already_invoiced", "global_id_closed"}
        if done["invoice"]:
            assert "hold_released" not in codes
        if done["release"]:
            assert "hold_already_invoiced" not in codes
