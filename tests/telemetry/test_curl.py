"""A recorded call, exported as curl and run by a shell, makes the same call again, to the byte."""

import json
import os
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import decode, encode

from mockpos.domain.calls import Sent, StateView
from mockpos.scenario.outcomes import Plan
from mockpos.server.parser import RequestParser
from mockpos.server.request import request_with
from mockpos.telemetry.call_record import CallRecord, Redactor
from mockpos.telemetry.curl import curl_of, printf
from mockpos.telemetry.journal.document import call_document, call_summary
from tests.telemetry.records import a_record as call

Arrived = tuple[str, list[tuple[str, str]], bytes]


class Recorder(BaseHTTPRequestHandler):
    """Keeps what arrives."""

    protocol_version = "HTTP/1.1"
    arrived: list[Arrived]

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.arrived.append((self.requestline, list(self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET = do_DELETE = do_HEAD = do_PATCH = handle_any  # noqa: N815  # the library asks for these names

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def recorder() -> Iterator[tuple[str, list[Arrived]]]:
    arrived: list[Arrived] = []
    handler = type("Handler", (Recorder,), {"arrived": arrived})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", arrived
        server.shutdown()
        thread.join()


def repeat(made: CallRecord, recorder: tuple[str, list[Arrived]], where: Path | None = None) -> Arrived:
    base_url, arrived = recorder
    arrived.clear()
    secrets = {"MOCKPOS_KEY": "the key's own", "MOCKPOS_TOKEN": "tok", "MOCKPOS_COOKIE": "a=b"}
    done = subprocess.run(
        ["sh"],
        input=curl_of(made, base_url).encode(),
        capture_output=True,
        env={"PATH": os.environ["PATH"], **secrets},
        timeout=20,
        cwd=where,
    )
    assert done.returncode == 0, done.stderr
    (one,) = arrived
    line, headers, body = one
    return line, [(name, value) for name, value in headers if name not in ("Host", "Content-Length")], body


HEADERS = (
    ("accept", "*/*"),
    ("user-agent", 'it\'s "mine" $HOME `id` !x'),
    ("content-type", "application/json"),
    ("x-empty", ""),
    ("x-latin", "caf\xe9"),
    ("x-twice", "1"),
    ("x-twice", "2"),
)

BODIES = {
    "json": b'{"remote_id":"TG-1042","quantity":2,"global_id":"it\'s"}',
    "at sign": b"@/etc/passwd",
    "lines": b'{\n\t"a": 1\n}\n\n',
    "umlauts": '{"a":"Zürich €"}'.encode(),
    "every byte": bytes(range(256)) * 3,
    "percent": b"%s %d \\n \\0 100%\x00",
    "escape": b"\x1b]0;pwned\x07",
    "large text": b"x" * 70_000,
    "large binary": bytes(range(256)) * 400,
    "shell": b"'; touch pwned; echo '$(touch pwned)`touch pwned`",
}


@pytest.mark.parametrize("name", BODIES)
def test_every_body_arrives_to_the_byte(name: str, recorder: tuple[str, list[Arrived]], tmp_path: Path) -> None:
    made = call(headers=HEADERS, body=BODIES[name])
    assert repeat(made, recorder, tmp_path) == ("POST /v1/holds HTTP/1.1", list(HEADERS), BODIES[name])
    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=300))
def test_the_shell_prints_any_bytes_exactly(body: bytes) -> None:
    assert subprocess.run(["sh", "-c", printf(body)], capture_output=True, check=True).stdout == body


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "PATCH"])
def test_a_call_without_body_or_headers_gets_none_of_curls_own(
    method: str, recorder: tuple[str, list[Arrived]]
) -> None:
    assert repeat(call(method=method), recorder) == (f"{method} /v1/holds HTTP/1.1", [], b"")


@pytest.mark.parametrize(
    "target",
    [
        "/v1/holds/order-1?a=b&c=%20d",
        "//v1/holds",
        "/v1/../holds/./x",
        "/v1/[1-3]{a,b}",
        "/v1/holds#part",
        "/v1/$(id>pwned)'`id>pwned`!x",
        "/caf\xe9",
        "http://elsewhere/v1/holds",
        "*",
    ],
)
def test_every_target_arrives_as_it_was(target: str, recorder: tuple[str, list[Arrived]], tmp_path: Path) -> None:
    line, _, _ = repeat(call(target=target), recorder, tmp_path)
    came = line.removeprefix("POST ").removesuffix(" HTTP/1.1")
    assert came == target
    assert list(tmp_path.iterdir()) == []


def test_redacted_keys_come_from_the_shell_and_never_stand_in_the_command(
    recorder: tuple[str, list[Arrived]],
) -> None:
    sent = [
        ("accept", "*/*"),
        ("user-agent", "test"),
        ("x-api-key", "s3cret"),
        ("authorization", "Bearer s3cret"),
        ("x-kestrel", "Falcon s3cret"),
        ("x-mockpos-token", "s3cret"),
        ("cookie", "s3cret=1"),
    ]
    made = call(headers=sent, redactor=Redactor({"x-kestrel"}, "Falcon"))
    assert "s3cret" not in curl_of(made, "http://localhost")
    assert repeat(made, recorder)[1][2:] == [
        ("x-api-key", "the key's own"),
        ("authorization", "Bearer the key's own"),
        ("x-kestrel", "Falcon the key's own"),
        ("x-mockpos-token", "tok"),
        ("cookie", "a=b"),
    ]


def test_headers_of_one_connection_are_left_out(recorder: tuple[str, list[Arrived]]) -> None:
    dropped = [("Connection", "close, X-Hop"), ("X-Hop", "1"), ("Host", "old"), ("Content-Length", "999")]
    dropped += [("Transfer-Encoding", "chunked"), ("TE", "trailers"), ("Expect", "100-continue"), ("Upgrade", "h2c")]
    made = call(headers=(*HEADERS, *dropped), body=b"{}")
    assert repeat(made, recorder)[1] == list(HEADERS)


def test_a_hostile_header_name_runs_nothing_and_reads_no_file(
    recorder: tuple[str, list[Arrived]], tmp_path: Path
) -> None:
    hostile = (("x`touch pwned`", "[redacted]"), ("@secrets", "x"), ("a b", "c"), ("x-ok", "$(touch pwned)"))
    headers = repeat(call(headers=hostile, body=b"{}"), recorder, tmp_path)[1]
    assert ("x-ok", "$(touch pwned)") in headers
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_http_cannot_be_repeated_and_says_so() -> None:
    assert curl_of(call(method="", target=""), "http://localhost").startswith("# The request r-1 was not HTTP")


def test_the_usual_command_is_one_that_people_can_read() -> None:
    made = call(
        headers=(("user-agent", "u"), ("accept", "*/*"), ("x-api-key", "[redacted]"), ("content-type", "text/plain")),
        body=b'{"quantity":2}',
    )
    assert curl_of(made, "http://127.0.0.1:8000/").splitlines() == [
        "curl -i -X POST http://127.0.0.1:8000/v1/holds \\",
        "  -H 'user-agent: u' \\",
        "  -H 'accept: */*' \\",
        '  -H "x-api-key: $MOCKPOS_KEY" \\',
        "  -H 'content-type: text/plain' \\",
        "  -H 'Expect:' \\",
        "  --data-raw '{\"quantity\":2}'",
    ]
    assert '-H "x-api-key: ${MOCKPOS_KEY:-dev-key}"' in curl_of(made, "http://127.0.0.1:8000", "dev-key")
    assert '-H "x-api-key: $MOCKPOS_KEY"' in curl_of(made, "http://127.0.0.1:8000", 'a"$(id)')


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        (("X-API-Key", "k"), "[redacted]"),
        (("x-api-key", "two words"), "[redacted]"),
        (("AUTHORIZATION", "Bearer  k k"), "Bearer [redacted]"),
        (("Authorization", "basic Zm9v"), "basic [redacted]"),
        (("Authorization", "secret words"), "[redacted]"),
        (("Authorization", "Bearer"), "[redacted]"),
        (("Proxy-Authorization", "Basic x"), "Basic [redacted]"),
        (("X-Mockpos-Token", "k"), "[redacted]"),
        (("Cookie", "a=b; c=d"), "[redacted]"),
        (("X-Own", "k"), "[redacted]"),
        (("X-API-Key", ""), ""),
        (("X-Other", "k"), "k"),
    ],
)
def test_secrets_are_redacted_and_the_scheme_is_kept(header: tuple[str, str], kept: str) -> None:
    name, value = header
    assert call(headers=[header], redactor=Redactor({"x-own"})).headers == ((name.lower(), kept),)
    underscored = name.replace("-", "_")
    assert call(headers=[(underscored, value)], redactor=Redactor({"x-own"})).headers == ((underscored.lower(), kept),)


@pytest.mark.parametrize(
    "lines",
    [
        "Host: a:1",
        "Host:a\r\nX-Tab:\t b \t\r\nX-Empty:\r\nX-Space: ",
        "HOST: a\r\nX-Latin: caf\xe9 \x85\r\nX-Nbsp: \xa0b\xa0",
    ],
)
def test_headers_are_read_from_a_head_as_the_server_read_them(lines: str) -> None:
    parser = RequestParser(lambda request: 0)
    parser.feed(f"GET http://a:1/b:c?d:e HTTP/1.1\r\n{lines}\r\n\r\n".encode("latin-1"))
    request = parser.requests.popleft()
    read = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    for head in (request.head, request_with("GET", b"/", request.headers).head):
        assert list(call(head=head).headers) == read


def test_the_document_holds_all_that_is_known_and_the_summary_what_lists_show() -> None:
    made = call(
        headers=(("a", "1"), ("A", "2")),
        body=b'{"quantity":2}',
        response_body=b"\xff\x00",
        status=500,
        code="internal_error",
        committed=True,
        sent=Sent.CUT,
        plan=Plan(scenario="rush", rule_id="slow", why="chance 0.3 drew 0.1", delay_ms=250),
        delay_served_ms=251.23456,
        duration_ms=252.5,
        before=StateView(4, 0, 0, None),
        after=StateView(2, 2, 0, "held"),
    )
    document = json.loads(encode(call_document(made)))
    assert document["at"] == "2026-09-21T14:13:20.001Z"
    assert document["request"]["headers"] == [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]
    assert document["request"]["body"] == {"size": 14, "text": '{"quantity":2}', "json": {"quantity": 2}}
    assert document["response"]["body"] == {"size": 2, "base64": "/wA="}
    assert document["decision"] == {
        "scenario": "rush",
        "rule": "slow",
        "why": "chance 0.3 drew 0.1",
        "injected": "delay 250ms",
    }
    assert (document["committed"], document["sent"], document["replayed"]) == (True, "cut", False)
    assert document["after"] == {"available": 2, "held": 2, "sold": 0, "hold_status": "held"}
    assert document["timings"] == {
        "duration_ms": 252.5,
        "delay_asked_ms": 250,
        "delay_served_ms": 251.235,
        "own_ms": 1.265,
    }
    summary = json.loads(encode(call_summary(made)))
    assert (summary["code"], summary["sent"], summary["duration_ms"]) == ("internal_error", "cut", 252.5)


@pytest.mark.parametrize(
    ("body", "is_shown_as_json"),
    [
        (b"[1, 2.5, null]", True),
        (b'{"a":1,"a":2}', False),
        (b"NaN", False),
        (b"1e999", False),
        (b"18446744073709551616", False),
        (b'"\\ud800"', False),
        (b"[" * 60 + b"]" * 60, False),
        (b"[" * 30_000, False),
        (b"9" * 10_000, False),
        (b"not json", False),
    ],
)
def test_any_body_can_be_written_as_strict_json(body: bytes, is_shown_as_json: bool) -> None:
    shown = decode(encode(call_document(call(body=body))))["request"]["body"]
    assert shown["text"].encode() == body
    assert ("json" in shown) is is_shown_as_json


@given(st.text(), st.binary())
def test_whatever_callers_send_the_document_can_be_written(text: str, body: bytes) -> None:
    made = call(target=text, method=text, headers=((text, text),), body=body, global_id=text, why=text)
    encode([call_document(made), call_summary(made)])
