"""Runs the examples of the guide "Prototype your automator in an afternoon", and writes down what they print.

``python -m tests.conformance.guide`` writes them anew.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner

from mockpos.cli import cli
from mockpos.web.docs.guides import COMMANDS, PRINTED
from tests.conftest import ROOT, running_server

_SAME = (
    (r"run [0-9a-z]{6}", "run k3x9ab"),
    (r"seed \d+", "seed 4711"),
    (r"\S+mockpos-conform-[0-9a-z]{6}\.jsonl", "/tmp/mockpos-conform-k3x9ab.jsonl"),
    (r"cf-[0-9a-z]{6}-", "cf-k3x9ab-"),
    (r"in \d+ ms", "in 2 ms"),
    (r" +\d+\.\d{3} s  ", "      0.010 s  "),
    (r"some \d+ s", "some 2 s"),
    (r"\d+ tickets were bought", "6 tickets were bought"),  # who wins a race of invoice and release differs
    (r"lives 90[01] s", "lives 900 s"),
    (r"\bof \d{4}-\d\d-\d\d,", "of 2026-11-30,"),
    (r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)", "2026-11-30T12:00:00.000Z"),
)


def made() -> dict[str, str]:
    """Run every command of the guide that prints something worth showing; return what they print, by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_server(folder, "--memory") as mock, _minimal() as minimal:
            there = {"http://127.0.0.1:8000": mock.url, "http://127.0.0.1:8700": minimal}
            return {name: _printed(command, there, folder) for name, command in COMMANDS.items()}


def _printed(command: str, there: dict[str, str], folder: Path) -> str:
    words = command.split()[1:]
    words = [there.get(word, str(folder / word) if word.endswith((".html", ".xml")) else word) for word in words]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code in (0, 3), f"{command}: {done.output}{done.exception}"
    text = done.output.replace(f"{folder}/", "")
    for shown, real in there.items():
        text = text.replace(real, shown)
    for pattern, same in _SAME:
        text = re.sub(pattern, same, text)
    return text.rstrip("\n")


@contextmanager
def _minimal() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "examples/minimal_automator.py"), "4711=12", "4712=4"]
    environment = {**os.environ, "API_KEY": "secret", "PORT": str(port)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    continue
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


if __name__ == "__main__":
    PRINTED.write_text(json.dumps(made(), indent=1, ensure_ascii=False) + "\n", "utf-8")
