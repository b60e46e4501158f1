import socket
import threading

import pytest

from mockpos import http_client
from mockpos.domain.errors import BadInput
from mockpos.http_client import Failure, HttpClient, NoResponse, Request, encode
from tests.checkout.odd_servers import Behaviour, answer, drip, hang, odd_server, read_request, saying


def failure_of(behave: Behaviour, timeout: float = 5.0) -> NoResponse:
    with odd_server(behave) as url, pytest.raises(NoResponse) as caught:
        HttpClient(url, timeout).send(Request("GET", "/"))
    return caught.value


def test_a_response_comes_with_status_headers_body_and_time() -> None:
    with odd_server(saying(answer("200 OK", b'{"a": 1}', "Application/JSON; charset=utf-8", "X-One: 1"))) as url:
        response = HttpClient(url).send(Request("POST", "/x", (("X-Key", "k"),), b"{}"))
    assert (response.status, response.media_type, response.header("x-one")) == (200, "application/json", "1")
    assert response.json() == {"a": 1}
    assert 0 < response.took < 5


def test_the_path_of_the_url_goes_before_every_target_and_the_host_is_named() -> None:
    asked: list[bytes] = []

    def behave(connection: socket.socket, over: threading.Event) -> None:
        asked.append(read_request(connection))
        connection.sendall(answer("200 OK", b"{}"))

    with odd_server(behave) as url:
        HttpClient(f"{url}/s/one/").send(Request("POST", "/v1/holds", body=b"{}"))
        assert asked[0].startswith(b"POST /s/one/v1/holds HTTP/1.1\r\nHost: " + url[7:].encode() + b"\r\n")


def test_a_server_that_hangs_is_given_up_in_time() -> None:
    failed = failure_of(hang, timeout=0.2)
    assert failed.failure is Failure.TIMED_OUT
    assert str(failed) == "no answer within 0.2 s"
    assert failed.sent


def test_a_server_that_drips_for_ever_is_given_up_in_time() -> None:
    failed = failure_of(drip, timeout=0.3)
    assert failed.failure is Failure.TIMED_OUT
    assert str(failed) == "no whole answer within 0.3 s"
    assert failed.took < 2


def test_an_answer_that_stops_in_the_middle_is_cut_short() -> None:
    failed = failure_of(saying(b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"status"'))
    assert failed.failure is Failure.CUT_SHORT


def test_a_long_answer_that_stops_in_the_middle_is_cut_short_for_who_reads_long_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_client, "LARGEST_BODY", 100)
    said = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 300)
    with odd_server(said) as url, pytest.raises(NoResponse) as caught:
        HttpClient(url, 5, largest=1000).send(Request("GET", "/"))
    assert caught.value.failure is Failure.CUT_SHORT


def test_a_connection_that_closes_without_a_byte_is_closed() -> None:
    failed = failure_of(saying(b""))
    assert (failed.failure, str(failed)) == (Failure.CLOSED, "the connection was closed without an answer")


@pytest.mark.parametrize("said", [b"hello\r\n\r\n", b"\0" * 100, b"HTTP/1.1 twohundred OK\r\n\r\n", b"x" * 70_000])
def test_what_is_not_http_is_said_to_be_none(said: bytes) -> None:
    assert failure_of(saying(said)).failure in (Failure.NOT_HTTP, Failure.CUT_SHORT)


def test_a_server_that_speaks_tls_is_named_as_such() -> None:
    failed = failure_of(saying(b"\x15\x03\x01\x00\x02\x02\x46"))
    assert str(failed) == "it speaks TLS there; write the address with https://"


def test_a_plain_server_met_with_tls_is_named_as_such() -> None:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(answer("400 Bad Request", b"{}"))

    for plain in (behave, hang):
        with odd_server(plain) as url, pytest.raises(NoResponse, match=r"plain http://") as caught:
            HttpClient(url.replace("http://", "https://"), timeout=0.5).send(Request("GET", "/"))
        assert not caught.value.sent


def test_where_nothing_listens_the_request_cannot_have_arrived() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoResponse) as caught:
        HttpClient(f"http://127.0.0.1:{port}").send(Request("GET", "/"))
    assert (caught.value.failure, caught.value.sent) == (Failure.UNREACHABLE, False)


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            connection.sendall(b"x" * 1_000_000)

    assert failure_of(behave, timeout=20).failure is Failure.TOO_LARGE


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "http://", "http://[::1", "http://h:99999", "http://h?q"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        HttpClient(url)


def test_a_line_break_in_a_header_is_never_sent() -> None:
    with pytest.raises(ValueError, match="line break"):
        encode(Request("GET", "/", (("X-A", "1\r\nX-B: 2"),)), "h")
