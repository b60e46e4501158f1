"""What the server refuses by itself is JSON, can be read while the client still sends, and never reaches the app."""

import socket

import pytest

HOST = b"Host: a.test\r\n"
BROKEN = {
    "a broken request line": b"GET /\r\nHost: a\r\n\r\n",
    "an unknown version": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "a lower-case method": b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a raw byte in the target": b"GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes that are not HTTP": bytes(range(256)) * 4 + b"\r\n\r\n",
    "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300 + b"\n\r\n",
    "HTTP/2 with prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: a\n\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost a\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a control in a header": b"GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length that is no number": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown transfer coding": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: brotli\r\n\r\n",
    "a broken chunk size": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
    "a chunk without its end": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n",
}


def refused(server, request: bytes, *, more: bytes = b"") -> dict[str, object]:
    """Return the refusal of a request; the app must not have been called, and the connection must end."""
    server.printed()
    with server.connect() as client:
        client.send(request + more)
        reply = client.reply()
        assert client.rest() == b""
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["connection"] == "close"
    assert reply.headers["server"] == "mockpos"
    assert reply.json["status"] == reply.status
    assert server.printed() == []
    return reply.json


@pytest.mark.parametrize("request_", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("more", [b"", b"x" * 1_000_000], ids=["alone", "with a megabyte behind"])
def test_a_broken_request_is_malformed(server, request_, more):
    problem = refused(server, request_, more=more)
    assert (problem["status"], problem["code"]) == (400, "malformed_request")


def test_a_chunk_that_breaks_later_is_malformed(server):
    server.printed()
    with server.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n")
        client.send(b"nonsense\r\n")
        assert client.reply().json["code"] == "malformed_request"
    assert server.printed() == []


def test_a_target_up_to_the_limit_is_served_and_a_longer_one_refused(server):
    longest = 4094 - len(b"GET  HTTP/1.1")
    assert server.ask(b"GET /" + b"a" * (longest - 1) + b" HTTP/1.1\r\n" + HOST + b"\r\n").status == 200
    for extra in (1, 2, 10_000, 1_000_000):
        problem = refused(server, b"GET /" + b"a" * (longest - 1 + extra) + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        assert (problem["status"], problem["code"]) == (414, "uri_too_long")


def test_a_header_up_to_the_limit_is_served_and_a_longer_one_refused(server):
    longest = 8190 - len(b"X: \r\n")
    assert server.ask(b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * longest + b"\r\n\r\n").status == 200
    for extra in (1, 10_000, 1_000_000):
        problem = refused(server, b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * (longest + extra) + b"\r\n\r\n")
        assert (problem["status"], problem["code"]) == (431, "headers_too_large")


def test_a_head_that_is_long_by_its_spaces_is_refused(server):
    padded = b"GET / HTTP/1.1\r\n" + HOST + b"X:" + b" " * 900_000 + b"1\r\n\r\n"
    assert refused(server, padded)["code"] == "headers_too_large"


def test_a_hundred_headers_are_served_and_more_refused(server):
    def request(count: int) -> bytes:
        return b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: 1\r\n" % n for n in range(count - 1)) + b"\r\n"

    assert server.ask(request(100)).status == 200
    for count in (101, 5000):
        assert refused(server, request(count))["code"] == "headers_too_large"


@pytest.mark.parametrize(
    "part",
    [
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    ],
)
def test_a_request_that_ends_early_never_reaches_the_app(server, part):
    server.printed()
    with server.connect() as client:
        client.send(part)
        client.socket.shutdown(socket.SHUT_WR)
        assert client.reply().json["code"] == "malformed_request"
        assert client.rest() == b""
    with server.connect() as client:
        client.send(part)  # and closed without a word
    assert server.ask(b"GET /after HTTP/1.1\r\nHost: a\r\n\r\n").status == 200
    assert server.printed() == ["app GET /after"]


def test_a_broken_request_behind_a_good_one_is_refused_after_it(server):
    with server.connect() as client:
        client.send(b"GET /wait?0.05 HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
        assert client.reply().status == 200
        assert client.reply().json["code"] == "malformed_request"
        assert client.rest() == b""


def test_a_refused_head_has_no_body(server):
    with server.connect() as client:
        client.send(b"HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n")
        assert client.reply(head_only=True).status == 400
        assert client.rest() == b""


@pytest.mark.parametrize("how", ["raise", "header", "silent", "exit"])
def test_a_failing_app_is_an_internal_error_without_details(server, how):
    with server.connect() as client:
        client.send(b"GET /broken?" + how.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        reply = client.reply()
        assert (reply.status, reply.json["code"]) == (500, "internal_error")
        assert b"secret" not in reply.body
        client.send(b"HEAD /broken?raise HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.reply(head_only=True).status == 500
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.reply().status == 200


def test_an_answer_that_breaks_off_is_not_taken_for_whole(server):
    with server.connect() as client:
        client.send(b"GET /broken?stream HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.until(b"half").startswith(b"HTTP/1.1 200 ")
        assert b"0\r\n\r\n" not in client.rest()  # the chunk that ends an answer


def test_an_answer_shorter_than_it_says_is_never_begun(server):
    with server.connect() as client:
        client.send(b"GET /broken?half HTTP/1.1\r\nHost: a\r\n\r\n")
        reply = client.reply()
        assert (reply.status, reply.json["code"]) == (500, "internal_error")


def test_errors_are_logged_without_filling_the_terminal(start):
    server = start()
    server.ask(b"nonsense\r\n\r\n")
    server.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    server.process.terminate()
    assert server.end() == 0
    assert server.errors == []


def test_a_request_that_takes_too_long_is_given_up(start):
    server = start(request_seconds=0.3)
    with server.connect() as silent, server.connect() as half, server.connect() as waiting:
        half.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
        waiting.send(b"GET /wait?2 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert half.reply().json["code"] == "malformed_request"
        assert silent.rest() == b""
        assert waiting.reply().status == 200  # it is the app that takes its time, not the client


def test_too_many_connections_are_told_so(start):
    server = start(connections=3)
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.reply().status == 200
    with server.connect() as fourth:
        fourth.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        reply = fourth.reply()
        assert (reply.status, reply.json["code"]) == (503, "pos_unavailable")
    for client in clients:
        client.socket.close()


def test_an_error_writer_that_fails_still_gives_json(start):
    server = start(asked_to="fail the writer")
    reply = server.ask(b"GET / HTTP/1.1\r\nno name of a header: 1\r\n\r\n")
    assert (reply.status, reply.json["code"]) == (500, "internal_error")
