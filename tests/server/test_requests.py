"""Requests as they arrive: what the app is told, and how the connection goes on."""

import socket
import time

import pytest

GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


def test_the_environ_is_complete(server):
    reply = server.ask(
        b"POST /caf%C3%A9%2Fx?q=%31&r HTTP/1.1\r\nHost: a.test:81\r\nContent-Type: text/plain\r\n"
        b"X-Two: 1\r\nX-Two: 2\r\nCookie: a=1\r\nCookie: b=2\r\nContent-Length: 3\r\n"
        b"X-Forwarded-Proto: https\r\n\r\nabc"
    )
    seen = reply.json
    assert seen["REQUEST_METHOD"] == "POST"
    assert seen["SCRIPT_NAME"] == ""
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/café/x"
    assert seen["QUERY_STRING"] == "q=%31&r"
    assert seen["RAW_URI"] == seen["REQUEST_URI"] == "/caf%C3%A9%2Fx?q=%31&r"
    assert seen["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("127.0.0.1", str(server.port))
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert seen["REMOTE_PORT"].isdigit()
    assert seen["wsgi.url_scheme"] == "http"
    assert seen["wsgi.version"] == [1, 0]
    assert (seen["wsgi.multiprocess"], seen["wsgi.run_once"]) == (False, False)
    assert seen["HTTP_HOST"] == "a.test:81"
    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"], seen["body"]) == ("text/plain", "3", "abc")
    assert seen["HTTP_X_TWO"] == "1,2"
    assert seen["HTTP_COOKIE"] == "a=1; b=2"
    assert "HTTP_CONTENT_LENGTH" not in seen


def test_an_answer_names_the_server_and_the_date(server):
    reply = server.ask(GET)
    assert reply.headers["server"] == "mockpos"
    assert reply.headers["date"].endswith("GMT")
    assert "CONTENT_LENGTH" not in reply.json


def test_a_target_in_absolute_form_is_understood(server):
    seen = server.ask(b"GET http://b.test:8/x/y?z HTTP/1.1\r\nHost: a.test\r\n\r\n").json
    assert (seen["PATH_INFO"], seen["QUERY_STRING"], seen["HTTP_HOST"]) == ("/x/y", "z", "b.test:8")


def test_a_connection_is_kept_alive(server):
    with server.connect() as client:
        for _ in range(3):
            client.send(GET)
            assert client.reply().status == 200


def test_pipelined_requests_are_answered_in_order(server):
    with server.connect() as client:
        client.send(b"".join(b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" % n for n in range(20)))
        assert [client.reply().json["PATH_INFO"] for _ in range(20)] == [f"/{n}" for n in range(20)]


def test_what_is_asked_while_a_call_waits_is_answered_after_it(server):
    with server.connect() as client:
        client.send(b"GET /wait?0.1 HTTP/1.1\r\nHost: a\r\n\r\n")
        server.wait_for("waiting")
        client.send(GET.replace(b"/", b"/second", 1) + GET.replace(b"/", b"/third", 1))
        assert client.reply().body.isdigit()
        assert [client.reply().json["PATH_INFO"] for _ in range(2)] == ["/second", "/third"]
        client.send(GET)  # and the connection is as good as before
        assert client.reply().status == 200


@pytest.mark.parametrize("first", [b"/", b"/wait?0", b"/stream?1"])
def test_an_idle_connection_is_closed_after_a_while_and_not_before(start, first):
    server = start(idle_seconds=1.5)
    with server.connect() as client:
        for _ in range(2):
            client.send(GET.replace(b"/", first, 1))
            client.reply()
            time.sleep(1)
        client.send(GET)
        assert client.reply().status == 200
        since = time.monotonic()
        assert client.rest() == b""
        assert 1.4 < time.monotonic() - since < 4


def test_http_1_0_and_connection_close_end_the_connection(server):
    for request in (b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
        with server.connect() as client:
            client.send(request)
            assert client.reply().headers["connection"] == "close"
            assert client.rest() == b""


def test_a_stream_over_http_1_0_ends_with_the_connection(server):
    with server.connect() as client:
        client.send(b"GET /stream?3,0 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert client.reply().headers["connection"] == "close"
        assert client.rest() == b"data: 1\n\ndata: 2\n\ndata: 3\n\n"


def test_a_chunked_body_arrives_whole_and_with_a_length(server):
    with server.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
        client.send(b"c\r\n2;x=y\r\nde\r\n0\r\nTrailer-Field: 1\r\n\r\n")
        seen = client.reply().json
        assert (seen["body"], seen["CONTENT_LENGTH"]) == ("abcde", "5")
        assert "HTTP_TRANSFER_ENCODING" not in seen
        client.send(GET)
        assert client.reply().status == 200


def test_a_request_sent_byte_by_byte_is_understood(server):
    with server.connect() as client:
        for byte in b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok":
            client.send(bytes([byte]))
        assert client.reply().json["body"] == "ok"


def test_expect_100_continue_is_answered_before_the_body(server):
    with server.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(b"ok")
        assert client.reply().json["body"] == "ok"


def test_a_too_large_body_is_not_even_asked_for(server):
    with server.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n")
        assert client.reply().status == 413


def test_head_has_headers_and_no_body(server):
    with server.connect() as client:
        client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert int(client.reply(head_only=True).headers["content-length"]) > 0
        client.send(GET)
        assert client.reply().status == 200


def test_upgrades_are_ignored(server):
    websocket = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    )
    assert server.ask(websocket + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").status == 200
    h2c = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    assert server.ask(h2c + b"HTTP2-Settings: AAMAAABk\r\n\r\n").status == 200


@pytest.mark.parametrize(
    "target",
    [b"http://a b/", b"http://u:p@a/", b"http://[::1]evil/", b"http:///", b"https://?x", b"http://a:80x/", b"//a"],
)
def test_a_target_that_names_no_host_is_malformed(server, target):
    answer = server.ask(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.status == (400 if target[:1] != b"/" else 200)


def test_a_client_that_closes_its_sending_side_gets_all_answers(server):
    with server.connect() as client:
        client.send(b"GET /wait?0.05 HTTP/1.1\r\nHost: a\r\n\r\n" + GET)
        client.socket.shutdown(socket.SHUT_WR)
        assert client.reply().status == 200
        assert client.reply().json["PATH_INFO"] == "/"
        assert client.rest() == b""


@pytest.mark.parametrize("size", [1, 65535, 65536])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_up_to_the_limit_arrives(server, size, chunked):
    with server.connect() as client:
        client.send(post(size, chunked=chunked))
        seen = client.reply().json
        assert len(seen["body"]) == size
        assert "mockpos.body_too_large" not in seen


@pytest.mark.parametrize("size", [65537, 300_000, 10_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_refusal_of_a_too_large_body_can_be_read(server, size, chunked):
    with server.connect() as client:
        client.send(post(size, chunked=chunked))
        reply = client.reply()
        assert (reply.status, reply.headers["connection"]) == (413, "close")
        assert client.rest() == b""


def post(size: int, *, chunked: bool) -> bytes:
    if not chunked:
        return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (b"x" * n for n in _pieces(size))]
    return b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(pieces) + b"0\r\n\r\n"


def _pieces(size: int) -> list[int]:
    return [8000] * (size // 8000) + [size % 8000] * (size % 8000 > 0)
