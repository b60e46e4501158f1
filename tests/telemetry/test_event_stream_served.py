"""Streams on our own server: run as a program this file is a small app under `mockpos.server.run.serve`."""

import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

STREAMS = 200
OPEN: list[socket.socket] = []
"""The clients' sockets, which the fixture closes."""


def main() -> int:
    from flask import Flask, Response, request

    from mockpos.server import run
    from mockpos.server.application import Application
    from mockpos.server.wsgi_lane import WsgiLane
    from mockpos.telemetry.events.hub import EventHub
    from mockpos.telemetry.events.subscription import CONTENT_TYPE, stream

    hub, app = EventHub(), Flask(__name__)

    @app.get("/events")
    def events() -> Response:
        last = request.headers.get("Last-Event-ID")
        subscription = hub.subscribe(int(last) if last else None)
        return Response(stream(subscription, {"instance": "1"}, heartbeat_s=5), mimetype=CONTENT_TYPE)

    @app.get("/publish/<int:count>")
    def publish(count: int) -> dict[str, int]:
        for _ in range(count):
            hub.tell("a", {"text": "x" * 250})
        return {"last": hub.last}

    @app.get("/listeners")
    def listeners() -> dict[str, int]:
        return {"listeners": hub.limits.streams}

    @app.get("/close")
    def close() -> dict[str, int]:
        hub.close()
        return {}

    sockets = run.bind("127.0.0.1", 0)
    application = Application(
        handle=WsgiLane(app),
        on_ready=lambda: print(sockets[0].getsockname()[1], flush=True),
    )
    return run.serve(application, sockets, grace_s=5)


class Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.received = b""
        OPEN.append(self.socket)

    def get(self, path: str, *headers: str) -> None:
        lines = [f"GET {path} HTTP/1.1", "Host: a", *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())

    def until(self, text: bytes) -> bytes:
        while text not in self.received:
            data = self.socket.recv(1 << 20)
            assert data, self.received[-500:]
            self.received += data
        end = self.received.index(text) + len(text)
        found, self.received = self.received[:end], self.received[end:]
        return found

    def ask(self, path: str) -> bytes:
        self.get(path)
        self.until(b"\r\n\r\n")
        return self.until(b"}\n")


@pytest.fixture
def port() -> Iterator[int]:
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            while OPEN:
                OPEN.pop().close()
            process.terminate()
        assert process.wait(10) == 0


def streams(port: int, count: int) -> list[Client]:
    clients = [Client(port) for _ in range(count)]
    for client in clients:
        client.get("/events")
    for client in clients:
        client.until(b"\n\n")
    return clients


def median_s(client: Client, path: str, count: int = 100) -> float:
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        client.ask(path)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[count // 2]


def test_two_hundred_streams_hold_no_request_back_and_miss_nothing(port: int) -> None:
    caller = Client(port)
    caller.ask("/publish/1")
    alone = median_s(caller, "/publish/1")
    clients = streams(port, STREAMS)
    assert caller.ask("/listeners") == b'{"listeners":200}\n'
    together = median_s(caller, "/publish/1")
    assert together < 5 * alone + 0.005
    for client in clients:
        client.until(b"id: 201\nevent: a\n")
    print(f"alone {alone * 1e6:.0f} us, with {STREAMS} streams {together * 1e6:.0f} us")


def test_the_first_event_after_a_silence_comes_at_once(port: int) -> None:
    (listener,), caller = streams(port, 1), Client(port)
    start = time.perf_counter()
    caller.ask("/publish/1")
    listener.until(b"event: a\n")
    assert time.perf_counter() - start < 1


def test_who_reads_nothing_slows_nobody_and_is_told_what_was_missed(port: int) -> None:
    (stuck, quick), caller = streams(port, 2), Client(port)
    for _ in range(200):
        caller.ask("/publish/200")
        while select.select([quick.socket], [], [], 0)[0]:
            quick.socket.recv(1 << 20)
    caller.ask("/publish/1")
    quick.until(b"id: 40001\n")
    text = stuck.until(b"id: 40001\n")
    told, missed, last = 0, 0, 0
    for frame in text.split(b"id: ")[1:]:
        number = int(frame.split(b"\r\n")[0].split(b"\n")[0])
        if b"event: dropped" in frame:
            body = frame.split(b'"missed":')[1]
            missed += int(body.split(b",")[0])
            assert number == last + int(body.split(b",")[0])
        else:
            told += 1
            assert number == last + 1
        last = number
    assert told + missed == 40_001
    assert missed > 0


def test_a_stream_resumes_where_it_was_cut(port: int) -> None:
    caller, again = Client(port), Client(port)
    caller.ask("/publish/5")
    again.get("/events", "Last-Event-ID: 3")
    assert b"id: 3\n" not in again.until(b"id: 5\n")
    assert caller.ask("/listeners") == b'{"listeners":1}\n'
    again.socket.close()
    deadline = time.monotonic() + 10
    while caller.ask("/listeners") != b'{"listeners":0}\n':
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_streams_end_cleanly_when_the_hub_closes(port: int) -> None:
    clients: list[Any] = streams(port, 10)
    Client(port).ask("/close")
    for client in clients:
        client.until(b"0\r\n\r\n")


if __name__ == "__main__":
    sys.exit(main())
