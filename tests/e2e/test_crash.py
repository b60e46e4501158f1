"""kill -9 under load, and start again: what was answered is there, what was refused is not, no seat is sold twice.

``MOCKPOS_KILLS`` sets how often the server dies, ``MOCKPOS_SEED`` when.
"""

import http.client
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tinydb import TinyDB

from tests.conftest import KEY, RunningServer, running_server

KILLS = int(os.environ.get("MOCKPOS_KILLS", "6"))
SEED = int(os.environ.get("MOCKPOS_SEED", "20261123"))
CALLERS = 8
LISTINGS = {"TG-A": 400, "TG-B": 400, "TG-C": 40, "TG-GA": 300}
DEAD = (OSError, http.client.HTTPException)

Body = dict[str, Any]


def write_inventory(path: Path, more: int = 0) -> None:
    listings = [
        {"remote_id": remote_id, "section": "1", "quantity": quantity, "wholesale_price": "10.00",
         **({} if remote_id == "TG-GA" else {"seat_from": 1})}
        for remote_id, quantity in [*LISTINGS.items(), *((f"TG-X{number}", 4) for number in range(more))]
    ]  # fmt: skip
    path.write_text(json.dumps({"listings": dict(enumerate(listings, start=1))}))


class Caller:
    """A client with one connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)

    def call(self, method: str, path: str, body: Body | None = None) -> tuple[int, Body]:
        headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
        self._connection.request(method, path, json.dumps(body) if body else None, headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def hold(self, global_id: str, remote_id: str, quantity: int) -> tuple[int, Body]:
        content = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
        return self.call("POST", "/v1/holds", content)

    def release(self, global_id: str) -> tuple[int, Body]:
        return self.call("DELETE", f"/v1/holds/{global_id}")

    def invoice(self, global_id: str) -> tuple[int, Body]:
        return self.call("POST", "/v1/invoices", {"global_id": global_id, "order_id": f"order-{global_id}"})

    def close(self) -> None:
        self._connection.close()


@contextmanager
def caller_of(server: RunningServer) -> Iterator[Caller]:
    caller = Caller(server.url)
    try:
        yield caller
    finally:
        caller.close()


@dataclass
class Story:
    """What one Global ID went through. An answer is None while nobody heard it."""

    global_id: str
    remote_id: str
    quantity: int
    calls: list[str] = field(default_factory=list)
    answers: dict[str, tuple[int, Body] | None] = field(default_factory=dict)

    def make(self, caller: Caller, call: str) -> tuple[int, Body]:
        if call not in self.answers:
            self.calls.append(call)
            self.answers[call] = None
        arguments = (self.remote_id, self.quantity) if call == "hold" else ()
        answer: tuple[int, Body] = getattr(caller, call)(self.global_id, *arguments)
        if self.answers[call] is None:
            self.answers[call] = answer
        return answer


def live_a_life(server: RunningServer, name: str, stories: list[Story], stop: threading.Event) -> None:
    """Hold, then release, invoice or keep, until the server is gone."""
    chance = random.Random(name)
    with caller_of(server) as caller:
        try:
            for number in range(100_000):
                if stop.is_set():
                    return
                story = Story(f"{name}-{number}", chance.choice(list(LISTINGS)), chance.randint(1, 3))
                stories.append(story)
                if chance.random() < 0.1:
                    story.make(caller, "release")  # before its hold: a tombstone
                elif story.make(caller, "hold")[0] == 200:
                    act = chance.choice(["release", "release", "release", "invoice", "keep"])
                    if act != "keep":
                        story.make(caller, act)
        except DEAD:
            return


def kill_under_load(server: RunningServer, life: int, after_s: float) -> list[Story]:
    per_caller: list[list[Story]] = [[] for _ in range(CALLERS)]
    stop = threading.Event()
    threads = [
        threading.Thread(target=live_a_life, args=(server, f"life{life}-caller{number}", stories, stop))
        for number, stories in enumerate(per_caller)
    ]
    for thread in threads:
        thread.start()
    time.sleep(after_s)  # the moment of death is the point
    server.process.kill()
    server.process.wait()
    stop.set()
    for thread in threads:
        thread.join()
    return [story for stories in per_caller for story in stories]


def replayed(body: Body) -> Body:
    return {**body, "replayed": True}


def without_request_id(body: Body) -> Body:
    return {key: value for key, value in body.items() if key not in ("request_id", "instance")}


def check(caller: Caller, story: Story) -> None:
    """Repeat a story's calls: heard answers come again, unheard ones are answered now."""
    last = story.calls[-1]
    before = story.answers[last]
    status, body = story.make(caller, last)
    if before is None:
        assert status in (200, 404 if last == "release" else 409), (story, status, body)
    elif before[0] == 200:
        assert (status, body) == (200, replayed(before[1])), story
    elif last == "hold":  # refused then: the id is free, and what was refused may be possible now
        assert (body["code"] if status != 200 else body["replayed"]) in (
            False, "held_by_another", "listing_sold_out", "insufficient_quantity",
        ), (story, status, body)  # fmt: skip
        if status == 200:
            story.answers["hold"] = (status, body)
    else:
        assert (status, without_request_id(body)) == (before[0], without_request_id(before[1])), story
    if last == "release":
        status, body = caller.hold(story.global_id, story.remote_id, story.quantity)
        assert (status, body["code"]) == (409, "global_id_closed"), (story, body)
    if last == "invoice" and (story.answers["invoice"] or (0,))[0] == 200:
        status, body = caller.release(story.global_id)
        assert (status, body["code"]) == (409, "hold_already_invoiced"), (story, body)


def seats_taken(stories: list[Story]) -> Counter[tuple[str, str]]:
    """Return the seats that are sold or under live holds, and how often."""
    taken: Counter[tuple[str, str]] = Counter()
    for story in stories:
        answer = story.answers[story.calls[-1]]
        if answer is not None and answer[0] == 200 and story.calls[-1] != "release":
            assert len(answer[1]["seats"]) == (0 if story.remote_id == "TG-GA" else story.quantity)
            taken.update((story.remote_id, seat) for seat in answer[1]["seats"])
    return taken


def test_what_was_answered_survives_kill_9_under_load(tmp_path: Path) -> None:
    write_inventory(tmp_path / "inventory.json")
    chance = random.Random(SEED)
    stories: list[Story] = []
    for life in range(KILLS):
        with running_server(tmp_path, "--quiet") as server, caller_of(server) as caller:
            for story in stories[-300:]:  # those of the life before
                check(caller, story)
            stories += kill_under_load(server, life, chance.uniform(0.05, 0.3))
            assert server.process.returncode == -signal.SIGKILL

    with running_server(tmp_path, "--quiet") as server:
        with caller_of(server) as caller:
            for story in stories:
                check(caller, story)
        assert server.stop() == 0

    outcomes = Counter((story.calls[-1], (story.answers[story.calls[-1]] or (0,))[0]) for story in stories)
    assert {("hold", 200), ("release", 200), ("release", 404), ("invoice", 200)} <= outcomes.keys(), outcomes
    taken = seats_taken(stories)
    assert max(taken.values()) == 1, [seat for seat, times in taken.items() if times > 1]
    assert "Traceback" not in (tmp_path / "server.log").read_text()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["inventory.json", "server.log"]
    check_file_against(tmp_path / "inventory.json", stories)


def check_file_against(path: Path, stories: list[Story]) -> None:
    """Compare the stopped server's file, read by plain TinyDB, with the answers that were given."""
    with TinyDB(path) as db:
        listings = {listing["remote_id"]: listing for listing in db.table("listings")}
        holds = {hold["global_id"]: hold for hold in db.table("holds")}
        invoices = {invoice["global_id"]: invoice for invoice in db.table("invoices")}
        tombstones = {tombstone["global_id"] for tombstone in db.table("tombstones")}
    ends = {story.global_id: (story.calls[-1], (story.answers[story.calls[-1]] or (0,))[0]) for story in stories}
    assert invoices.keys() == {key for key, end in ends.items() if end == ("invoice", 200)}
    assert tombstones == {key for key, end in ends.items() if end == ("release", 404)}
    live = {key for key, end in ends.items() if end == ("hold", 200)}
    assert {key for key, hold in holds.items() if hold["status"] == "held"} == live
    for remote_id, quantity in LISTINGS.items():
        sold = sum(invoice["quantity"] for invoice in invoices.values() if invoice["remote_id"] == remote_id)
        held = sum(holds[key]["quantity"] for key in live if holds[key]["remote_id"] == remote_id)
        listing = listings[remote_id]
        assert (listing.get("sold", 0), listing.get("held", 0)) == (sold, held)
        assert listing.get("available", quantity) == quantity - sold - held


def test_a_server_killed_while_it_writes_its_file_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inventory.json"
    write_inventory(path, more=6_000)
    chance = random.Random(SEED)
    stories: list[Story] = []
    for life in range(3):
        with running_server(tmp_path, "--quiet") as server:
            with caller_of(server) as caller:
                for story in stories:
                    check(caller, story)
                for number in range(20):
                    story = Story(f"life{life}-{number}", "TG-A", 1)
                    stories.append(story)
                    story.make(caller, "hold")
                    story.make(caller, ["release", "invoice"][number % 2])
            server.process.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + 20
            while not path.with_name(path.name + ".new").exists() and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.05))
            server.process.kill()

    with running_server(tmp_path, "--quiet") as server:
        with caller_of(server) as caller:
            for story in stories:
                check(caller, story)
        assert server.stop() == 0
    assert max(seats_taken(stories).values()) == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["inventory.json", "server.log"]
    assert "Traceback" not in (tmp_path / "server.log").read_text()
