"""A run that starts its own servers meets everything, reports it in every form, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from junitparser import JUnitXml

from mockpos.contract.loader import load_contract
from mockpos.domain.codes import CATALOGUE
from mockpos.exercise.matrix import cases_of, pairs_of
from tests.conftest import ROOT

DIFFERENT = ROOT / "fixtures" / "contracts" / "everything-different.yaml"


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """One run in a process of its own, with settings of servers in the environment that must not reach its servers."""
    folder = tmp_path_factory.mktemp("exercise")
    temporary = folder / "tmp"
    temporary.mkdir()
    junit = folder / "report.xml"
    environment = {**os.environ, "TMPDIR": str(temporary), "MOCKPOS_SCENARIO": "brownout", "MOCKPOS_NO_MAGIC": "yes"}
    command = [sys.executable, "-m", "mockpos", "exercise", "--json", "--junit", str(junit)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return SimpleNamespace(done=done, folder=folder, temporary=temporary, junit=junit)


def test_every_pair_of_the_catalogue_is_met_in_every_way(whole_run: SimpleNamespace) -> None:
    assert whole_run.done.returncode == 0, whole_run.done.stdout + whole_run.done.stderr
    told = json.loads(whole_run.done.stdout)
    expected = [(operation, code) for operation, code in pairs_of(load_contract())]
    assert [(pair["operation"], pair["code"]) for pair in told["pairs"]] == expected
    assert {code for _, code in expected} == set(CATALOGUE.names())
    assert all(way["result"] == "worked" for pair in told["pairs"] for way in pair["ways"])


def test_the_fields_of_the_json_report_are_an_interface(whole_run: SimpleNamespace) -> None:
    told = json.loads(whole_run.done.stdout)
    assert list(told) == ["url", "contract", "whole", "pairs_met", "pairs_missed", "ways", "pairs"]
    assert told["contract"] == {"name": "mockpos default", "version": "1.0.0"}
    assert (told["whole"], told["pairs_met"], told["pairs_missed"]) == (True, len(told["pairs"]), 0)
    assert told["ways"] == {"worked": len(cases_of(load_contract())), "failed": 0, "not_tried": 0}
    assert {tuple(pair) for pair in told["pairs"]} == {("operation", "code", "status", "met", "ways")}
    ways = [way for pair in told["pairs"] for way in pair["ways"]]
    assert {tuple(way) for way in ways} == {
        ("kind", "by", "result", "why", "request", "expected", "came", "seconds"),
    }
    assert {way["kind"] for way in ways} == {"plain_state", "magic", "header"}


def test_the_junit_report_has_a_case_for_each_way(whole_run: SimpleNamespace) -> None:
    (suite,) = JUnitXml.fromfile(str(whole_run.junit))
    cases = list(suite)
    assert suite.tests == len(cases) == len(cases_of(load_contract()))
    assert (suite.failures, suite.errors, suite.skipped) == (0, 0, 0)
    named = {(case.classname, case.name) for case in cases}
    assert len(named) == len(cases)
    assert ("mockpos.exercise.hold", "listing_retired by plain state: TG-RETIRED") in named
    assert ("mockpos.exercise.invoice", "hold_expired by magic Remote ID: MOCK-EXPIRES-AT-ONCE") in named
    assert (
        "mockpos.exercise.no_operation",
        "unknown_endpoint by plain state: at a path that no operation has",
    ) in named


def test_servers_and_their_files_are_gone_afterwards(whole_run: SimpleNamespace) -> None:
    assert list(whole_run.temporary.iterdir()) == []
    assert [path.name for path in whole_run.folder.iterdir() if path.is_file()] == ["report.xml"]
    url = json.loads(whole_run.done.stdout)["url"]
    again = subprocess.run([sys.executable, "-m", "mockpos", "exercise", "--url", url], capture_output=True, text=True)
    assert again.returncode == 2


def test_a_contract_unlike_the_default_one_is_met_as_well(exercise) -> None:
    done = exercise("--contract", str(DIFFERENT), "--json")
    told = json.loads(done.out)
    assert done.status == 0, done.err
    assert told["contract"]["name"] == "Kestrel Automation"
    contract = load_contract(DIFFERENT)
    assert [(pair["operation"], pair["code"]) for pair in told["pairs"]] == pairs_of(contract)
    statuses = {pair["code"]: pair["status"] for pair in told["pairs"]}
    assert statuses == {code.code: contract.status(code) for code in CATALOGUE}
    assert told["ways"]["failed"] == told["ways"]["not_tried"] == 0


def processes(*which: str) -> dict[str, str]:
    """Return the command lines of processes by their number."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", *which], capture_output=True, text=True, check=False).stdout
    return dict(line.split(maxsplit=1) for line in listed.splitlines())


def test_a_run_that_is_stopped_takes_its_servers_along(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mockpos", "exercise", "--only", "release"]
    process = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not (servers := processes("--ppid", str(process.pid))):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.terminate()
    assert process.wait(30) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    deadline = time.monotonic() + 30
    while (running := processes("-p", ",".join(servers))) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [command for command in running.values() if "mockpos serve" in command]


def test_a_server_that_does_not_start_is_bad_input(exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = tmp_path / "python"
    failing.write_text("#!/bin/sh\necho no room >&2\nexit 3\n")
    failing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(failing))
    done = exercise()
    assert done.status == 2
    assert "a server for the exercise did not start" in done.err
    assert "no room" in done.err
