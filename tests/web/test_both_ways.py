"""Our server calls the operations directly, every other WSGI server through Flask: both answer the same.

Each call is made in two equal worlds, once by each way, and everything that is sent is compared: status, headers in
their order, body, what a fault does to the connection; and so is what the journal has of it.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mockpos.files import shipped
from mockpos.scenario.outcomes import FaultKind
from mockpos.server.application import APPLICATION, Application
from mockpos.server.request import Reply, Request, request_with
from mockpos.server.wsgi_lane import WsgiLane
from tests.conftest import KEY, ROOT, BedMaker, TestBed, a_listing

HOLD = {"remote_id": "TG-1", "quantity": 2, "global_id": "g-1"}
CODES = sorted(path.stem for path in (shipped("scenarios") / "codes").glob("*.yaml"))
Sent = tuple[Any, ...]


class NotedConnection:
    """Stands for the connection of a call, and notes what is done with it."""

    def __init__(self) -> None:
        self.taken, self.gone, self.stopping = False, True, False  # who has left, hangs and drips for nobody
        self.ended_here = False
        self.addresses = ("127.0.0.1", 8000), ("127.0.0.1", 40000)
        self.done: list[str] = []

    def reset(self) -> None:
        self.taken = True
        self.done.append("reset")

    def close_silently(self) -> None:
        self.taken = True
        self.done.append("closed")

    def send_raw(self, data: bytes) -> None:
        self.taken = True
        self.done.append(re.sub(rb"date: .*\r\n", b"", data).decode("latin-1"))


def request(method: str, target: str, body: Any = None, key: str | None = KEY, **headers: str) -> Callable[[], Request]:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    given = {"host": "a.test", "content-type": "application/json", "content-length": str(len(raw))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        given["x-api-key"] = key
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in given.items() if value]
    return lambda: request_with(method, target.encode(), list(pairs), raw)


def sent_by(handle: Callable[[Request], Reply], asked: Request) -> Sent:
    connection = NotedConnection()
    asked.connection = connection  # type: ignore[assignment]  # all that a fault needs of one
    reply = handle(asked)
    assert isinstance(reply.body, bytes)
    sent = (*([] if connection.taken else [reply.status, reply.headers, reply.body]), connection.done)
    assert reply.when_sent is not None
    reply.when_sent()
    return sent


@pytest.fixture
def two(make_bed: BedMaker, tmp_path: Path) -> tuple[TestBed, TestBed]:
    for kind in FaultKind:
        for phase in ("before_commit", "after_commit"):
            rule = f"{{id: r, on: [hold, release, invoice], fault: {kind}, phase: {phase}}}"
            (tmp_path / f"{kind}-{phase}.yaml").write_text(f"name: {kind}-{phase}\nrules: [{rule}]\n")
    (tmp_path / "html.yaml").write_text(
        "name: html\nrules: [{id: r, on: hold, raw: {status: 502, content_type: text/html, body: <b>no</b>}}]\n"
    )
    return tuple(make_bed(a_listing(quantity=9), scenarios=tmp_path) for _ in range(2))  # type: ignore[return-value]  # two


def assert_same(two: tuple[TestBed, TestBed], *calls: Callable[[], Request]) -> list[Sent]:
    """Make the calls in both worlds; return what was sent."""
    direct, through_flask = (bed.client.application for bed in two)
    application: Application = getattr(direct, APPLICATION)
    lane = WsgiLane(through_flask)
    sent = []
    for call in calls:
        sent.append(sent_by(application.handle, call()))
        assert sent[-1] == sent_by(lane, call())
    journals = [
        [
            replace(record, arrival=0, duration_ms=0, delay_served_ms=0, redactor=None)
            for record in bed.mock.sandboxes.default.telemetry.journal.find()
        ]
        for bed in two
    ]
    assert journals[0] == journals[1]
    return sent


PLAIN = {
    "a hold and its replay": [request("POST", "/v1/holds", HOLD)] * 2,
    "a life that ends in a sale": [
        request("POST", "/v1/holds", HOLD),
        request("POST", "/v1/invoices", {"global_id": "g-1", "order_id": "o"}),
        request("DELETE", "/v1/holds/g-1"),
    ],
    "a life that ends in a release": [request("POST", "/v1/holds", HOLD)] + [request("DELETE", "/v1/holds/g-1")] * 2,
    "a call of one's own id": [request("POST", "/v1/holds", HOLD, x_request_id="mine-1")],
    "a query that means nothing": [request("POST", "/v1/holds?a=1", HOLD)],
    "no key": [request("POST", "/v1/holds", HOLD, key=None)],
    "a wrong key": [request("POST", "/v1/holds", HOLD, key="wrong")],
    "a bearer key": [request("POST", "/v1/holds", HOLD, key=None, authorization=f"Bearer {KEY}")],
    "no JSON": [request("POST", "/v1/holds", b"{")],
    "no type": [request("POST", "/v1/holds", HOLD, content_type="")],
    "wrong fields": [request("POST", "/v1/holds", {"quantity": "x"})],
    "a wrong Global ID": [request("DELETE", "/v1/holds/-")],
    "a scenario nobody knows": [request("POST", "/v1/holds", HOLD, x_mockpos_scenario="nobody")],
    "an answer of a proxy": [request("POST", "/v1/holds", HOLD, x_mockpos_scenario="html")],
    "a wrong method": [request("PUT", "/v1/holds", HOLD)],
    "a wrong path": [request("POST", "/v1/hold", HOLD)],
    "an escaped path": [request("POST", "/v1/h%6Flds", HOLD)],
    "an escaped Global ID": [request("DELETE", "/v1/holds/%C3%A9")],
    "an escaped slash": [request("DELETE", "/v1/holds%2Fg-1")],
    "two slashes": [request("POST", "//v1/holds", HOLD)],
}  # fmt: skip


@pytest.mark.parametrize("calls", PLAIN.values(), ids=PLAIN)
def test_calls_are_answered_the_same(two: tuple[TestBed, TestBed], calls: list[Callable[[], Request]]) -> None:
    assert_same(two, *calls)
    assert len(two[0].mock.sandboxes.default.telemetry.journal) == len(calls)


def test_a_sandbox_nobody_knows_is_answered_the_same(two: tuple[TestBed, TestBed]) -> None:
    assert assert_same(two, request("POST", "/s/nobody/v1/holds", HOLD))[0][0] == 404


@pytest.mark.parametrize("name", CODES)
def test_every_documented_code_is_answered_the_same(two: tuple[TestBed, TestBed], name: str) -> None:
    operation, _, code = name.partition("-")
    calls = {
        "hold": request("POST", "/v1/holds", HOLD, x_mockpos_scenario=name),
        "release": request("DELETE", "/v1/holds/g-1", x_mockpos_scenario=name),
        "invoice": request("POST", "/v1/invoices", {"global_id": "g-1", "order_id": "o"}, x_mockpos_scenario=name),
    }
    before = [] if operation == "hold" else [request("POST", "/v1/holds", HOLD)]
    assert code.encode() in assert_same(two, *before, calls[operation])[-1][2]


@pytest.mark.parametrize("phase", ["before_commit", "after_commit"])
@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_breaks_the_connection_the_same(two: tuple[TestBed, TestBed], kind: str, phase: str) -> None:
    calls = [
        request("POST", "/v1/holds", HOLD, x_mockpos_scenario=f"{kind}-{phase}"),
        request("POST", "/v1/holds", HOLD),
        request("POST", "/v1/invoices", {"global_id": "g-1", "order_id": "o"}, x_mockpos_scenario=f"{kind}-{phase}"),
        request("DELETE", "/v1/holds/g-1", x_mockpos_scenario=f"{kind}-{phase}"),
    ]
    sent = assert_same(two, *calls)
    assert all(len(each) == 1 and each[0] for each in (sent[0], *sent[2:])), "nothing was sent but by the fault"


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "fixtures" / "contracts").glob("*.yaml")))
def test_calls_of_other_contracts_are_answered_the_same(make_bed: BedMaker, name: str) -> None:
    two = tuple(make_bed(a_listing(quantity=9), contract=ROOT / "fixtures" / "contracts" / name) for _ in range(2))
    calls = []
    for operation in getattr(two[0].client.application, APPLICATION).handle.operations:
        rule = operation.rule
        path = rule.path.replace("{global_id}", "g-1")
        query = f"?{rule.global_id_name}=g-1" if rule.global_id_in.value == "query" else ""
        calls += [request(rule.method, path + query, {}), request(rule.method, path + query, b"{", key=None)]
    assert_same(two, *calls)  # type: ignore[arg-type]  # two
