"""From an empty folder: the wheel, pytest, a test file of five lines. And the wheel by tools that install nothing."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.conftest import run

FIVE_LINES = """
import requests
def test_hold(mockpos):
    order = {"remote_id": "TG-1042", "quantity": 2, "global_id": "g-1"}
    answer = requests.post(f"{mockpos.url}/v1/holds", json=order, headers={"X-API-Key": mockpos.api_key})
    assert answer.json()["seats"] == ["5", "6"]
"""


@pytest.mark.parametrize("version", ["pytest==7.4.4", "pytest==8.0.2", "pytest"])
def test_a_test_of_five_lines_is_green_and_leaves_nothing(
    install: Callable[..., Path], tmp_path: Path, version: str
) -> None:
    programs = install(version, "pytest-xdist", "requests")
    (tmp_path / "test_it.py").write_text(FIVE_LINES)
    for words in (("-n", "4"), ("--mockpos-coverage",)):
        done = subprocess.run(
            [programs / "pytest", "-p", "no:cacheprovider", *words], cwd=tmp_path, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(tmp_path)},
        )  # fmt: skip
        assert "1 passed, 1 warning" in done.stdout, done.stdout + done.stderr
        assert "orphaned_hold: 2 of TG-1042 were held for g-1" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["test_it.py"]


def test_uvx_and_pipx_run_it_without_installing_it(install: Callable[..., Path], wheel: Path, tmp_path: Path) -> None:
    programs = install("uv", "pipx")
    run(programs / "uvx", "--from", wheel, "mockpos", "exec", "--", "true", cwd=tmp_path)
    assert run(programs / "pipx", "run", "--spec", wheel, "mockpos", "--version", cwd=tmp_path).startswith("mockpos ")
    assert list(tmp_path.iterdir()) == []


def test_the_documentation_and_its_examples_are_in_the_wheel(programs: Path, tmp_path: Path) -> None:
    fetch = 'for path in /llms-full.txt /docs/tests; do curl -sf "$MOCKPOS_URL$path"; done'
    text = run(programs / "mockpos", "exec", "--", "sh", "-ec", fetch, cwd=tmp_path)
    assert "# Control calls" in text
    assert "class Checkout" in text


def test_the_extra_for_agents_installs_and_answers(wheel: Path, install: Callable[..., Path]) -> None:
    programs = install("mcp>=2.1,<3")
    asked = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
        },
    }  # fmt: skip
    done = subprocess.run(
        [programs / "mockpos", "mcp"], input=json.dumps(asked) + "\n", capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout.splitlines()[0])["result"]["serverInfo"]["name"] == "mockpos", done.stderr
