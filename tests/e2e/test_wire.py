"""A real server over raw sockets: every answer is JSON with a request id, also where no call was made of the bytes."""

import http.client
import json
import re
import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import KEY, running_server

HOLD = b'{"remote_id":"TG-1042","quantity":1,"global_id":"g-1"}'
HEAD = f"Host: mock.test\r\nX-API-Key: {KEY}\r\nContent-Type: application/json\r\n".encode()
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("wire"), "--quiet", "--fixture", "tiny") as running:
        yield running
        assert "Traceback" not in running.log.read_text()
        assert running.stop() == 0


def connect(server):
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


class Reply:
    """One response off a socket, read by Python's own client."""

    def __init__(self, sock, method="GET"):
        response = http.client.HTTPResponse(sock, method=method)
        response.begin()
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


def ask(server, *parts, method="POST"):
    with connect(server) as client:
        for part in parts:
            client.sendall(part)
        return Reply(client, method)


def stock(server):
    """Tell what is free of two listings by asking for too much of each: a refusal changes nothing."""
    found = []
    for remote_id in ("TG-1042", "TG-GA"):
        body = {"remote_id": remote_id, "quantity": 999, "global_id": "probe"}
        found.append(httpx.post(f"{server.url}/v1/holds", json=body, headers={"X-API-Key": KEY}).json())
    return [answer["available_quantity"] for answer in found]


def problem(reply, status, code):
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")
    assert (reply.json["status"], reply.json["code"]) == (status, code)
    assert REQUEST_ID.fullmatch(reply.headers["X-Request-Id"])
    assert reply.json["request_id"] == reply.headers["X-Request-Id"]
    return reply.json


def chunked(*chunks):
    return b"POST /v1/holds HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


def sized(length, method=b"POST", path=b"/v1/holds", extra=b""):
    return b"%s %s HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n" % (method, path, HEAD, extra, length)


BROKEN = {
    "no version": b"POST /v1/holds\r\n" + HEAD + b"\r\n",
    "a version nobody knows": b"POST /v1/holds HTTP/7.3\r\n" + HEAD + b"\r\n",
    "a lower-case method": b"post /v1/holds HTTP/1.1\r\n" + HEAD + b"\r\n",
    "an empty target": b"POST  HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a target without a slash": b"DELETE v1/holds/x HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a space in the target": b"DELETE /v1/holds/a b HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a raw byte in the target": b"DELETE /v1/holds/\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a NUL in the target": b"DELETE /v1/holds/\0 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a header without a colon": b"POST /v1/holds HTTP/1.1\r\nHost a\r\n\r\n",
    "a header over two lines": b"POST /v1/holds HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
    "a control in a header": b"POST /v1/holds HTTP/1.1\r\nHost: a\r\nX: \x02\r\n\r\n",
    "two lengths": b"POST /v1/holds HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a negative length": b"POST /v1/holds HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    "length and chunks": chunked(b"0\r\n\r\n").replace(b"Transfer-", b"Content-Length: 5\r\nTransfer-"),
    "an unknown coding": b"POST /v1/holds HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: brotli\r\n\r\n",
    "a chunk size that is none": chunked(b"xyz\r\n" + HOLD + b"\r\n0\r\n\r\n"),
    "a negative chunk size": chunked(b"-1\r\n" + HOLD + b"\r\n0\r\n\r\n"),
    "a chunk that is longer": chunked(b"2\r\n" + HOLD + b"\r\n0\r\n\r\n"),
    "an endless chunk size": chunked(b"f" * 100_000),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200 + b"\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "noise": bytes(range(255, -1, -1)) + b"\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_http_is_malformed_and_nothing_changes(server, name):
    before = stock(server)
    problem(ask(server, BROKEN[name]), 400, "malformed_request")
    assert stock(server) == before


@pytest.mark.parametrize("length", [5_000, 10_000, 100_000])
def test_a_long_target_and_long_headers(server, length):
    target = b"GET /" + b"a" * length + b" HTTP/1.1\r\n" + HEAD + b"\r\n"
    problem(ask(server, target), 414, "uri_too_long")
    header = b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * (length + 4_000) + b"\r\n\r\n"
    problem(ask(server, header), 431, "headers_too_large")


def test_too_many_headers(server):
    many = b"".join(b"X-%d: 1\r\n" % n for n in range(200))
    problem(ask(server, b"GET / HTTP/1.1\r\n" + HEAD + many + b"\r\n"), 431, "headers_too_large")


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("POST", "//v1/holds", 404, "unknown_endpoint"),
        ("POST", "///v1/holds", 404, "unknown_endpoint"),
        ("POST", "/v1//holds", 404, "unknown_endpoint"),
        ("POST", "/v1/holds/", 404, "unknown_endpoint"),
        ("POST", "/v1%2Fholds", 404, "unknown_endpoint"),
        ("DELETE", "/v1/holds%2fg-1", 404, "unknown_endpoint"),
        ("POST", "/v1/./holds", 404, "unknown_endpoint"),
        ("POST", "/x/../v1/holds", 404, "unknown_endpoint"),
        ("POST", "/v1/holds%00", 404, "unknown_endpoint"),
        ("DELETE", "/v1/holds/%00", 422, "validation_failed"),
        ("DELETE", "/v1/holds/%FF%FE", 422, "validation_failed"),
        ("DELETE", "/v1/holds/%", 422, "validation_failed"),
        ("DELETE", "/v1/holds/%zz", 422, "validation_failed"),
        ("DELETE", "/v1/holds/..", 422, "validation_failed"),
        ("DELETE", "/v1/holds/" + "x" * 3000, 422, "validation_failed"),
        ("OPTIONS", "*", 404, "unknown_endpoint"),
        ("OPTIONS", "/v1/holds", 405, "method_not_allowed"),
        ("TRACE", "/v1/holds", 405, "method_not_allowed"),
        ("HEAD", "/v1/holds", 405, "method_not_allowed"),
        ("GET", "/v1/invoices", 405, "method_not_allowed"),
        ("PROPFIND", "/v1/invoices", 405, "method_not_allowed"),
        ("HEAD", "/nothing", 404, "unknown_endpoint"),
        ("POST", "http://other.test//v1/holds", 404, "unknown_endpoint"),
    ],
)
def test_paths_and_methods_of_no_operation(server, method, target, status, code):
    reply = ask(server, f"{method} {target} HTTP/1.1\r\n".encode() + HEAD + b"Content-Length: 0\r\n\r\n", method=method)
    assert (reply.status, reply.headers["Content-Type"]) == (status, "application/problem+json")
    assert "Location" not in reply.headers
    assert (reply.headers["Allow"] is not None) == (status == 405)
    if method != "HEAD":
        problem(reply, status, code)


@pytest.mark.parametrize("name", ["X_API_Key", "X-API_Key", "x_api-key", "Proxy_Authorization"])
def test_a_header_with_underscores_is_no_key_and_shows_none(server, name):
    refused = httpx.delete(f"{server.url}/v1/holds/x", headers={name: KEY, "X-Request-Id": f"under-{name}"})
    assert refused.json()["code"] == "api_key_missing"
    for shown in ("", "/curl"):
        assert KEY not in httpx.get(f"{server.url}/_mock/requests/under-{name}{shown}").text


@pytest.mark.parametrize("path", ["/healthz", "/_mock/clock"])
def test_an_upgrade_is_passed_over(server, path):
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    assert httpx.get(f"{server.url}{path}", headers=upgrade).status_code == 200


def test_a_target_with_its_host_is_the_same_call(server):
    reply = ask(server, sized(2, path=b"http://other.test/v1/invoices"), b"{}")
    problem(reply, 422, "validation_failed")


def test_connect_is_refused_in_json(server):
    reply = ask(server, b"CONNECT mock.test:443 HTTP/1.1\r\nHost: mock.test:443\r\n\r\n", method="GET")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert 400 <= reply.status < 500


@pytest.mark.parametrize("size", [65_537, 10_000_000])
def test_a_large_body_is_answered_before_it_is_sent(server, size):
    """The client sends only its head: whoever waits for the body first never answers."""
    started = time.monotonic()
    problem(ask(server, sized(size)), 413, "request_too_large")
    assert time.monotonic() - started < 5


def test_a_large_body_that_is_sent_all_the_same_meets_an_answer_not_a_reset(server):
    before = stock(server)
    for _ in range(3):
        reply = httpx.post(
            f"{server.url}/v1/holds", content=b" " * 10_000_000, timeout=20,
            headers={"X-API-Key": KEY, "Content-Type": "application/json"},
        )  # fmt: skip
        assert (reply.status_code, reply.json()["code"]) == (413, "request_too_large")
    assert stock(server) == before


def test_a_large_body_in_chunks_is_too_large_once_it_is(server):
    piece = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    problem(ask(server, chunked(piece * 5)), 413, "request_too_large")


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (sized(10_000_000, path=b"/nothing"), 404, "unknown_endpoint"),
        (sized(10_000_000, method=b"PUT"), 405, "method_not_allowed"),
        (sized(10_000_000).replace(KEY.encode(), b"wrong"), 401, "api_key_invalid"),
        (sized(10_000_000).replace(b"application/json", b"text/plain"), 413, "request_too_large"),
    ],
)
def test_the_order_of_checks_holds_for_large_bodies(server, head, status, code):
    problem(ask(server, head), status, code)


def test_a_body_in_chunks_is_a_body(server):
    reply = ask(server, chunked(*(b"1\r\n%c\r\n" % byte for byte in HOLD.replace(b"g-1", b"in-chunks")), b"0\r\n\r\n"))
    assert (reply.status, reply.json["global_id"]) == (200, "in-chunks")


def test_expect_100_continue(server):
    with connect(server) as client:
        body = HOLD.replace(b"g-1", b"expected")
        client.sendall(sized(len(body), extra=b"Expect: 100-continue\r\n"))
        assert client.recv(25).startswith(b"HTTP/1.1 100 ")
        client.sendall(body)
        assert Reply(client).json["global_id"] == "expected"


def test_expect_of_something_else_or_of_a_body_too_large(server):
    problem(ask(server, sized(10_000_000, extra=b"Expect: 100-continue\r\n")), 413, "request_too_large")
    reply = ask(server, sized(len(HOLD), extra=b"Expect: a-miracle\r\n"), HOLD.replace(b"g-1", b"m-1"))
    assert reply.headers["Content-Type"] in ("application/json", "application/problem+json")
    assert reply.status in (200, 400)


def test_one_connection_serves_refusals_and_successes_in_turn(server):
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
    codes = []
    kept = HOLD.replace(b"g-1", b"kept")
    with closing(connection):
        connection.connect()
        sock = connection.sock
        for body in (b"{", b"[]", b"{}", b'{"a":NaN}', kept, b"", kept):
            connection.request("POST", "/v1/holds", body, headers)
            answer = json.loads(connection.getresponse().read())
            codes.append(answer.get("code", answer.get("replayed")))
            assert connection.sock is sock, "the connection stays"
    bad = "malformed_request"
    assert codes == [bad, bad, "validation_failed", bad, False, bad, True]


def test_calls_in_one_piece_are_answered_in_order(server):
    bodies = [HOLD.replace(b"g-1", b"piped"), b"nonsense", HOLD.replace(b"g-1", b"piped")]
    with connect(server) as client:
        client.sendall(
            b"".join(sized(len(body), extra=b"X-Request-Id: p%d\r\n" % n) + body for n, body in enumerate(bodies))
        )
        file = client.makefile("rb")
        seen = []
        for _ in bodies:
            status = int(file.readline().split()[1])
            headers = http.client.parse_headers(file)
            file.read(int(headers["Content-Length"]))
            seen.append((status, headers["X-Request-Id"]))
    assert seen == [(200, "p0"), (400, "p1"), (200, "p2")]


def test_a_request_id_is_echoed_and_a_bad_one_replaced(server):
    assert ask(server, sized(2, extra=b"X-Request-Id: my-1\r\n"), b"{}").headers["X-Request-Id"] == "my-1"
    for own in (b"a b", b"-", b"\xff", b"x" * 129, b"a\r\nX-Request-Id: b"):
        reply = ask(server, sized(2, extra=b"X-Request-Id: " + own + b"\r\n"), b"{}")
        assert reply.headers["X-Request-Id"] not in ("a b", "-", "a", "b")
        problem(reply, 422, "validation_failed")


def test_a_body_cut_short_makes_no_call(server):
    before = stock(server)
    with connect(server) as client:
        client.sendall(sized(len(HOLD)) + HOLD[:-1])
        client.shutdown(socket.SHUT_WR)
        problem(Reply(client), 400, "malformed_request")
    with connect(server) as client:
        client.sendall(sized(len(HOLD)) + HOLD[:-1])
    assert stock(server) == before


BODIES = [
    (b"[" * 60_000, 400, "malformed_request"),
    (b'{"a":' * 13_000, 400, "malformed_request"),
    (b"\xff\xfe{\0}\0", 400, "malformed_request"),
    (b'{"quantity":1,"quantity":2}', 400, "malformed_request"),
    (b'{"remote_id":"\\ud800","quantity":1,"global_id":"u"}', 422, "validation_failed"),
    (b'{"remote_id":"TG-GA","quantity":1e400,"global_id":"u"}', 422, "validation_failed"),
    (b'{"remote_id":"TG-GA","quantity":' + b"9" * 50_000 + b',"global_id":"u"}', 422, "validation_failed"),
    (b'{"remote_id":"TG-GA","quantity":true,"global_id":"u"}', 422, "validation_failed"),
    (b'{"remote_id":"' + b"x" * 10_000 + b'","quantity":1,"global_id":"u"}', 422, "validation_failed"),
]


def test_hostile_bodies_over_a_real_socket(server):
    """Deep nesting is met in a greenlet here, whose stack is another than the tests'."""
    before = stock(server)
    for body, status, code in BODIES:
        problem(ask(server, sized(len(body)) + body), status, code)
    assert stock(server) == before
