"""The head of an answer: what a client reads of it, and what may not stand in it."""

import re

import pytest

from mockpos.server.request import Reply, head_of

DATE = rb"date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n"


def test_a_head_has_status_headers_and_date():
    head = head_of(Reply(200, [("X-Empty", ""), ("Content-Length", "2")], b"ok"), is_last=False)
    expected = rb"HTTP/1.1 200 OK\r\nserver: mockpos\r\nx-empty: \r\ncontent-length: 2\r\n%b\r\n" % DATE
    assert re.fullmatch(expected, head)


def test_it_says_how_the_connection_goes_on():
    reply = Reply(799, [], b"")
    assert b"connection" not in head_of(reply, is_last=False)
    assert b"\r\nconnection: close\r\n" in head_of(reply, is_last=True)
    assert b"\r\nconnection: keep-alive\r\n" in head_of(reply, is_last=False, version="1.0")
    assert b"\r\ntransfer-encoding: chunked\r\n" in head_of(reply, is_last=False, is_chunked=True)


@pytest.mark.parametrize(
    "header",
    [
        ("X-Bad", "a\r\nX-More: b"),
        ("X-Bad", "a\nb"),
        ("X-Bad", "a\rb"),
        ("X-Bad", "a\x00b"),
        ("X-Bad", "a\x7f"),
        ("X Bad", "a"),
        ("X:Bad", "a"),
        ("", "a"),
        ("X-Bad\r\n", "a"),
    ],
)
def test_what_is_no_header_is_refused(header):
    with pytest.raises(ValueError, match="no header may have"):
        head_of(Reply(200, [("X-Good", "a"), header, ("Content-Length", "2")], b"ok"), is_last=False)


def test_it_takes_every_text_that_a_header_may_have():
    text = "\t " + bytes([*range(33, 127), *range(128, 256)]).decode("latin-1")
    assert head_of(Reply(404, [("X-Fine!#$", text)], b""), is_last=True)
