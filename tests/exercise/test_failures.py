"""A target that answers wrongly is found out and told; what cannot be tried at all is bad input."""

import json
import re
import socket
from typing import cast

import httpx
import pytest
from junitparser import Failure as Failed
from junitparser import JUnitXml

from mockpos.contract.loader import load_contract
from mockpos.exercise.case_run import CaseRun, Result, Target
from mockpos.exercise.cases import plain_cases
from mockpos.exercise.requests import Client, RequestWriter
from mockpos.http_client import Failure, NoResponse, Request
from tests.conftest import ROOT, RunningServer
from tests.exercise.conftest import target_that_says

EMPTY = (200, {"Content-Type": "application/json"}, b"{}")


def test_a_target_that_says_yes_to_everything_fails_everything_with_explanations(exercise, tmp_path) -> None:
    junit = tmp_path / "report.xml"
    with target_that_says(EMPTY) as url:
        done = exercise("--url", url, "--junit", str(junit))
    assert done.status == 1
    assert "✗ hold listing_retired by plain state: TG-RETIRED\n" in done.out
    story = done.out.split("✗ hold listing_retired by plain state: TG-RETIRED\n")[1].splitlines()[:4]
    assert re.match(r' +request   hold: POST http\S+/v1/holds .* {"remote_id": "TG-RETIRED"', story[0])
    assert story[1].split() == ["expected", "410", "application/problem+json,", "code", "listing_retired"]
    assert story[2].split() == ["came", "200", "application/json", "{}"]
    assert "the status is 200, not 410; the Content-Type is application/json, not application/problem+json" in story[3]
    assert "code is missing" in story[3]
    assert "Hint: nothing was answered as the contract mockpos default says" in done.out
    assert "✗ 0 of 55 pairs met; 0 ways worked, " in done.out
    (suite,) = JUnitXml.fromfile(str(junit))
    failed = [case for case in suite if any(isinstance(result, Failed) for result in case.result)]
    assert len(failed) == suite.failures > 100


def test_a_target_that_breaks_the_connection_fails(exercise) -> None:
    with target_that_says(EMPTY, (200, {"Content-Length": "99"}, b"{")) as url:
        done = exercise("--url", url, "--json", "--only", "release")
    assert done.status == 1
    whys = {way["why"] for pair in json.loads(done.out)["pairs"] for way in pair["ways"]}
    assert any(why.startswith("no answer: the connection ended in the middle") for why in whys)


def test_a_url_that_nobody_answers_is_bad_input(exercise) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        done = exercise("--url", url)
    assert done.status == 2
    assert done.out == ""
    assert f"--url {url}: no answer" in done.err
    assert "is `mockpos serve` running there?" in done.err


def test_a_key_that_the_server_does_not_take_is_bad_input(exercise, server: RunningServer) -> None:
    done = exercise("--url", server.url, "--api-key", "wrong")
    assert done.status == 2
    assert "--api-key:" in done.err
    assert "api_key_invalid" in done.err
    httpx.patch(f"{server.url}/_mock/sandboxes/default", json={"enabled": False}).raise_for_status()
    done = exercise("--url", server.url)
    assert (done.status, "does not take this key (key_not_allowed)" in done.err) == (2, True)


def test_a_hold_that_nobody_answered_is_given_back() -> None:
    class Silent:
        url, methods = "http://there", list[str]()

        def send(self, request: Request) -> None:
            self.methods.append(request.method)
            raise NoResponse(Failure.UNREACHABLE, "cut off", sent=True)

    contract = load_contract()
    case = next(case for case in plain_cases(contract) if case.code == "held_by_another")
    target = Target(cast(Client, Silent()), RequestWriter(contract, "key", None, "p"), is_ours=True)
    outcome = CaseRun(case, 1, target, contract).run()
    assert (outcome.result, outcome.why) == (Result.FAILED, "no answer: cut off")
    assert Silent.methods == ["POST", "DELETE"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--url", "localhost:8000"],
        ["--url", "ftp://localhost"],
        ["--url", "http://"],
        ["--url", "http://a:port"],
        ["--url", "http://ex\u00e4mple"],
        ["--url", "http://" + "a" * 70 + ".test"],
        ["--url", "http://127.0.0.1:1/a b"],
        ["--only", "refund"],
        ["--junit", "no/such/folder/report.xml"],
        ["--contract", "no-such-contract.yaml"],
        ["--contract", str(ROOT / "pyproject.toml")],
    ],
)
def test_arguments_that_cannot_be_used_are_bad_input(exercise, arguments: list[str]) -> None:
    done = exercise(*arguments)
    assert done.status == 2
    assert done.out == ""
    assert "Traceback" not in done.err


def test_a_call_over_the_servers_own_rate_is_sent_again() -> None:
    limited = (429, {"Retry-After": "0"}, b"")
    with target_that_says(limited, limited, EMPTY) as url:
        assert Client(url).send(Request("GET", "/", (), None)).status == 200
    forced = (429, {"Retry-After": "0", "X-Mockpos-Scenario": "magic"}, b"")
    with target_that_says(forced, EMPTY) as url:
        assert Client(url).send(Request("GET", "/", (), None)).status == 429
    with target_that_says((429, {"Retry-After": "3600"}, b""), EMPTY) as url:
        assert Client(url).send(Request("GET", "/", (), None)).status == 429
