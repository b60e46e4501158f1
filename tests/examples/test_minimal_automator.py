"""The minimal example: short enough for one reading, and started as its first lines say. The kit passes it."""

import os
import re
import socket
import subprocess
import sys
import time

from click.testing import CliRunner

from mockpos.cli import cli
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples/minimal_automator.py"
MOST_LINES = 120


def test_it_is_short_enough_for_one_reading() -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= MOST_LINES


def test_it_starts_as_its_first_lines_say_and_the_kit_passes_it() -> None:
    started = re.search(r"API_KEY=(\w+) python (\S+) (.+)", EXAMPLE.read_text())
    judged = re.search(r"mockpos (conform) http://127.0.0.1:8700 (.+)", EXAMPLE.read_text())
    assert started
    assert judged
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / started[2]), *started[3].split()]
    environment = {**os.environ, "API_KEY": started[1], "PORT": str(port)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            words = [judged[1], f"http://127.0.0.1:{port}", *judged[2].split(), "--sold-out", "none"]
            done = CliRunner().invoke(cli, words, catch_exceptions=False)
        finally:
            process.terminate()
    assert "✗" not in done.output, done.output
    assert done.exit_code == 3, done.output  # its codes are nowhere written down, and 900 s are too long to wait for
    assert re.findall(r"cannot test ([A-Z0-9, -]+):", done.output) == ["DOC-01"], done.output


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            continue
        return
    raise AssertionError("it does not start")
