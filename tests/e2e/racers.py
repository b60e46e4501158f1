"""Many clients at once against a real server: each on a connection of its own, all let go at the same moment."""

import http.client
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import KEY

CLIENTS = 16
ROUNDS = int(os.environ.get("MOCKPOS_ROUNDS", "300"))
"""How often the one-seat race is run; the others are run a part of that."""

Answer = tuple[int, dict[str, Any]]


class Racer:
    """One client on one connection, in one sandbox."""

    def __init__(self, url: str, key: str = KEY, prefix: str = "") -> None:
        self.key = key
        self.prefix = prefix
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.connection.connect()

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        self.connection.request(method, self.prefix + path, json.dumps(body) if body is not None else None, headers)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer:
        return self.call("POST", "/v1/holds", {"remote_id": remote_id, "quantity": quantity, "global_id": global_id})

    def release(self, global_id: str) -> Answer:
        return self.call("DELETE", f"/v1/holds/{global_id}")

    def invoice(self, global_id: str, order_id: str) -> Answer:
        return self.call("POST", "/v1/invoices", {"global_id": global_id, "order_id": order_id})

    def pos(self, act: str, **body: Any) -> Answer:
        return self.call("POST", f"/_mock/pos/{act}", body)

    def advance(self, duration: str) -> Answer:
        return self.call("POST", "/_mock/clock", {"advance": duration})

    def control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Make a control call that must succeed."""
        status, said = self.call(method, f"/_mock{path}", body)
        assert status in (200, 201), said
        return said


Act = Callable[[Racer, int], Any]
Together = Callable[[Act], list[Any]]


@contextmanager
def racing(racers: Sequence[Racer]) -> Iterator[Together]:
    """Give a function that lets all racers act at the same moment and returns what each got, in their order."""
    start = Barrier(len(racers))

    def run(act: Act) -> list[Any]:
        def one(number: int) -> Any:
            start.wait(timeout=60)
            return act(racers[number], number)

        return list(pool.map(one, range(len(racers))))

    with ThreadPoolExecutor(len(racers)) as pool:
        yield run
    for racer in racers:
        racer.connection.close()


def outcomes(answers: Sequence[Answer]) -> Counter[str]:
    """Count how calls went: ok, replayed, or the code they were refused with."""
    return Counter(outcome(answer) for answer in answers)


def outcome(answer: Answer) -> str:
    status, said = answer
    return said["code"] if status != 200 else "replayed" if said.get("replayed") else "ok"


def one_winner(together: Together, turn: int, remote_id: str = "TG-LAST") -> str:
    """Let everybody hold the one seat of a listing; return the Global ID that got it."""
    answers = together(lambda racer, n: racer.hold(remote_id, 1, f"r{turn}-{n}"))
    assert outcomes(answers) == {"ok": 1, "held_by_another": len(answers) - 1}
    winner = next(said for status, said in answers if status == 200)
    assert winner["seats"] == ["11"]
    return str(winner["global_id"])


def given_back_once(together: Together, global_id: str) -> None:
    """Let everybody release one hold: it is released once, and everybody is told so."""
    answers = together(lambda racer, _: racer.release(global_id))
    assert outcomes(answers) == {"ok": 1, "replayed": len(answers) - 1}
