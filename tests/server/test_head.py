"""The head of a whole answer, as gunicorn would write it."""

import re

import pytest

from mockpos.server.head import head_of

DATE = rb"Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n"


def test_a_head_has_status_headers_and_date():
    head = head_of((1, 1), 200, [(b"server", b"mockpos"), (b"x-empty", b""), (b"content-length", b"2")])
    assert re.fullmatch(rb"HTTP/1.1 200 OK\r\nserver: mockpos\r\nx-empty: \r\ncontent-length: 2\r\n%b\r\n" % DATE, head)


@pytest.mark.parametrize(
    "header",
    [
        (b"x-bad", b"a\r\nx-more: b"),
        (b"x-bad", b"a\nb"),
        (b"x-bad", b"a\rb"),
        (b"x-bad", b"a\x00b"),
        (b"x-bad", b"a\x7f"),
        (b"x bad", b"a"),
        (b"x:bad", b"a"),
        (b"", b"a"),
        (b"x-bad\r\n", b"a"),
        (b"date", b"now"),
        (b"connection", b"close"),
        (b"transfer-encoding", b"chunked"),
    ],
)
def test_what_is_no_header_or_not_for_us_is_left_to_gunicorn(header):
    assert head_of((1, 1), 200, [(b"server", b"mockpos"), header, (b"content-length", b"2")]) is None


def test_it_takes_what_gunicorn_takes():
    assert head_of((1, 0), 404, [(b"x-fine!#$", bytes([9, 32, *range(33, 127), *range(128, 256)]))]) is not None
