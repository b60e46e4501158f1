"""Servers that are no automator at all, or hardly one: each ends in one message with its cause, and in no traceback."""

import re
import socket
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockpos.cli import cli
from mockpos.conformance.check import Level
from tests.checkout.odd_servers import Behaviour, answer, drip, hang, odd_server, read_request, saying
from tests.conformance.broken_answers import slow
from tests.conformance.good import KEY, Automator, make_app, served
from tests.conformance.kit import conform, failed, told, words


def reset(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def relay(data: bytes, connection: socket.socket, port: int) -> None:
    """Hand a request on to another server, and its answer back."""
    if data:
        with socket.create_connection(("127.0.0.1", port)) as there:
            there.sendall(data)
            while more := there.recv(65536):
                connection.sendall(more)


HTML = answer("200 OK", b"<!doctype html><title>Log in</title>", "text/html")


@pytest.mark.parametrize(
    ("behave", "cause"),
    [
        (hang, "no answer within"),
        (drip, "no whole answer within"),
        (reset, "the connection was reset without an answer"),
        (saying(b""), "the connection was closed without an answer"),
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not HTTP"),
        (saying(b"\x15\x03\x01\x00\x02\x02\x46"), "it speaks TLS there; write the address with https://"),
        (saying(HTML), "a page in HTML: this is no automator's address"),
        (
            saying(answer("404 Not Found", b"<h1>no</h1>", "text/html")),
            "there is no such call; --contract names the paths",
        ),
        (
            saying(answer("301 Moved", b"", "text/html", "Location: https://new.example/")),
            "redirects (301) to https://new",
        ),
        (
            saying(answer("401 Unauthorized", b'{"code": "api_key_invalid"}')),
            "the key was refused (401 api_key_invalid)",
        ),
        (saying(answer("500 Oops", b'{"error": "x"}')), 'was answered 500 {"error": "x"}'),
        (saying(answer("409 Conflict", b'{"code": "listing_sold_out"}')), "was answered 409 listing_sold_out"),
        (saying(answer("503 Busy", b"<h1>busy</h1>", "text/html")), "was answered 503"),
    ],
)
def test_what_is_no_automator_is_told_in_one_message(behave: Behaviour, cause: str) -> None:
    with odd_server(behave) as url:
        run = conform(url, worst=0.3, time_limit=10.0)
    assert run.failed is not None
    assert cause in str(run.failed)
    assert set(words(run).values()) == {"cannot test"}
    assert run.verdict(Level.SHOULD) == "nothing tested"


def test_where_nothing_listens_that_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    run = conform(url)
    assert "cannot be reached: nothing listens there" in str(run.failed)


def test_a_plain_server_at_an_https_address_is_named() -> None:
    with served(make_app(Automator())) as url:
        run = conform(url.replace("http://", "https://"))
    assert "does it speak plain http:// there?" in str(run.failed)


def test_200_to_everything_is_not_conformant() -> None:
    with odd_server(saying(answer("200 OK", b"{}"))) as url:
        run = conform(url, time_limit=20.0)
    assert run.verdict(Level.MUST) == "not conformant", told(run)
    assert {"KEY-01", "HOLD-02", "HOLD-05"} <= set(failed(run))


def test_an_automator_that_dies_in_the_middle_fails_nothing_more() -> None:
    calls = 0
    with served(make_app(Automator())) as upstream:
        port = int(upstream.rsplit(":", 1)[1])

        def behave(connection: socket.socket, over: threading.Event) -> None:
            nonlocal calls
            calls += 1
            if calls > 20:
                return
            data = read_request(connection)
            relay(data, connection, port)

        with odd_server(behave) as url:
            run = conform(url, time_limit=20.0)
    assert set(failed(run)) <= {"NET-04", "LOAD-01"}, told(run)
    reasons = {str(result.finding.reason) for result in run.results if result.word == "cannot test"}
    assert "unreachable" in reasons


def test_one_operation_that_hangs_is_given_up_and_the_others_are_judged() -> None:
    with served(make_app(Automator())) as upstream:
        port = int(upstream.rsplit(":", 1)[1])

        def behave(connection: socket.socket, over: threading.Event) -> None:
            data = read_request(connection)
            if b"/v1/invoices" in data[:30]:
                over.wait(30)
                return
            relay(data, connection, port)

        with odd_server(behave) as url:
            run = conform(url, worst=0.3, time_limit=60.0, only=("INV-*", "HOLD-*", "NET-04"))
    assert words(run)["HOLD-03"] == "pass", told(run)
    assert words(run)["INV-01"] == "cannot test"
    assert failed(run) == ["NET-04"], told(run)


def test_the_quick_profile_gives_a_server_that_hangs_up_soon_and_says_how_to_clean_up_later(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with odd_server(hang) as url:
        words = ["conform", url, "--listing", "4711:12", "--profile", "quick", "--ledger", str(ledger)]
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 4
    assert "pre-flight failed: POST /v1/holds: no answer within 5 s" in done.output
    assert re.search(r"left behind: cf-\w+-PRE-a \(1 of 4711\)", done.output)
    assert f"once it answers again: mockpos conform cleanup {ledger}" in done.output
    assert ledger.exists()


def test_how_long_a_run_takes_is_said_again_where_calls_take_longer() -> None:
    with served(slow(0.3)) as url:
        words = ["conform", url, "--api-key", KEY, "--listing", "4711:12", "--only", "HOLD-0[2-5]"]
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert re.search(r"4711 \(12\)\n.*a call takes 3\d\d ms here: some [4-8] s\n", done.output, re.DOTALL)
