"""The commands that talk to a running server: what they print, in which form, and their exit status."""

import json
import os
import socket
import subprocess
import sys

import httpx
import pytest

from tests.conftest import KEY, running_server

COMMANDS = {
    "status": ("status",), "reset": ("reset",), "audit": ("audit",), "requests": ("requests",),
    "requests show": ("requests", "show", "x"), "requests curl": ("requests", "curl", "x"),
    "requests follow": ("requests", "--follow"),
    "clock": ("clock",), "clock advance": ("clock", "advance", "1m"), "sandbox": ("sandbox",),
    "sandbox create": ("sandbox", "create"), "verify": ("verify", "--operation", "hold"),
}  # fmt: skip
each_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("served"), "--quiet", "--fixture", "tiny") as running:
        yield running


@pytest.fixture
def sandbox(server):
    """A sandbox for one test."""
    made = httpx.post(f"{server.url}/_mock/sandboxes").raise_for_status().json()
    yield made
    httpx.delete(f"{server.url}/_mock/sandboxes/{made['name']}")


@pytest.fixture
def run(server, sandbox):
    """Run ``mockpos`` about the test's sandbox, as a shell would."""

    def run(*arguments, **environment):
        return mockpos(*arguments, "--sandbox", sandbox["name"], MOCKPOS_URL=server.url, **environment)

    return run


def mockpos(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "mockpos", *arguments], env={**os.environ, **environment}, capture_output=True,
        text=True, timeout=30, check=False,
    )  # fmt: skip


def call(server, sandbox, method, path, body=None):
    headers = {"X-API-Key": sandbox["api_key"]}
    return httpx.request(method, server.url + path, json=body, headers=headers)


def hold(server, sandbox, global_id="shell-1"):
    body = {"remote_id": "TG-1042", "quantity": 2, "global_id": global_id}
    return call(server, sandbox, "POST", "/v1/holds", body)


def test_status_says_how_the_sandbox_stands(run, server, sandbox):
    hold(server, sandbox)
    done = run("status")
    assert done.returncode == 0, done.stderr
    assert sandbox["name"] in done.stdout
    assert "1 live, 0 ended" in done.stdout
    found = json.loads(run("status", "--json").stdout)
    assert found["sandbox"]["holds_live"] == 1
    assert found["requests"]["recorded"] == 1


def test_the_clock_moves_stops_and_lists_what_expired(run, server, sandbox):
    hold(server, sandbox)
    assert "the machine's time" in run("clock").stdout
    moved = run("clock", "advance", "20m")
    assert "+1,200.000 s" in moved.stdout
    assert "shell-1" in moved.stdout
    assert "frozen" in run("clock", "freeze").stdout
    assert json.loads(run("clock", "set", "2027-01-01T00:00:00Z", "--json").stdout)["now"] == "2027-01-01T00:00:00.000Z"
    assert "frozen" not in run("clock", "unfreeze").stdout
    assert "the machine's time" in run("clock", "reset").stdout
    wrong = run("clock", "advance", "soon")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "duration" in wrong.stderr


def test_audit_is_1_with_findings_and_0_without(run, server, sandbox):
    hold(server, sandbox)
    found = run("audit")
    assert found.returncode == 1
    assert "orphaned_hold" in found.stdout
    assert run("audit", "--pending-ok").returncode == 0
    assert json.loads(run("audit", "--json").stdout)["counts"]["orphaned_hold"] == 1
    call(server, sandbox, "DELETE", "/v1/holds/shell-1")
    assert "clean" in run("audit").stdout


def test_verify_is_0_when_it_is_so_and_1_when_not(run, server, sandbox):
    assert run("verify", "--operation", "hold").returncode == 1, "without a number, once is the least"
    for number in range(2):
        hold(server, sandbox, f"shell-{number}")
    assert run("verify", "--operation", "hold", "--code", "held", "--count", "2").returncode == 0
    other = run("verify", "--operation", "hold", "--global-id", "shell-7", "--count", "1")
    assert other.returncode == 1
    assert "shell-1" in other.stdout, "the nearest call is shown"
    assert run("verify", "--operation", "hold", "--min", "1", "--max", "1").returncode == 1
    assert json.loads(run("verify", "--operation", "hold", "--count", "3", "--json").stdout)["satisfied"] is False
    assert run("verify", "--operation", "hold", "--count", "1", "--min", "1").returncode == 2
    assert run("verify").returncode == 2


def test_requests_are_listed_shown_and_written_as_curl(run, server, sandbox):
    request_id = hold(server, sandbox).headers["X-Request-Id"]
    assert request_id in run("requests").stdout
    assert request_id in run("requests", "--operation", "hold", "--code", "held").stdout
    assert request_id not in run("requests", "--operation", "invoice").stdout
    shown = run("requests", "show", request_id)
    assert "POST /v1/holds" in shown.stdout
    assert "TG-1042" in shown.stdout
    curl = run("requests", "curl", request_id)
    assert curl.stdout.startswith("curl ")
    assert sandbox["api_key"] not in curl.stdout + shown.stdout
    assert run("requests", "show", "no-such-call").returncode == 2
    assert json.loads(run("requests", "--json").stdout)["matched"] == 1
    assert "1 call forgotten" in run("requests", "clear").stdout


def test_followed_requests_come_as_they_are_made(server, sandbox):
    command = [sys.executable, "-u", "-m", "mockpos", "requests", "--follow", "--url", server.url, "--sandbox"]
    hold(server, sandbox, "shell-1")
    with subprocess.Popen([*command, sandbox["name"]], stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert "shell-1" in following.stdout.readline()
        hold(server, sandbox, "shell-2")
        assert "shell-2" in following.stdout.readline()
        following.kill()


def test_sandboxes_are_made_switched_and_dropped(server):
    made = mockpos("sandbox", "create", "--name", "from-a-shell", "--fixture", "tiny", "--json", "--url", server.url)
    sandbox = json.loads(made.stdout)
    assert sandbox["name"] in mockpos("sandbox", "--url", server.url).stdout
    assert sandbox["name"] in mockpos("sandbox", "--url", server.url, "list").stdout, "options may stand before"
    assert mockpos("sandbox", "create", "--name", "from-a-shell", "--url", server.url).returncode == 2
    assert mockpos("sandbox", "disable", "from-a-shell", "--url", server.url).returncode == 0
    assert hold(server, sandbox).json()["code"] == "key_not_allowed"
    assert mockpos("sandbox", "enable", "from-a-shell", "--url", server.url).returncode == 0
    assert hold(server, sandbox).is_success
    assert "deleted" in mockpos("sandbox", "delete", "from-a-shell", "--url", server.url).stdout
    assert mockpos("sandbox", "delete", "from-a-shell", "--url", server.url).returncode == 2


def test_reset_begins_anew(run, server, sandbox):
    hold(server, sandbox)
    assert "is new" in run("reset", "--seed", "7").stdout
    assert json.loads(run("status", "--json").stdout)["sandbox"]["holds_live"] == 0
    assert run("reset", "--fixture", "no-such-world").returncode == 2


@each_command
def test_a_server_that_does_not_answer_is_one_message_and_2(command):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        done = mockpos(*command, "--url", f"http://127.0.0.1:{free.getsockname()[1]}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "http://", "http://[::1", "http://h:99999"])
def test_a_url_that_is_none_is_one_message_and_2(url):
    done = mockpos("status", "--url", url)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_token_is_asked_for_and_given(tmp_path):
    options = ("--quiet", "--fixture", "tiny", "--host", "0.0.0.0", "--control-token", "open-sesame")
    with running_server(tmp_path, *options) as server:
        for given in ((), ("--token", "wrong")):
            refused = mockpos("status", "--url", server.url, *given)
            assert refused.returncode == 2
            assert "--token" in refused.stderr
            assert "Traceback" not in refused.stderr
        assert mockpos("status", "--url", server.url, "--token", "open-sesame").returncode == 0
        assert mockpos("clock", "--url", server.url, MOCKPOS_CONTROL_TOKEN="open-sesame").returncode == 0
        assert mockpos("status", "--url", server.url, "--token", "gr\u00fc\u00df\u20ac\n").returncode == 2


def test_nothing_is_coloured_in_a_pipe(run, server, sandbox):
    hold(server, sandbox)
    for command in (("requests",), ("audit",), ("status",), ("sandbox",)):
        assert "\x1b" not in run(*command).stdout


def test_an_unknown_sandbox_is_said_so(server):
    done = mockpos("clock", "--url", server.url, "--sandbox", "never/made?")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_something_else_that_answers_is_said_so(server):
    done = mockpos("status", "--url", f"{server.url}/docs")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_every_command_has_its_help():
    for command in ("status", "reset", "audit", "requests", "clock", "sandbox", "verify"):
        done = mockpos(command, "--help")
        assert done.returncode == 0
        assert "Examples:" in done.stdout
        assert KEY not in done.stdout


def test_calls_with_long_ids_and_codes_fit_80_columns(run, server, sandbox):
    headers = {"X-API-Key": sandbox["api_key"], "X-Request-Id": "TEVO-a862cc556dc17183-invoice-1"}
    httpx.post(f"{server.url}/v1/invoices", content=b"{}", headers={**headers, "Content-Type": "text/plain"})
    hold(server, sandbox)
    done = run("requests", COLUMNS="80")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "TEVO-a862cc556dc17183-invoice-1" in done.stdout
    assert any("invoice" in line and "unsupported_media_type" in line for line in lines)
    assert any("hold" in line and "held" in line for line in lines)
    assert "left out for want of room: at, " in done.stderr
