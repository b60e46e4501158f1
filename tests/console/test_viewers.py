"""What several who look at the same page are told, and a call sent again: over HTTP, without a browser."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from itertools import takewhile
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from werkzeug.test import TestResponse

from tests.conftest import running_server

CONSOLE = "/_mock/console"
KEY = {"X-API-Key": "mockpos-dev-key"}
STREAM = "/stream?page=inventory&q=&show=all&after="
VIEWERS, SALES = 4, 3


def seats(lines: Iterator[str]) -> Iterator[str]:
    """Yield what a stream tells of the seats of a listing: "7 free, 1 held, 0 sold"."""
    for line in lines:
        yield from re.findall(r'aria-label="(\d+ free, \d+ held, \d+ sold)"', line)


def test_all_viewers_of_a_page_are_told_every_change_when_it_happens(tmp_path: Path) -> None:
    """Before the next change: a viewer who was told of one only by the following would wait here for ever."""
    told = Barrier(VIEWERS + 1, timeout=15)

    def look(url: str) -> list[str]:
        with httpx.stream("GET", url + CONSOLE + STREAM, timeout=15) as answer:
            changes = seats(answer.iter_lines())
            told.wait()
            found = []
            for _ in range(2 * SALES):
                found.append(next(changes))
                told.wait()
            return found

    with running_server(tmp_path, "--memory", "--quiet") as server, ThreadPoolExecutor(VIEWERS) as pool:
        viewers = [pool.submit(look, server.url) for _ in range(VIEWERS)]
        told.wait()
        for number in range(SALES):
            held = {"remote_id": "TG-1042", "quantity": 1, "global_id": f"g-{number}"}
            sold = {"global_id": f"g-{number}", "order_id": f"o-{number}"}
            for path, body in (("/v1/holds", held), ("/v1/invoices", sold)):
                assert httpx.post(server.url + path, json=body, headers=KEY).status_code == 200
                told.wait()
        expected = [
            f"{8 - number - 1} free, {held} held, {number + 1 - held} sold"
            for number in range(SALES)
            for held in (1, 0)
        ]
        assert [viewer.result() for viewer in viewers] == [expected] * VIEWERS


def is_told(word: str, answer: TestResponse) -> bool:
    """Read a stream until it tells of something, or says that nothing happens any more."""
    return any(
        re.search(word, piece.decode()) for piece in takewhile(lambda piece: piece != b": alive\n", answer.response)
    )


@pytest.mark.parametrize(
    ("stream", "word"),
    [
        (CONSOLE + STREAM, "3 free, 1 held"),
        (CONSOLE + "/show/stream", "3 free, 1 held"),
        (CONSOLE + "/stream", "g-1"),
        ("/_mock/events", "hold.placed"),
    ],
)
def test_what_happens_once_the_head_of_a_streams_answer_is_there_is_told(bed, stream, word):
    """Nothing of the answer's body was read yet: what changes now must differ from what the stream begins with."""
    answer = bed.client.get(stream, buffered=False)
    bed.hold(quantity=1)
    assert is_told(word, answer)


def test_a_page_is_told_that_calls_were_forgotten_even_when_as_many_came_since(bed):
    answer = bed.client.get(CONSOLE + "/stream", buffered=False)
    bed.hold(quantity=1)
    assert is_told("g-1", answer)
    bed.client.delete("/_mock/requests")
    bed.hold(quantity=1)
    assert is_told("listings-changed", answer)


@pytest.mark.parametrize("another_looks", ["never", "before the page", "before it happens", "and is told", "after it"])
@pytest.mark.parametrize(
    ("path", "word"), [("/", "3 free, 1 held"), ("/show", "3 free, 1 held"), ("/calls", "g-1|listings-changed")]
)
def test_what_happens_between_a_page_and_its_stream_is_told(bed, path, word, another_looks):
    """Whoever looks already, and whatever they were told: of several viewers each message is drawn once."""
    if another_looks == "before the page":
        same_view = {"/": STREAM, "/show": "/show/stream", "/calls": "/stream"}[path]
        another = bed.client.get(CONSOLE + same_view, buffered=False)
    page = bed.client.get(CONSOLE + path, headers={"Accept": "text/html"}).text
    address = unescape(re.search(r'hx-sse:connect="([^"]+)"', page)[1])
    if another_looks in ("before it happens", "and is told"):
        another = bed.client.get(address, buffered=False)
    bed.hold(quantity=1)
    if another_looks == "and is told":
        assert is_told(word, another)
    if another_looks == "after it":
        another = bed.client.get(address, buffered=False)
    assert is_told(word, bed.client.get(address, buffered=False))


def test_a_call_that_is_sent_again_is_answered_by_the_same_server_at_once(tmp_path: Path) -> None:
    """Within what a client waits for: a server that waited for itself would answer nobody for half a minute."""
    asked = {"remote_id": "TG-1042", "quantity": 9, "global_id": "g-1"}
    with running_server(tmp_path, "--memory", "--quiet") as server:
        refused = httpx.post(f"{server.url}/v1/holds", json=asked, headers=KEY)
        page = f"/_mock/console/calls/{refused.headers['X-Request-Id']}"
        led = httpx.post(f"{server.url}{page}/again", timeout=10)
        assert led.status_code == 303
        again = httpx.get(server.url + led.headers["Location"].replace("/console/calls/", "/requests/")).json()
        assert (again["global_id"], again["response"]["code"]) == ("g-1", refused.json()["code"])
        written = {"body": '{"remote_id": "TG-1042", "quantity": 2,\r\n "global_id": "g-2"}'}
        led = httpx.post(f"{server.url}{page}/again", data=written, timeout=10)
        again = httpx.get(server.url + led.headers["Location"].replace("/console/calls/", "/requests/")).json()
        assert (again["global_id"], again["response"]["code"]) == ("g-2", "held"), "with the body that was written"


def test_a_purchase_meets_the_scenario_that_is_on(tmp_path: Path) -> None:
    """Somebody who switches one on and buys shall see what it does, also when it does that to one call in three."""
    rule = {
        "id": "lost",
        "on": "hold",
        "when": {"attempt": 1, "chance": 0.33},
        "fault": "reset",
        "phase": "after_commit",
    }
    with running_server(tmp_path, "--memory", "--quiet") as server, httpx.Client(base_url=server.url) as client:
        client.put("/_mock/scenario", json={"scenario": {"name": "cut", "rules": [rule]}})
        bought = [{"remote_id": f"TG-100{number}", "quantity": "2"} for number in range(1, 6)]
        panels = [client.post(f"{CONSOLE}/buy", data=asked).text for asked in bought]
        addresses = [unescape(re.search(r'hx-get="([^"]+)"', panel)[1]) for panel in panels]
        while not all("Buy again" in panel for panel in panels):
            panels = [client.get(address).text for address in addresses]
        assert all("attempt 2" in panel and "asked for again, with the same ids" in panel for panel in panels)


def test_a_view_link_that_is_revoked_tells_nothing_more_to_who_looks_already(tmp_path: Path) -> None:
    """Nor do the pages stay in a cache, nor the link in a log."""
    with running_server(tmp_path, "--memory") as server, httpx.Client(base_url=server.url, timeout=15) as client:

        def press(action: str, **form: str) -> str:
            return client.post(f"/_mock/console/act/{action}", data=form, headers={"HX-Request": "true"}).text

        name, token = re.findall(r'id="link-(\w+)" href="[^"]*t=([^"]+)"', press("link"))[0]
        assert client.get(f"/_mock/console/show?t={token}").headers["Cache-Control"] == "no-store"
        with httpx.stream("GET", f"{server.url}/_mock/console/show/stream?t={token}", timeout=15) as answer:
            lines = answer.iter_lines()
            client.post("/v1/holds", json={"remote_id": "TG-1042", "quantity": 1, "global_id": "seen"}, headers=KEY)
            assert next(seats(lines)) == "7 free, 1 held, 0 sold"
            press("revoke", name=name)
            client.post("/v1/holds", json={"remote_id": "TG-1042", "quantity": 1, "global_id": "unseen"}, headers=KEY)
            assert "unseen" not in "".join(lines), "and the stream ended"
        assert client.get(f"/_mock/console/show?t={token}").status_code == 200, "this machine needs no link"
        server.stop()
        assert token not in server.log.read_text()
