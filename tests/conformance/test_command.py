"""``mockpos conform`` from a shell, against a real mockpos; what it does there is read from the mock's own journal."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockpos.cli import cli
from mockpos.conformance.report.document import FORMAT
from mockpos.domain.errors import BadInput
from tests.conftest import KEY, RunningServer, running_server
from tests.control.clients_over_http import control

LISTING = "TG-5000:60"


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("mock"), "--memory") as running:
        yield running


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path, "--memory") as running:
        yield running


def conform(server: RunningServer, *words: str) -> Result:
    return CliRunner().invoke(cli, ["conform", server.url, *words], catch_exceptions=False)


def listing(server: RunningServer, remote_id: str = "TG-5000") -> Any:
    return control(server.url, "GET", f"/_mock/listings/{remote_id}")[1]


def calls(server: RunningServer) -> list[Any]:
    return control(server.url, "GET", "/_mock/requests?limit=1000")[1]["requests"]  # type: ignore[no-any-return]


def held(server: RunningServer) -> list[Any]:
    return control(server.url, "GET", "/_mock/holds?status=held")[1]["holds"]  # type: ignore[no-any-return]


def test_mockpos_passes_every_check(tmp_path: Path) -> None:
    with running_server(tmp_path, "--memory", "--hold-ttl", "8s") as server:
        files = [tmp_path / name for name in ("report.html", "report.json", "report.xml")]
        done = conform(
            server, "--listing", LISTING, "--sold-out", "MOCK-LISTING_SOLD_OUT", "--allow-invoice",
            "--codes", f"{server.url}/openapi.json", "--wait-expiry", "10",
            "--html", str(files[0]), "--json", str(files[1]), "--junit", str(files[2]),
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        assert re.search(r"left behind: nothing; [3-6] tickets were bought\nconformant\n\Z", done.output)
        assert held(server) == []
    document = json.loads(files[1].read_text())
    not_passed = {result["id"] for result in document["results"] if result["word"] != "pass"}
    assert not_passed <= {"HOLD-08", "HOLD-13"}
    assert max(len(line) for line in done.output.splitlines()[:5]) <= 80
    for file in files:
        text = file.read_text()
        assert "mockpos-dev-key" not in text
        assert "127.0.0.1" not in text
    verified = CliRunner().invoke(cli, ["conform", "verify", str(files[0])])
    assert verified.exit_code == 0
    assert "Certificate: mockpos default 1.0.0 met every must of ruleset 1" in verified.output


def test_without_leave_nothing_is_bought_and_the_stock_is_as_before(fresh: RunningServer) -> None:
    before = listing(fresh)
    done = conform(fresh, "--listing", LISTING)
    assert done.exit_code == 3
    assert "left behind: nothing" in done.output
    assert "buys nothing" in done.output
    assert listing(fresh) == before
    made = calls(fresh)
    assert made
    assert {call["operation"] for call in made} <= {"hold", "release", None}
    remote_ids = {call["remote_id"] for call in made if call["operation"] == "hold" and call["committed"]}
    assert remote_ids == {"TG-5000"}
    audit = control(fresh.url, "GET", "/_mock/audit")[1]
    assert not [each for each in audit["findings"] if each["kind"] in ("orphaned_hold", "invoice_missing")]


def test_every_call_names_run_and_check(fresh: RunningServer) -> None:
    conform(fresh, "--listing", LISTING, "--only", "HOLD-03")
    ids = [call["id"] if "id" in call else call["request_id"] for call in calls(fresh)]
    shown = [control(fresh.url, "GET", f"/_mock/requests/{each}")[1] for each in ids]
    names = {name: value for call in shown for name, value in _headers(call)}
    assert "x-conform-check" in names
    checks = {value for call in shown for name, value in _headers(call) if name == "x-conform-check"}
    assert {"PRE", "HOLD-03"} <= checks
    assert all("-HOLD-03-" in call["global_id"] for call in shown if ("x-conform-check", "HOLD-03") in _headers(call))


def _headers(call: Any) -> list[tuple[str, str]]:
    headers = call["request"]["headers"]
    return [(each["name"].lower(), each["value"]) for each in headers]


def test_read_only_holds_nothing(fresh: RunningServer) -> None:
    done = conform(fresh, "--listing", LISTING, "--profile", "read-only")
    assert done.exit_code == 3
    assert not [call for call in calls(fresh) if call["committed"] and call["operation"] == "hold"]
    assert "buys nothing" in done.output


def test_a_dry_run_sends_nothing(fresh: RunningServer) -> None:
    done = conform(fresh, "--listing", LISTING, "--allow-invoice", "--dry-run")
    assert done.exit_code == 0
    assert "BUYS up to 6 times the smallest quantity" in done.output
    assert "HOLD-03  should" in done.output
    assert calls(fresh) == []


def test_where_nothing_is_held_nothing_is_bought_whatever_is_allowed(mock: RunningServer) -> None:
    words = ("--listing", LISTING, "--allow-invoice", "--dry-run")
    assert "BUYS up to" in conform(mock, *words).output
    told = conform(mock, *words, "--profile", "read-only").output
    assert ("buys nothing" in told, "BUYS" in told) == (True, False)


@pytest.mark.parametrize("check", ["HOLD-03", "HOLD-12", "REL-03", "REL-05"])
def test_as_many_calls_are_made_as_are_said_beforehand(fresh: RunningServer, check: str) -> None:
    words = ("--listing", LISTING, "--only", check)
    said = re.search(r"checks?, about (\d+) calls", conform(fresh, *words, "--dry-run").output)
    conform(fresh, *words)
    assert said is not None
    assert len(calls(fresh)) == int(said[1])


def test_the_quick_profile_is_one_hold_and_its_release(fresh: RunningServer) -> None:
    began = time.monotonic()
    done = conform(fresh, "--listing", LISTING, "--profile", "quick")
    assert time.monotonic() - began < 10
    assert done.exit_code == 0, done.output
    assert "2 checks, about 2 calls, some 1 s" in done.output
    assert "the smallest quantity of one of TG-5000" in done.output
    assert "conformant in the 2 checks that were asked for" in done.output
    assert [call["operation"] for call in reversed(calls(fresh))] in (["hold", "release"], ["release", "hold"])


def test_a_mistyped_check_and_other_bad_input_is_refused_before_anything_is_sent(
    mock: RunningServer, tmp_path: Path
) -> None:
    bad = tmp_path / "conform.yaml"
    bad.write_text("HOLD07: {why: x, until: 2027-01-01}\n")
    for words, message in (
        (("--only", "HOLD-33"), "no check has this id"),
        (("--listing", "TG-5000"), "write REMOTE_ID:QUANTITY"),
        (("--listing", "TG-5000:4:9"), "go from 1 to 4"),
        (("--listing", "TG-5000:4:0,2"), "go from 1 to 4"),
        (("--codes", str(tmp_path / "none")), "cannot be read"),
        (("--known-failing", str(bad)), "conform.yaml:1: HOLD07: no check has this id; did you mean HOLD-07?"),
        (("--contract", str(tmp_path / "none.yaml")), "there is no such file"),
        (("--rerun", str(bad)), "no report of `mockpos conform`"),
    ):
        done = CliRunner().invoke(cli, ["conform", mock.url, *words])
        assert message in str(done.exception), words


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["matrx"], "No such command 'matrx'; did you mean matrix?"),
        (["verfy", "report.html"], "No such command 'verfy'; did you mean verify?"),
        (["--alow-invoice", "http://127.0.0.1:1"], "Did you mean '--allow-invoice'?"),
        (["localhost:8000"], "localhost:8000: write the address as http://HOST:PORT"),
        (["rules", "HOLD-3"], "no check is called HOLD-3; did you mean HOLD-"),
    ],
)
def test_a_misspelt_command_option_address_or_check_is_answered_with_what_was_meant(
    words: list[str], message: str
) -> None:
    done = CliRunner().invoke(cli, ["conform", *words])
    assert message in f"{done.output}{done.exception}"
    assert done.exit_code != 0


def test_without_arguments_and_with_help_the_commands_are_shown() -> None:
    for words in ([], ["--help"], ["-h"]):
        assert "Give back what an interrupted run held." in CliRunner().invoke(cli, ["conform", *words]).output


def test_one_check_runs_with_what_it_rests_on(mock: RunningServer) -> None:
    done = conform(mock, "--listing", LISTING, "--only", "hold-03", "--trace")
    assert done.exit_code == 0, done.output
    assert "✓ HOLD-03" in done.output
    assert "RACE-01" not in done.output
    assert "POST /v1/holds" in done.output


def test_what_did_not_pass_is_run_again(mock: RunningServer, tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    first = conform(mock, "--listing", LISTING, "--json", str(report), "--only", "HOLD-0*")
    assert first.exit_code == 3
    again = conform(mock, "--listing", LISTING, "--rerun", str(report), "--sold-out", "MOCK-LISTING_SOLD_OUT")
    assert again.exit_code == 0, again.output
    assert "✓ HOLD-07" in again.output
    assert "HOLD-05" not in again.output


def test_where_nothing_failed_nothing_is_run_again(mock: RunningServer, tmp_path: Path) -> None:
    results = [{"id": f"HOLD-0{n}", "word": word} for n, word in enumerate(("pass", "warn", "not offered"), start=1)]
    (report := tmp_path / "r.json").write_text(json.dumps({"mockpos_conform_report": FORMAT, "results": results}))
    before = len(calls(mock))
    with pytest.raises(BadInput, match="everything passed there; nothing is left to run again"):
        conform(mock, "--listing", LISTING, "--rerun", str(report))
    assert len(calls(mock)) == before


def test_the_report_alone_goes_to_standard_output(mock: RunningServer) -> None:
    command = [
        sys.executable,
        "-m",
        "mockpos",
        "conform",
        mock.url,
        "--listing",
        LISTING,
        "--only",
        "HOLD-02",
        "--json",
        "-",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    document = json.loads(done.stdout)
    assert document["verdict"]["must"] == "conformant"
    assert "conformant" in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_the_middle_nothing_stays_held(fresh: RunningServer, tmp_path: Path, sign: int) -> None:
    report = tmp_path / "r.json"
    with _running(fresh, tmp_path, "--json", str(report)) as kit:
        assert kit.stdout is not None
        while "HOLD-06" not in kit.stdout.readline():
            pass
        kit.send_signal(sign)
        rest = kit.stdout.read()
        assert kit.wait(30) == 128 + sign
    assert "left behind: nothing" in rest
    assert held(fresh) == []
    document = json.loads(report.read_text())
    assert document["interrupted"]
    assert "interrupted" in {result["reason"] for result in document["results"]}
    assert not list(tmp_path.glob("*.jsonl"))


def test_after_kill_9_the_ledger_gives_back_what_was_held(fresh: RunningServer, tmp_path: Path) -> None:
    rule = {"id": "slow", "on": "any", "delay": "20s", "delay_at": "after_commit"}
    scenario = {"name": "slow", "summary": "Answers come late.", "rules": [rule]}
    assert control(fresh.url, "PUT", "/_mock/scenario", {"scenario": scenario})[0] == 200
    ledger = tmp_path / "ledger.jsonl"
    with _running(fresh, tmp_path, "--ledger", str(ledger)) as kit:
        deadline = time.monotonic() + 20
        while not held(fresh):
            assert time.monotonic() < deadline
        kit.kill()
        kit.wait(10)
    control(fresh.url, "DELETE", "/_mock/scenario")
    assert held(fresh)
    done = CliRunner().invoke(cli, ["conform", "cleanup", str(ledger)])
    assert done.exit_code == 0, done.output
    assert "left behind: nothing" in done.output
    assert held(fresh) == []
    assert not ledger.exists()


def test_a_ledger_whose_holds_cannot_be_given_back_is_kept(mock: RunningServer, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    asked = {"global_id": "cf-1-a", "remote_id": "TG-5000", "quantity": 2, "state": "asked"}
    ledger.write_text(f"{json.dumps({'mockpos_conform_ledger': 1, 'url': mock.url})}\n{json.dumps(asked)}\n")
    words = ["conform", "cleanup", str(ledger), "--api-key"]
    refused = CliRunner().invoke(cli, [*words, "wrong"])
    assert refused.exit_code == 1
    assert re.search(r"cf-1-a: 2 of TG-5000; its release was answered: 401.*\n0 of 1 hold given back", refused.output)
    assert ledger.exists()
    done = CliRunner().invoke(cli, [*words, KEY])
    assert (done.exit_code, ledger.exists()) == (0, False)
    assert "1 of 1 hold given back; left behind: nothing" in done.output


def _running(server: RunningServer, folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mockpos", "conform", server.url, "--listing", LISTING, *words]
    if "--ledger" not in words:
        command += ["--ledger", str(folder / "ledger.jsonl")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, "PYTHONUNBUFFERED": "1"})  # fmt: skip
