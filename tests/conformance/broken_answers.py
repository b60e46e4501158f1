"""Broken automators, one fault each: what is wrong with requests and answers, as wrappers of a correct application."""

import io
import itertools
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.checkout.odd_servers import answer, odd_server
from tests.conformance.good import Automator, is_gone, make_app, served

Wsgi = Callable[[Any, Any], Iterable[bytes]]


class QuantityIsLax(Automator):
    """The correct automator, but for what the application lets through."""


def lax_quantity(accepts: Callable[[Any], bool]) -> Wsgi:
    """Take some quantities that make no sense for one ticket."""
    app = make_app(Automator())

    def call(environ: Any, start_response: Any) -> Iterable[bytes]:
        if (
            environ["REQUEST_METHOD"] == "POST"
            and environ["PATH_INFO"] == "/v1/holds"
            and environ.get("HTTP_X_API_KEY")
        ):
            length = int(environ.get("CONTENT_LENGTH") or 0)
            data = environ["wsgi.input"].read(length)
            body = _object(data)
            if body and accepts(body.get("quantity")):
                data = json.dumps({**body, "quantity": 1}).encode()
            environ = {**environ, "wsgi.input": _bytes(data), "CONTENT_LENGTH": str(len(data))}
        return app(environ, start_response)  # type: ignore[no-any-return]  # a WSGI application

    return call


def without_key_check(applies: Callable[[Any], bool]) -> Wsgi:
    """Let calls pass that carry no right key."""
    from tests.conformance.good import KEY

    app = make_app(Automator())

    def call(environ: Any, start_response: Any) -> Iterable[bytes]:
        if applies(environ):
            environ = {**environ, "HTTP_X_API_KEY": KEY}
        return app(environ, start_response)  # type: ignore[no-any-return]  # a WSGI application

    return call


Change = Callable[[Any, int, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]


def changed(change: Change, automator: Any = None) -> Wsgi:
    """Change the answers of a correct application."""
    app = make_app(automator or Automator())

    def call(environ: Any, start_response: Any) -> Iterable[bytes]:
        kept: list[Any] = []
        body = b"".join(app(environ, lambda status, headers, exc_info=None: kept.extend((status, headers)) or bytes))
        status, headers, body = change(environ, int(kept[0][:3]), dict(kept[1]), body)
        headers["Content-Length"] = str(len(body))
        start_response(f"{status} Status", list(headers.items()))
        return [body]

    return call


def arrays(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    return status, headers, b"[" + body + b"]" if status == 200 else body


def html_errors(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    if status >= 400:
        return status, {**headers, "Content-Type": "text/html"}, b"<h1>" + str(status).encode() + b"</h1>"
    return status, headers, body


def truncated(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    return status, headers, body[: len(body) // 2] if status == 200 else body


def not_a_number(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    return status, headers, body.replace(b'"quantity":', b'"price":NaN,"quantity":') if status == 200 else body


def plain_text(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    return status, {**headers, "Content-Type": "text/plain"} if status == 200 else headers, body


def page_for_everything(environ: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
    if environ["PATH_INFO"].startswith("/v1"):
        return status, headers, body
    return 200, {**headers, "Content-Type": "text/html"}, b"<html>app</html>"


def undocumented(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    return status, headers, body.replace(b'"listing_not_found"', b'"E1042"')


def stack_trace(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    if status != 404:
        return status, headers, body
    trace = 'Traceback (most recent call last):\n  File "/srv/app/holds.py", line 12, in hold\nKeyError'
    return status, headers, json.dumps({"code": "listing_not_found", "detail": trace}).encode()


def echoes_key(environ: Any, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    if status != 409:
        return status, headers, body
    content = {**json.loads(body), "seen": environ.get("HTTP_X_API_KEY", "")}
    return status, headers, json.dumps(content).encode()


def malformed_crashes(environ: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
    return (500 if status == 400 else status), headers, body


def success_is_202(environ: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
    return (202 if status == 200 else status), headers, body


def every_so_often(number: int, status: int) -> Change:
    """Answer every nth call with another status."""
    calls = itertools.count(1)

    def change(environ: Any, was: int, headers: dict[str, str], body: bytes) -> Any:
        if next(calls) % number == 0:
            return status, headers, b'{"code": "validation_failed", "detail": "try later"}'
        return was, headers, body

    return change


def slow(seconds: float, *, only_every: int = 1) -> Wsgi:
    """Take a while for each call, or for every nth."""
    app = make_app(Automator())
    calls = itertools.count(1)

    def call(environ: Any, start_response: Any) -> Iterable[bytes]:
        if next(calls) % only_every == 0:
            time.sleep(seconds)
        return app(environ, start_response)  # type: ignore[no-any-return]  # a WSGI application

    return call


def loses_answers(number: int) -> Wsgi:
    """Carry every nth call out, and cut the connection instead of answering."""
    app = make_app(Automator())
    calls = itertools.count(1)

    def call(environ: Any, start_response: Any) -> Iterable[bytes]:
        answer = app(environ, start_response)
        if next(calls) % number == 0:
            environ["werkzeug.socket"].close()
            raise ConnectionResetError
        return answer  # type: ignore[no-any-return]  # a WSGI application

    return call


def crashes_under_load(width: int) -> Wsgi:
    """Answer 500 when several holds or releases of the load test come at once."""
    app = make_app(Automator())
    under_way = itertools.count()
    inside: list[int] = []

    def call(environ: Any, start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_X_CONFORM_CHECK") != "LOAD-01":
            return app(environ, start_response)  # type: ignore[no-any-return]  # a WSGI application
        mark = next(under_way)
        inside.append(mark)
        try:
            time.sleep(0.01)
            if len(inside) >= width:
                start_response("500 Oops", [("Content-Type", "application/json"), ("Content-Length", "2")])
                return [b"{}"]
            return app(environ, start_response)  # type: ignore[no-any-return]  # a WSGI application
        finally:
            inside.remove(mark)

    return call


def forgets_when_client_leaves() -> Wsgi:
    """Forget a hold, but not its tickets, when its client has left."""
    automator = Automator()
    app = make_app(automator)

    def call(environ: Any, start_response: Any) -> Iterable[bytes]:
        answer = app(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            time.sleep(0.03)
            if is_gone(environ):
                with automator.lock:
                    automator.holds.popitem()
        return answer  # type: ignore[no-any-return]  # a WSGI application

    return call


@contextmanager
def served_in_one_piece(app: Wsgi) -> Iterator[str]:
    """Serve an application behind a proxy that reads once, and takes what it got for the whole request."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        data = connection.recv(65_536)
        head, _, body = data.partition(b"\r\n\r\n")
        announced = re.search(rb"(?i)content-length: (\d+)", head)
        if not data.count(b"\r\n\r\n") or len(body) < int(announced[1] if announced else 0):
            connection.sendall(answer("400 Bad Request", b'{"code": "malformed_request"}'))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):
                pass
            return
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as upstream:
            upstream.sendall(data)
            while more := upstream.recv(65_536):
                connection.sendall(more)

    with served(app) as url, odd_server(behave) as proxy:
        yield proxy


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _bytes(data: bytes) -> Any:
    return io.BytesIO(data)
