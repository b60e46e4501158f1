"""``mockpos ready`` and the ready file: whoever starts a server learns when it answers, and is never told a lie."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunningServer, running_server

MOCKPOS = (sys.executable, "-m", "mockpos")


def run(*words: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MOCKPOS, *map(str, words)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def test_a_ready_server_is_ready(server: RunningServer) -> None:
    ended = run("ready", "--url", server.url)
    assert (ended.returncode, ended.stdout) == (0, f"{server.url} is ready\n")
    assert run("ready", MOCKPOS_URL=server.url).returncode == 0
    assert run("ready", MOCKPOS_PORT=server.url.rpartition(":")[2], MOCKPOS_URL="").returncode == 0


@pytest.mark.parametrize("port", ["0", "", "http"])
def test_without_a_port_that_can_be_called_the_usual_one_is_meant(port: str) -> None:
    """As where a server was told to pick a port of its own."""
    ended = run("ready", MOCKPOS_PORT=port, MOCKPOS_URL="")
    assert (ended.stdout or ended.stderr).startswith("http://127.0.0.1:8000 is ")


def test_a_server_that_is_not_there_is_not_ready_and_is_named(closed_port: int) -> None:
    ended = run("ready", "--url", f"http://127.0.0.1:{closed_port}")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"http://127.0.0.1:{closed_port} is not ready: no answer (")
    assert run("ready", "--url", f"http://127.0.0.1:{closed_port}", "--quiet").stderr == ""


def test_something_else_on_the_port_is_not_ready() -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"], stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert other.stdout is not None
            port = other.stdout.readline().split(" port ")[1].split()[0]
            ended = run("ready", "--url", f"http://127.0.0.1:{port}")
            assert (ended.returncode, "it answers 404" in ended.stderr) == (1, True)
        finally:
            other.kill()


def test_waiting_ends_when_the_server_comes(tmp_path: Path, closed_port: int) -> None:
    waiting = subprocess.Popen([*MOCKPOS, "ready", "--url", f"http://127.0.0.1:{closed_port}", "--wait", "30s"])
    with running_server(tmp_path, "--memory", "--port", str(closed_port)):
        assert waiting.wait(30) == 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--url", "localhost:8000"), "--url localhost:8000: write it as http://HOST:PORT"),
        (("--url", "http://[::1"), "--url http://[::1: "),
        (("--wait", "30"), "--wait: '30' is not a duration"),
    ],
)
def test_what_is_no_url_or_duration_is_refused_with_the_way_out(words: tuple[str, ...], named: str) -> None:
    ended = run("ready", *words)
    assert ended.returncode == 2
    assert named in ended.stderr


STALE = "http://127.0.0.1:1"


@pytest.mark.parametrize("what", [("--inventory", "broken.json"), ("--port", "http"), ("--fixture", "none-such")])
def test_a_ready_file_of_an_earlier_run_is_gone_when_the_start_fails(tmp_path: Path, what: tuple[str, ...]) -> None:
    (tmp_path / "broken.json").write_text('{"listings": {')
    (tmp_path / "url.txt").write_text(STALE)
    options = {"--port": "0", what[0]: what[1]}
    ended = run("serve", "--ready-file", "url.txt", *(word for pair in options.items() for word in pair), cwd=tmp_path)
    assert ended.returncode == 2
    assert not (tmp_path / "url.txt").exists()


def test_a_ready_file_that_cannot_be_written_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in ("missing/url.txt", "folder", "/proc/url.txt"):
        ended = run("serve", "--memory", "--port", "0", "--ready-file", path, cwd=tmp_path)
        assert ended.returncode == 2, path
        assert f"--ready-file {path}: it cannot be written (" in ended.stderr
        assert "is ready" not in ended.stderr


def test_the_ready_file_goes_when_the_server_stops(tmp_path: Path) -> None:
    with running_server(tmp_path, "--memory") as server:
        assert (tmp_path / "ready.txt").read_text() == f"{server.url}\n"
        assert server.stop() == 0
    assert {path.name for path in tmp_path.iterdir()} == {"server.log"}


def test_the_url_can_be_written_to_a_pipe_and_the_end_of_input_stops_the_server(tmp_path: Path) -> None:
    command = [*MOCKPOS, "serve", "--memory", "--port", "0", "--ready-file", "/dev/stdout", "--stop-on-eof"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert run("ready", "--url", process.stdout.readline().strip()).returncode == 0
        process.stdin.close()
        assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_url_is_written_to_an_open_file_whose_name_stays(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w") as said:
        target = f"/dev/fd/{said.fileno()}"  # as /dev/stdout is, where the output goes to a file
        command = [*MOCKPOS, "serve", "--memory", "--port", "0", "--ready-file", target, "--stop-on-eof"]
        done = subprocess.run(command, cwd=tmp_path, input="", pass_fds=(said.fileno(),), timeout=60)
    assert done.returncode == 0
    assert (tmp_path / "said").read_text().startswith("http://127.0.0.1:")


def test_the_server_goes_with_the_program_that_started_it_even_if_that_is_killed(tmp_path: Path) -> None:
    program = """
import subprocess, sys, time
command = [sys.executable, *"-m mockpos serve --memory --port 0 --ready-file /dev/stdout --stop-on-eof".split()]
server = subprocess.Popen(command, stdin=subprocess.PIPE)
server.wait()
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        url = starter.stdout.readline().strip()
        assert run("ready", "--url", url).returncode == 0
        starter.kill()
        assert starter.stdout.read() == ""  # the server had the other end: it is gone
