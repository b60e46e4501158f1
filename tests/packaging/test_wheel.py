"""The wheel alone: without the repository, without development packages, in an empty folder."""

import json
import subprocess
import time
from pathlib import Path
from urllib.request import Request, urlopen

from tests.packaging.conftest import run


def test_it_serves_the_first_call_of_the_readme(programs: Path, tmp_path: Path) -> None:
    ready = tmp_path / "url.txt"
    process = subprocess.Popen(
        [programs / "mockpos", "serve", "--memory", "--port", "0", "--quiet", "--ready-file", ready], cwd=tmp_path
    )
    try:
        deadline = time.monotonic() + 30
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        body = json.dumps({"remote_id": "TG-1042", "quantity": 2, "global_id": "demo-1"}).encode()
        headers = {"X-API-Key": "mockpos-dev-key", "Content-Type": "application/json"}
        with urlopen(Request(f"{ready.read_text().strip()}/v1/holds", body, headers)) as answer:
            assert json.load(answer)["status"] == "held"
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert list(tmp_path.iterdir()) == []


def test_every_command_has_its_help(programs: Path) -> None:
    text = run(programs / "mockpos", "--help").rpartition("--help")[2]
    text = text.partition("\n")[2]  # behind the options stand the commands, section by section
    names = [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "]
    assert len(names) > 15
    for name in names:
        assert "Usage: mockpos" in run(programs / "mockpos", name, "--help")


def test_it_exercises_every_response(programs: Path, tmp_path: Path) -> None:
    run(programs / "mockpos", "exercise", cwd=tmp_path)
