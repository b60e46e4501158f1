"""A small WSGI app served for the tests of the server room; prints its port, then what it did, line by line."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, request

from mockpos.domain.errors import BadInput
from mockpos.server import protocol, run
from mockpos.server.application import Application
from mockpos.server.greenlets import offload, pause
from mockpos.server.request import Reply, whole
from mockpos.server.wsgi_lane import BODY_TOO_LARGE, REQUEST, WsgiLane

sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # stdout is a text stream here
RUNNING = {"now": 0, "most": 0}


def say(text: str) -> None:
    print(text, flush=True)


def answer(start: Any, body: bytes, status: str = "200 OK", *headers: tuple[str, str]) -> list[bytes]:
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers])
    return [body]


def show(environ: dict[str, Any], start: Any) -> list[bytes]:
    seen = {key: value for key, value in environ.items() if isinstance(value, (str, bool, int))}
    seen["body"] = environ["wsgi.input"].read().decode("latin-1")
    seen["wsgi.version"] = list(environ["wsgi.version"])
    return answer(start, json.dumps(seen).encode())


def wait(environ: dict[str, Any], start: Any) -> list[bytes]:
    seconds = float(environ["QUERY_STRING"])
    say("waiting")
    RUNNING["now"] += 1
    RUNNING["most"] = max(RUNNING["most"], RUNNING["now"])
    pause(seconds)
    RUNNING["now"] -= 1
    say(f"done gone={environ[REQUEST].connection.gone}")
    return answer(start, b"%d" % RUNNING["most"])


class Stream:
    """Counts for ever, or up to a number, and says when it is closed."""

    def __init__(self, last: int, seconds: float) -> None:
        self._numbers = self._count(last, seconds)

    @staticmethod
    def _count(last: int, seconds: float) -> Any:
        number = 0
        try:
            while number != last:
                number += 1
                yield b"data: %d\n\n" % number
                pause(seconds)
        finally:
            say("stream ended")

    def __iter__(self) -> Any:
        return self._numbers

    def close(self) -> None:
        self._numbers.close()
        pause(0)  # closing may wait as well
        say("stream closed")


def stream(environ: dict[str, Any], start: Any) -> Any:
    last, _, seconds = environ["QUERY_STRING"].partition(",")
    start("200 OK", [("Content-Type", "text/event-stream")])
    return Stream(int(last), float(seconds or 0))


def fault(environ: dict[str, Any], start: Any) -> list[bytes]:
    connection = environ[REQUEST].connection
    match environ["QUERY_STRING"]:
        case "reset":
            connection.reset()
        case "empty":
            connection.close_silently()
        case "raw":
            connection.send_raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            pause(0.01)
            connection.send_raw(b"short")
        case "hang":
            say("hanging")
            while not (connection.gone or connection.stopping):
                pause(0.02)
            say(f"hung gone={connection.gone}")
    return answer(start, b"must not be seen")


def broken(environ: dict[str, Any], start: Any) -> Any:
    match environ["QUERY_STRING"]:
        case "raise":
            raise ZeroDivisionError("secret detail")
        case "header":
            start("200 OK", [("X-Bad", "a\r\nb")])
            return [b"x"]
        case "exit":
            sys.exit(3)
        case "silent":
            return []
        case "stream":
            start("200 OK", [])
            return break_off()
        case _:
            start("200 OK", [("Content-Length", "10")])
            return [b"half"]


def break_off() -> Iterator[bytes]:
    yield b"half"
    raise ZeroDivisionError("secret detail")


def offloaded(environ: dict[str, Any], start: Any) -> list[bytes]:
    def fail() -> None:
        raise KeyError("from the thread")

    value = offload(lambda: time.sleep(0.01) or 42)
    try:
        offload(fail)
    except KeyError as failure:
        return answer(start, f"{value} {failure.args[0]}".encode())
    return answer(start, b"nothing was raised")


def large(environ: dict[str, Any], start: Any) -> Any:
    size = int(environ["QUERY_STRING"])
    start("200 OK", [("Content-Length", str(size))])
    return iter([b"a" * (size // 2), b"b" * (size - size // 2)])


def in_one(environ: dict[str, Any], start: Any) -> list[bytes]:
    return answer(start, b"w" * int(environ["QUERY_STRING"]))


flask_app = Flask(__name__)


@flask_app.get("/flask/wait/<number>")
def flask_wait(number: str) -> str:
    before = request.path
    pause(0.05)
    return f"{before} {request.path} {number} {request.args['n']}"


@flask_app.get("/flask/stream")
def flask_stream() -> Response:
    def numbers() -> Any:
        for number in range(3):
            yield f"{number}"
            pause(0.01)

    return Response(numbers(), mimetype="text/plain")


ROUTES = {
    "/wait": wait,
    "/stream": stream,
    "/fault": fault,
    "/broken": broken,
    "/offload": offloaded,
    "/large": large,
    "/whole": in_one,
}


def app(environ: dict[str, Any], start: Any) -> Any:
    if environ.get(BODY_TOO_LARGE):
        return answer(start, b'{"code":"request_too_large"}', "413 Payload Too Large")
    if environ["PATH_INFO"].startswith("/flask/"):
        return flask_app(environ, start)
    route = ROUTES.get(environ["PATH_INFO"], show)
    if route is show:
        say(f"app {environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
    return route(environ, start)


def write_error(status: int, kind: str, message: str) -> Reply:
    if "fail the writer" in sys.argv[-1]:
        raise ZeroDivisionError
    body = json.dumps({"code": kind, "status": status, "detail": message}).encode()
    return whole(status, [("Content-Type", "application/problem+json")], body)


def main() -> int:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as in a terminal, also when the tests run under nohup
    options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    protocol.REQUEST_SECONDS = options.get("request_seconds", protocol.REQUEST_SECONDS)
    protocol.IDLE_SECONDS = options.get("idle_seconds", protocol.IDLE_SECONDS)
    run._CONNECTIONS = options.get("connections", run._CONNECTIONS)
    sockets = run.bind("127.0.0.1", 0)

    async def work_in_background() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            say("background ended")

    def ready() -> None:
        if options.get("background"):
            jobs.append(asyncio.get_running_loop().create_task(work_in_background()))
        say(str(sockets[0].getsockname()[1]))
        if options.get("fail") == "on_ready":
            raise BadInput("not ready")

    def stop() -> None:
        say("on_stop")
        if options.get("fail") == "on_stop":
            raise BadInput("not stopped")

    jobs: list[asyncio.Task[None]] = []
    grace_s = options.get("grace_s", 30.0)
    try:
        application = Application(handle=WsgiLane(app), error_writer=write_error, on_ready=ready, on_stop=stop)
        return run.serve(application, sockets, grace_s=grace_s)
    except BadInput as failure:
        say(str(failure))
        return 2


if __name__ == "__main__":
    sys.exit(main())
