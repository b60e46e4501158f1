"""A head that was read before is looked up: its requests must be those that reading it again would give."""

import pytest

from mockpos.server import parser
from mockpos.server.parser import BODY_LIMIT, BadRequest, RequestParser
from mockpos.server.request import Request

POST = b"POST /v1/holds HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n"
HEADS = [
    POST + b"\r\n",
    POST + b"X-Two: 1\r\nX-Two:  2 \r\n\r\n",
    POST + b"Expect: 100-continue\r\n\r\n",
    POST + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    POST + b"Connection: close\r\n\r\n",
    POST.replace(b"1.1", b"1.0") + b"Connection: keep-alive\r\n\r\n",
    POST.replace(b"1.1", b"1.0") + b"\r\n",
]
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(autouse=True)
def nothing_known():
    parser._known_heads.clear()


def read(*pieces: bytes) -> list[Request]:
    """Read pieces as one connection; a request must never be what is left of another."""
    reading = RequestParser(lambda _: BODY_LIMIT)
    for piece in pieces:
        if not reading.has_ended:
            reading.feed(piece)
    assert not reading.in_request
    return list(reading.requests)


@pytest.mark.parametrize("head", HEADS)
def test_a_request_with_a_known_head_is_the_same_as_one_that_is_read(head):
    (first,) = read(head + b"abc")
    assert read(head + b"abc") == [first]
    (again,) = read(head + b"xyz")
    assert (again.body, again.target, again.headers, again.head) == (b"xyz", b"/v1/holds", first.headers, head)
    first.connection = first  # type: ignore[assignment]  # what a call notes on its request is that request's alone
    assert read(head + b"abc")[0].connection is None


@pytest.mark.parametrize("head", HEADS)
def test_wherever_a_request_is_cut_it_is_the_same(head):
    (first,) = read(head + b"abc")
    whole = head + b"abc"
    assert all(read(whole[:at], whole[at:]) == [first] for at in range(1, len(whole)))


def test_requests_with_known_heads_stand_one_behind_the_other():
    get, post = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", HEADS[0]
    read(get, post + b"abc")
    bodies = [b"1\r\n", b"\r\n2", b"GET"]  # what looks like a line's end or a request is a body where it is announced
    stream = b"".join(get + post + body for body in bodies) + CHUNKED + b"2\r\nhi\r\n0\r\n\r\n" + get
    assert [each.body for each in read(stream)] == [b"", bodies[0], b"", bodies[1], b"", bodies[2], b"hi", b""]


def test_a_head_is_not_known_before_its_end():
    read(HEADS[0] + b"abc")
    reading = RequestParser(lambda _: BODY_LIMIT)
    reading.feed(HEADS[0] + b"ab")
    assert not reading.requests
    assert reading.in_request
    with pytest.raises(BadRequest):
        read(HEADS[0] + b"abc" + b"POST no target\r\n\r\n")


def test_few_heads_are_known_and_no_long_ones():
    long = POST + b"X: " + b"y" * 4000 + b"\r\n\r\n"
    assert read(long + b"abc") == read(long + b"abc")
    for number in range(1000):
        read(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number)
    assert 0 < len(parser._known_heads) <= 64
    assert all(len(head) <= 2048 for head in parser._known_heads)
