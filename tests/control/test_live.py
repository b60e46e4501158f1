"""The stream of events, over Flask's own client and from a real server."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockpos import __version__
from tests.conftest import KEY, TestBed, running_server
from tests.control.clients_over_http import OverHttp, control


def pieces(bed: TestBed, path: str = "/_mock/events", last: str | None = None, key: str | None = None) -> Any:
    headers = {name: value for name, value in (("Last-Event-ID", last), ("X-API-Key", key)) if value is not None}
    return bed.client.get(path, headers=headers, buffered=False)


def events(answer: Any, least: int) -> list[tuple[int, str, dict[str, Any]]]:
    """Read until there are so many events; fails when none came for as long as a stream is silent."""
    found: list[tuple[int, str, dict[str, Any]]] = []
    for piece in answer.response:
        assert not piece.startswith(b":"), f"only {len(found)} of {least} events came"
        found += parsed(piece.decode())
        if len(found) >= least:
            break
    return found


def parsed(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "event" in fields and fields["event"] != "server":
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def test_every_change_and_call_is_told_in_order(bed: TestBed) -> None:
    with pieces(bed) as answer:
        assert answer.content_type.startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        bed.hold(global_id="g-1")
        bed.release("g-1")
        found = events(answer, 6)
    assert [number for number, _, _ in found] == [1, 2, 3, 4, 5, 6]
    assert sorted(kind for _, kind, _ in found[:2]) == ["hold.placed", "stock.changed"]
    assert found[2][1] == "call"
    assert found[2][2]["code"] == "held"
    assert sorted(kind for _, kind, _ in found[3:5]) == ["hold.released", "stock.changed"]
    stock = next(data for _, kind, data in found[:2] if kind == "stock.changed")
    assert (stock["available"], stock["held"], stock["sold"]) == (2, 2, 0)


def test_a_stream_opens_with_who_tells(bed: TestBed) -> None:
    bed.client.post("/_mock/sandboxes", json={"name": "one"})
    told = []
    for path, last in (("/_mock/events", None), ("/_mock/events", "0"), ("/s/one/_mock/events", None)):
        with pieces(bed, path, last=last) as answer:
            opening = next(iter(answer.response)).decode()
        assert "event: server\n" in opening
        told.append(json.loads(opening.split("data: ")[1]))
    assert [each["sandbox"] for each in told] == ["default", "default", "one"]
    assert len({each["instance"] for each in told}) == 1
    assert {each["version"] for each in told} == {__version__}


def test_links_of_events_lead_to_calls_whatever_the_sandbox(bed: TestBed) -> None:
    key = bed.client.post("/_mock/sandboxes", json={"name": "one"}).get_json()["api_key"]
    body = {"remote_id": "TG-1", "quantity": 1, "global_id": "mine"}
    with pieces(bed, "/s/one/_mock/events") as answer:
        bed.client.post("/v1/holds", json=body, headers={"X-API-Key": key})
        links = [data["link"] for _, kind, data in events(answer, 3) if kind != "stock.changed"]
    listed, call = (bed.client.get(link).get_json() for link in links)
    assert [each["global_id"] for each in listed["requests"]] == ["mine"]
    assert (call["global_id"], call["sandbox"]) == ("mine", "one")


def test_a_stream_goes_on_after_the_last_event_that_was_read(bed: TestBed) -> None:
    bed.hold(global_id="g-1")
    with pieces(bed, last="2") as answer:
        assert [number for number, _, _ in events(answer, 1)] == [3]
    with pieces(bed, last="0") as answer:
        assert [number for number, _, _ in events(answer, 3)] == [1, 2, 3]


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "٣", "9" * 40, "1 2"])
def test_what_is_no_event_id_is_refused(bed: TestBed, last: str) -> None:
    answer = pieces(bed, last=last.encode().decode("latin-1"))
    assert answer.status_code == 422
    assert "Last-Event-ID" in answer.get_json()["detail"]


def test_an_id_that_was_never_given_out_is_told_to_have_begun_anew(bed: TestBed) -> None:
    bed.hold()
    with pieces(bed, last="500") as answer:
        found = events(answer, 4)
    assert found[0][1] == "dropped"
    assert [number for number, _, _ in found[1:]] == [1, 2, 3]


def test_an_expiry_a_reset_and_a_restored_snapshot_are_told(bed: TestBed) -> None:
    bed.hold()
    bed.client.put("/_mock/snapshots/s")
    last = str(bed.mock.sandboxes.default.telemetry.events.last)
    bed.client.post("/_mock/clock", json={"advance": "1d"})
    bed.client.post("/_mock/snapshots/s/restore")
    bed.client.post("/_mock/reset")
    with pieces(bed, last=last) as answer:
        kinds = [kind for _, kind, _ in events(answer, 5)]
    assert sorted(kinds[:2]) == ["hold.expired", "stock.changed"]
    assert kinds[2:] == ["clock.changed", "world.replaced", "world.replaced"]


def test_a_scenario_that_is_switched_on_or_off_is_told(bed: TestBed) -> None:
    last = str(bed.mock.sandboxes.default.telemetry.events.last)
    bed.client.put("/_mock/scenario", json={"name": "brownout"})
    bed.client.delete("/_mock/scenario")
    with pieces(bed, last=last) as answer:
        told = [(kind, data) for _, kind, data in events(answer, 2)]
    assert told == [("scenario.changed", {"active": "brownout"}), ("scenario.changed", {"active": None})]


def test_each_sandbox_tells_its_own_and_ends_its_streams_when_it_goes(bed: TestBed) -> None:
    key = bed.client.post("/_mock/sandboxes", json={"name": "one"}).get_json()["api_key"]
    bed.hold()
    with pieces(bed, key=key) as by_key, pieces(bed, "/s/one/_mock/events") as by_path:
        body = {"remote_id": "TG-1", "quantity": 1, "global_id": "mine"}
        bed.client.post("/v1/holds", json=body, headers={"X-API-Key": key})
        bed.client.delete("/_mock/sandboxes/one")
        for answer in (by_key, by_path):
            told = [parsed(piece.decode()) for piece in answer.response]
            assert sum(map(len, told)) == 3
    assert bed.mock.sandboxes.default.telemetry.events.limits.streams == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_stream_that_is_left_gives_its_place_back(bed: TestBed, method: str) -> None:
    bed.client.open("/_mock/events", method=method, buffered=False).close()
    assert bed.mock.sandboxes.default.telemetry.events.limits.streams == 0


def test_too_many_streams_are_refused(bed: TestBed) -> None:
    bed.mock.sandboxes.default.telemetry.events.limits.most_streams = 1
    with pieces(bed):
        answer = pieces(bed)
        assert (answer.status_code, answer.get_json()["code"]) == (503, "mock_too_many_streams")
        answer.close()


def lines_of(response: http.client.HTTPResponse) -> Iterator[str]:
    while line := response.readline():
        yield line.decode().rstrip("\n")


def test_two_hundred_open_streams_hold_no_call_back_and_one_resumes(tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet") as server:
        connections = [http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20) for _ in range(200)]
        for connection in connections:
            connection.request("GET", "/_mock/events")
        streams = [connection.getresponse() for connection in connections]
        began = time.monotonic()
        caller = OverHttp(server.url, KEY)
        assert all(caller.hold("MOCK-OK", 1, f"g-{n}").code == "held" for n in range(50))
        assert time.monotonic() - began < 10
        for stream in (streams[0], streams[-1]):
            kinds = [line for line in lines_of_first(stream, 101) if line.startswith("event: ")]
            assert kinds.count("event: call") >= 49
        for connection in connections:
            connection.close()
        resumed = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
        resumed.request("GET", "/_mock/events", headers={"Last-Event-ID": "99"})
        first = [line for line in lines_of_first(resumed.getresponse(), 2) if line.startswith("id: ")]
        assert first == ["id: 100"]
        resumed.close()
        assert control(server.url, "GET", "/_mock/requests")[1]["recorded"] == 50
        assert server.stop() == 0


def lines_of_first(response: http.client.HTTPResponse, events_wanted: int) -> list[str]:
    """Read the lines of the first events."""
    found, seen = [], 0
    for line in lines_of(response):
        found.append(line)
        seen += line.startswith("data: ")
        if seen == events_wanted:
            break
    return found
