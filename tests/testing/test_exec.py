"""``mockpos exec -- COMMAND``: streams, signals and exit status are the command's own; the server comes and goes."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mockpos.processes import ServerProcess
from mockpos.testing import ControlError, connect
from mockpos.testing.results import Audit, Coverage, Finding
from mockpos.testing.summary import Summary, github_summary

EXEC = (sys.executable, "-m", "mockpos", "exec")
HOLD = """
import json, os, sys, urllib.request
body = json.dumps({"remote_id": "TG-1042", "quantity": 2, "global_id": "g-1"}).encode()
key = sys.argv[1] if len(sys.argv) > 1 else os.environ["MOCKPOS_API_KEY"]
headers = {"X-API-Key": key, "Content-Type": "application/json"}
answer = urllib.request.urlopen(urllib.request.Request(os.environ["MOCKPOS_URL"] + "/v1/holds", body, headers))
print(answer.headers["X-Mockpos-Sandbox"], json.load(answer)["seats"])
"""


def exec_(
    *words: object, cwd: Path | None = None, text: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*EXEC, *map(str, words)], cwd=cwd, env={**os.environ, **environment}, input=text, capture_output=True,
        text=True, timeout=90,
    )  # fmt: skip


def python(program: str, *words: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-c", program, *words)


def gone(url: str) -> None:
    """Wait until nobody answers there; a hang is the failure."""
    while True:
        try:
            connect(url).stop()
        except ControlError:
            return


def test_the_command_has_its_own_streams_and_finds_the_server(tmp_path: Path) -> None:
    program = (
        "import os, sys; print(sys.stdin.read(), end='');"
        "print(*(os.environ.get(f'MOCKPOS_{name}') for name in ('URL', 'CONTROL_URL', 'API_KEY', 'CONTROL_TOKEN')));"
        "print('said', file=sys.stderr)"
    )
    ended = exec_(*python(program), cwd=tmp_path, text="typed\n")
    typed, variables = ended.stdout.splitlines()
    url, control, key, token = variables.split()
    assert (typed, key, token, control) == ("typed", "mockpos-dev-key", "None", f"{url}/_mock")
    assert ended.stderr.splitlines()[0] == "said"
    assert ended.returncode == 0
    gone(url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--", "sh", "-c", "exit 0"), 0, "audit: clean"),
        (("--", "sh", "-c", "exit 7"), 7, "audit: clean"),
        (("sh", "-c", "exit 7"), 7, "audit: clean"),
        (("--", "sh", "-c", "kill -9 $$"), 137, "audit: clean"),
        (("--", "no-such-command"), 127, "error: no-such-command: there is no such command\n"),
        (("--", "./no-such-command"), 127, "error: ./no-such-command: there is no such command\n"),
        (("--", "/"), 126, "error: /: it cannot be run (Permission denied)\n"),
        ((), 2, "Error: Say what to run: mockpos exec -- pytest\n"),
        (("--hold-ttl", "soon", "--", "true"), 2, "error: --hold-ttl: 'soon' is not a duration"),
        (("--no-such-option", "--", "true"), 2, "No such option '--no-such-option'"),
        (("--inventory", "missing.json", "--", "true"), 2, "missing.json: there is no such file"),
        (("--junit", "missing/audit.xml", "--", "true"), 2, "error: --junit missing/audit.xml: there is no folder"),
        (("--coverage-fail-under", "101", "--", "true"), 2, "101"),
    ],
)
def test_the_exit_status_is_the_commands_own_or_says_what_is_wrong(
    tmp_path: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    ended = exec_(*words, cwd=tmp_path)
    assert (ended.returncode, said in ended.stderr) == (status, True), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("error:") <= 1


def test_a_port_that_is_taken_is_told_and_the_command_does_not_run() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = exec_("--port", taken.getsockname()[1], "--", "echo", "ran")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "is taken by another program" in ended.stderr


@pytest.mark.parametrize(("audit", "status"), [((), 0), (("--audit", "error"), 3), (("--audit", "off"), 0)])
def test_what_was_left_behind_is_printed_or_fails_the_run(audit: tuple[str, ...], status: int) -> None:
    ended = exec_(*audit, *python(HOLD, "test-checkout-1"))
    assert (ended.returncode, ended.stdout) == (status, "created ['5', '6']\n")
    assert ("mockpos:   ✗ orphaned_hold in sandbox test-checkout-1" in ended.stderr) is (audit != ("--audit", "off"))
    assert "mockpos: coverage: 1 of " in ended.stderr
    assert "mockpos:   hold     1 of 23: held\n" in ended.stderr
    assert max(map(len, ended.stderr.splitlines())) <= 110


def test_a_failing_command_keeps_its_status_whatever_else_is_found() -> None:
    ended = exec_("--audit", "error", "--coverage-fail-under", "90", *python(f"{HOLD}\nsys.exit(5)"))
    assert ended.returncode == 5
    assert "orphaned_hold" in ended.stderr
    assert "error: --coverage-fail-under: 1.7% of the documented answers were met, 90% are asked for" in ended.stderr


def test_too_little_coverage_fails_the_run() -> None:
    assert exec_("--coverage-fail-under", "90", "--audit", "off", *python(HOLD)).returncode == 3
    assert exec_("--coverage-fail-under", "1.7", "--audit", "off", *python(HOLD)).returncode == 0


def test_the_help_tells_its_own_defaults_and_what_cannot_be_asked_for_together_is_refused() -> None:
    told = " ".join(exec_("--help").stdout.split())
    assert "[MOCKPOS_PORT; default 0]" in told
    assert "[MOCKPOS_SANDBOX_KEYS; default test-]" in told
    assert "[MOCKPOS_INVENTORY]" in told
    refused = exec_("--audit", "off", "--junit", "audit.xml", "--", "true")
    assert refused.returncode == 2
    assert "--junit writes the audit" in refused.stderr


def test_build_servers_get_junit_a_page_and_a_job_summary(tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    ended = exec_(
        "--junit", "audit.xml", "--coverage-html", "codes.html", *python(HOLD, "test-a|b"), cwd=tmp_path,
        GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    suite = ElementTree.parse(tmp_path / "audit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert "orphaned_hold: 2 of TG-1042" in ElementTree.tostring(suite, encoding="unicode")
    page = (tmp_path / "codes.html").read_text()
    assert "<code>listing_sold_out</code>" in page
    text = summary.read_text()
    assert text.startswith("before\n## mockpos: `")
    assert re.search(r"\| test-a-b-[0-9a-f]{4} \| `orphaned_hold` \| 2 of TG-1042", text)
    assert "**Coverage of codes**: 1 of " in text
    assert "| hold | 1 | " in text


def test_whatever_a_caller_or_command_is_called_is_text_in_a_job_summary() -> None:
    found = Finding("orphaned_hold", "g_1", "2 of A|B* `<b>[x]\\\x1b\nwere held", (), "s_1")
    summary = Summary(Audit([found]), Coverage(), {"operations": []}, 1)
    head, *rest = github_summary(summary, "pytest | `x`").splitlines()
    assert head == r"## mockpos: `pytest \| \`x\``"
    assert r"| s\_1 | `orphaned_hold` | 2 of A\|B\* \`\<b\>\[x\]\\  were held |" in rest


def test_options_and_environment_of_serve_reach_the_server(tmp_path: Path) -> None:
    program = """
import json, os, urllib.request
def get(path):
    headers = {"X-API-Key": "mine", "X-Mockpos-Token": os.environ["MOCKPOS_CONTROL_TOKEN"]}
    request = urllib.request.Request(os.environ["MOCKPOS_CONTROL_URL"] + path, headers=headers)
    return json.load(urllib.request.urlopen(request))
print(get("/scenario")["active"], get("/magic")["enabled"], os.environ["MOCKPOS_API_KEY"])
"""
    ended = exec_(
        "--scenario", "lost-answers", "--no-magic", "--host", "0.0.0.0", *python(program),
        cwd=tmp_path, MOCKPOS_API_KEY="mine",
    )  # fmt: skip
    assert ended.stdout == "lost-answers False mine\n", ended.stderr
    assert ended.returncode == 0


def test_an_inventory_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "mockpos", "seed", "--listings", "5", "--out", "mine.json"], cwd=tmp_path)
    before = (tmp_path / "mine.json").read_bytes()
    program = 'curl -s "$MOCKPOS_CONTROL_URL/listings"'
    ended = exec_("--inventory", "mine.json", "--", "sh", "-c", program, cwd=tmp_path)
    assert json.loads(ended.stdout)["total"] == 5
    assert (tmp_path / "mine.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine.json"]


KILL_SERVER = """
import os, signal, subprocess, urllib.request
pids = subprocess.run(["pgrep", "-P", str(os.getppid()), "-f", "mockpos serve"], capture_output=True, text=True).stdout
os.kill(int(pids.split()[0]), signal.SIGKILL)
"""


@pytest.mark.parametrize(("ending", "status"), [("", 1), ("raise SystemExit(9)", 9)])
def test_a_server_that_dies_under_the_command_is_told(ending: str, status: int) -> None:
    ended = exec_(*python(f"{KILL_SERVER}\nimport time; time.sleep(0.3)\n{ending}"))
    assert ended.returncode == status
    assert "error: the server ended under the command (signal 9)" in ended.stderr


WAITS = """
import os, signal, sys
came = []
def note(number, _):
    came.append(number)
signal.signal(signal.SIGTERM, note)
signal.signal(signal.SIGINT, note)
print(os.environ["MOCKPOS_URL"], flush=True)
while not came:
    signal.pause()
print(came, flush=True)
signal.signal(came[0], signal.SIG_DFL)
os.kill(os.getpid(), came[0])
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_goes_to_the_command_and_its_end_is_the_status(sign: signal.Signals) -> None:
    command = [*EXEC, *python(WAITS)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        process.send_signal(sign)
        assert process.stdout.read() == f"[{sign.value}]\n"
        assert process.wait(30) == 128 + sign
        assert "mockpos: audit: clean" in process.stderr.read()
    gone(url)


def test_a_signal_that_comes_at_once_is_the_commands_too() -> None:
    ended = exec_(
        "--audit=off", "--", "sh", "-c", "trap 'exit 9' TERM; kill -TERM $PPID; sleep 60 >/dev/null 2>&1 & wait"
    )
    assert ended.returncode == 9
    assert "mockpos: coverage:" in ended.stderr


def test_a_server_whose_start_is_interrupted_is_gone(tmp_path: Path) -> None:
    (slow := tmp_path / "slow").write_text('#!/bin/sh\necho "warning: $$" >&2\nexec sleep 60\n')
    slow.chmod(0o700)
    program = f"""
import sys
from mockpos.processes import ServerProcess
sys.executable = {str(slow)!r}
ServerProcess(on_warning=lambda line: print(line, flush=True))
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        server = int(process.stdout.readline().removeprefix("warning: "))
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_a_signal_that_interrupts_no_read_ends_a_start_too(tmp_path: Path) -> None:
    (slow := tmp_path / "slow").write_text('#!/bin/sh\necho "warning: $$" >&2\nexec sleep 60\n')
    slow.chmod(0o700)
    program = f"""
import signal, sys, threading
from mockpos.processes import ServerProcess
sys.executable = {str(slow)!r}
ServerProcess(on_warning=lambda line: signal.pthread_kill(threading.get_ident(), signal.SIGINT))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert "KeyboardInterrupt" in ended.stderr


def test_a_server_is_asked_to_stop_and_killed_only_where_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "server"
    monkeypatch.setattr("sys.executable", str(script))
    monkeypatch.setattr("mockpos.processes._STOP_S", 0.3)
    ends = []
    for first in ("", "trap '' TERM"):
        script.write_text(
            f"#!/bin/sh\n{first}\n"
            'while [ "$1" != --ready-file ]; do shift; done\necho http://there > "$2"\nexec sleep 60\n'
        )
        script.chmod(0o700)
        server = ServerProcess()
        server.stop()
        ends.append(server.exit_status)
    assert ends == [-signal.SIGTERM, -signal.SIGKILL]


def test_ctrl_c_at_a_terminal_reaches_the_command_once_and_the_server_not_at_all() -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(EXEC[0], [*EXEC, *python(WAITS)], os.environ)
    with os.fdopen(terminal, "r+b", buffering=0) as screen:
        shown = b""
        while b"\n" not in shown:
            shown += screen.read(1000)
        url = shown.decode().split()[0]
        screen.write(b"\x03")
        try:
            while True:
                shown += screen.read(1000)
        except OSError:  # the terminal is closed: all have ended
            pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert b"[2]\r\n" in shown
    assert b"mockpos: audit: clean" in shown
    gone(url)


def test_exec_itself_killed_leaves_no_server() -> None:
    with subprocess.Popen([*EXEC, *python(WAITS)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        child = int(subprocess.check_output(["pgrep", "-P", str(process.pid), "-f", "signal.pause"], text=True))
        process.kill()
        process.wait()
        gone(url)
        os.kill(child, signal.SIGKILL)


def test_a_server_that_is_kept_runs_on_and_is_named() -> None:
    ended = exec_("--keep", *python(HOLD, "test-kept"))
    assert ended.returncode == 0
    found = re.search(r"mockpos: the server is left running at (\S+) ; `kill (\d+)` stops it", ended.stderr)
    assert found is not None
    with connect(found[1]) as server:
        assert "test-kept" in [sandbox["name"] for sandbox in server.sandboxes()]
    os.kill(int(found[2]), signal.SIGTERM)
    gone(found[1])


def test_no_colour_where_none_is_wanted() -> None:
    assert "\x1b" not in exec_("--", "no-such-command", NO_COLOR="1").stderr
