"""``mockpos.testing`` as somebody's tests use it: a server, and a world of its own for each test."""

import csv
import http.client
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mockpos.control_client import ControlClient
from mockpos.domain.errors import BadInput
from mockpos.testing import ControlError, Sandbox, Server, connect, serve
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def server():
    with serve() as running:
        yield running


@pytest.fixture
def sandbox(server: Server):
    with server.sandbox() as made:
        yield made


def call(sandbox: Sandbox, method: str, path: str, body: dict[str, object] | None = None, url: str | None = None):
    sent = json.dumps(body).encode() if body is not None else None
    headers = {"X-API-Key": sandbox.api_key, "Content-Type": "application/json"}
    try:
        with urlopen(Request(f"{url or sandbox.url}{path}", sent, headers, method=method), timeout=10) as answer:
            return json.load(answer)
    except HTTPError as refused:
        with refused:
            return json.load(refused)


def hold(sandbox: Sandbox, global_id: str = "g-1", quantity: int = 2, url: str | None = None):
    body: dict[str, object] = {"remote_id": "TG-1042", "quantity": quantity, "global_id": global_id}
    return call(sandbox, "POST", "/v1/holds", body, url)


def test_two_sandboxes_hold_the_same_seats(server: Server) -> None:
    with server.sandbox() as one, server.sandbox() as other:
        assert hold(one, quantity=8)["seats"] == hold(other, quantity=8)["seats"]
        assert [held["global_id"] for held in one.holds] == ["g-1"]
        assert one.listing("TG-1042")["available"] == 0


def test_the_key_alone_and_the_path_alone_choose_the_sandbox(server: Server, sandbox: Sandbox) -> None:
    assert hold(sandbox, "by-key", url=server.url)["status"] == "held"
    with urlopen(
        Request(
            f"{sandbox.url}/v1/holds",
            json.dumps({"remote_id": "TG-1042", "quantity": 2, "global_id": "by-path"}).encode(),
            {"X-API-Key": server.api_key, "Content-Type": "application/json"},
        )
    ) as answer:
        assert json.load(answer)["status"] == "held"
    assert {held["global_id"] for held in sandbox.holds} == {"by-key", "by-path"}


def test_a_purchase_is_seen_in_every_list(sandbox: Sandbox) -> None:
    hold(sandbox)
    call(sandbox, "POST", "/v1/invoices", {"global_id": "g-1", "order_id": "o-1"})
    assert [(entry["operation"], entry["code"]) for entry in sandbox.journal] == [
        ("hold", "held"),
        ("invoice", "invoiced"),
    ]
    assert sandbox.hold("g-1")["status"] == "invoiced"
    assert sandbox.invoices[0]["order_id"] == "o-1"
    assert sandbox.call(sandbox.journal[0]["request_id"])["response"]["body"]["json"]["status"] == "held"
    assert sandbox.curl(sandbox.journal[0]["request_id"]).startswith("curl ")
    assert sandbox.timing()["verdict"] == "ok"
    assert sandbox.coverage()["seen"] == 2
    assert sandbox.audit().clean
    sandbox.verify(operation="hold", code="held")
    sandbox.verify(operation="hold", count={"max": 1})
    with pytest.raises(AssertionError, match="Expected exactly 2 calls, found 1"):
        sandbox.verify(operation="invoice", count=2)
    with pytest.raises(ControlError, match="count"):
        sandbox.verify(operation="invoice", count=-1)


def test_the_audit_names_an_orphaned_hold_and_can_let_a_live_one_be(sandbox: Sandbox) -> None:
    hold(sandbox)
    report = sandbox.audit()
    assert not report.clean
    assert [(finding.kind, finding.global_id) for finding in report.findings] == [("orphaned_hold", "g-1")]
    assert "2 of TG-1042" in str(report)
    assert sandbox.audit(pending_ok=True).clean


def test_the_clock_is_moved_frozen_and_let_go(sandbox: Sandbox) -> None:
    hold(sandbox)
    assert sandbox.clock.advance("14m") == []
    assert sandbox.clock.advance(timedelta(minutes=1, seconds=1)) == ["g-1"]
    sandbox.clock.freeze("2026-11-23T20:00Z")
    assert sandbox.clock.frozen
    assert sandbox.clock.now == datetime(2026, 11, 23, 20, tzinfo=UTC)
    sandbox.clock.advance(timedelta(days=2, milliseconds=250))
    assert sandbox.clock.now == datetime(2026, 11, 25, 20, microsecond=250_000, tzinfo=UTC)
    sandbox.clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert sandbox.clock.now == datetime(2027, 1, 1, tzinfo=UTC)
    sandbox.clock.resume()
    assert not sandbox.clock.frozen
    sandbox.clock.reset()
    with pytest.raises(ValueError, match="no time zone"):
        sandbox.clock.set(datetime(2027, 1, 1))  # noqa: DTZ001


def test_a_scenario_is_chosen_by_name_or_whole_and_taken_away(sandbox: Sandbox) -> None:
    assert sandbox.scenario is None
    sandbox.scenario = "lost-answers"
    assert sandbox.scenario == "lost-answers"
    sandbox.scenario = {"name": "busy", "rules": [{"id": "all", "on": "hold", "respond": "pos_unavailable"}]}
    assert hold(sandbox)["code"] == "pos_unavailable"
    sandbox.scenario = None
    assert hold(sandbox)["status"] == "held"
    with pytest.raises(ControlError, match="lost-anwsers") as refused:
        sandbox.scenario = "lost-anwsers"
    assert refused.value.code == "mock_unknown_scenario"


def test_a_snapshot_goes_back_and_an_import_replaces_the_listings(sandbox: Sandbox) -> None:
    with sandbox.snapshot():
        hold(sandbox)
    assert sandbox.holds == []
    assert sandbox.control("GET", "/snapshots")["snapshots"] == []
    sandbox.import_csv(ROOT / "fixtures" / "broker.csv")
    listed = {listing["remote_id"] for listing in sandbox.listings}
    assert "605696419" in listed
    assert "TG-PAIRS" not in listed
    sandbox.reset(fixture="tiny")
    assert 0 < len(sandbox.listings) < 200


@pytest.mark.parametrize(
    ("name", "encoding", "between"),
    [("broker.csv", "utf-16", ","), ("broker.tsv", "utf-8", "\t"), ("b.TXT", "utf-16", "\t")],
)
def test_a_brokers_file_is_imported_as_it_is(
    sandbox: Sandbox, tmp_path: Path, name: str, encoding: str, between: str
) -> None:
    text = (ROOT / "fixtures" / "broker.csv").read_text()
    rows = csv.reader(text.splitlines())
    (path := tmp_path / name).write_text(
        text if between == "," else "\n".join(between.join(row) for row in rows), encoding
    )
    report = sandbox.import_csv(path)
    sandbox.reset()
    assert report | {"warnings": []} == sandbox.import_csv(text)
    assert "605696419" in {listing["remote_id"] for listing in sandbox.listings}


def test_while_it_is_unreachable_calls_lose_their_connection_and_change_nothing(sandbox: Sandbox) -> None:
    sandbox.scenario = "slow-average"
    with sandbox.unreachable() as nobody:
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            hold(sandbox)
        with pytest.raises(OSError, match="refused"):
            hold(sandbox, url=nobody)
    assert sandbox.scenario == "slow-average"
    sandbox.scenario = None
    assert hold(sandbox)["replayed"] is False


def test_after_it_was_unreachable_a_scenario_that_is_in_no_file_is_on_again(sandbox: Sandbox) -> None:
    sandbox.scenario = {"name": "busy", "rules": [{"id": "all", "on": "hold", "respond": "pos_unavailable"}]}
    with sandbox.unreachable():
        assert sandbox.scenario == "unreachable"
    assert hold(sandbox)["code"] == "pos_unavailable"


def test_a_sandbox_is_made_as_it_is_wanted_and_gone_afterwards(server: Server) -> None:
    with server.sandbox(
        "as-wanted", api_key="k-1", fixture="tiny", seed=7, freeze="2026-11-23T20:00Z", scenario="brownout", ttl="1h"
    ) as made:
        assert (made.name, made.api_key, made.seed, made.scenario) == ("as-wanted", "k-1", 7, "brownout")
        assert made.clock.frozen
        assert "k-1" not in repr(made)
        with server.sandbox(copy_of="as-wanted") as copy:
            assert len(copy.listings) == len(made.listings)
    names = [each["name"] for each in server.sandboxes()]
    assert names == ["default"]
    made.drop()  # again: no error


def test_dropping_is_an_error_only_where_the_server_refuses_it(server: Server) -> None:
    document = {"name": "default", "api_key": "k", "seed": 1, "base_path": "/s/default"}
    Sandbox(ControlClient("http://127.0.0.1:1"), document).drop()
    with pytest.raises(ControlError, match="always there"):
        Sandbox(ControlClient(server.url), document).drop()


def test_a_sandbox_that_cannot_be_made_whole_is_not_left_behind(server: Server) -> None:
    with pytest.raises(ControlError, match="no-such"):
        server.sandbox(scenario="no-such")
    assert [each["name"] for each in server.sandboxes()] == ["default"]


def test_a_server_that_runs_already_is_used_and_left_running(server: Server) -> None:
    with connect(server.url) as other, other.sandbox() as made:
        assert hold(made)["status"] == "held"
    assert server.sandboxes()
    with pytest.raises(ControlError, match="does not answer"):
        connect("http://127.0.0.1:1")
    with pytest.raises(ControlError, match="write the address as http://HOST:PORT"):
        connect("localhost:8000")


def test_settings_are_those_of_serve_and_the_environment_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKPOS_HOLD_TTL", "nonsense")
    with serve(api_key="mine", no_magic=True, scenarios=[ROOT / "scenarios"]) as server:
        assert server.api_key == "mine"
        assert server.control("GET", "/magic")["enabled"] is False


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hold_tll": "1s"}, "'hold_tll' is no setting of a server for tests; there are allowed_host"),
        ({"hold_ttl": "soon"}, "--hold-ttl: 'soon' is not a duration"),
        ({"inventory": "no-such.json"}, "no-such.json: there is no such file"),
    ],
)
def test_a_server_that_cannot_start_says_why(settings: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        serve(**settings)
    assert said in str(refused.value)


def test_a_script_that_is_killed_leaves_no_server(tmp_path: Path) -> None:
    program = "from mockpos.testing import serve\nserver = serve()\nprint(server.url, flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as script:
        assert script.stdout is not None
        url = script.stdout.readline().strip()
        connect(url).stop()
        script.kill()
        script.wait()
    while True:  # it goes within moments; a hang here is the failure
        try:
            connect(url).stop()
        except ControlError:
            break
    assert list(tmp_path.iterdir()) == []


def test_naming_the_package_loads_nothing() -> None:
    program = """
import sys
import mockpos.testing
assert not [name for name in sys.modules if name.startswith("mockpos.") and name != "mockpos.testing"]
assert not [name for name in ("flask", "click", "http.client", "marshmallow") if name in sys.modules]
"""
    subprocess.run([sys.executable, "-c", program], check=True, env=dict(os.environ))
