"""The README's commands, word for word, against a server such as ``make run`` starts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, RunningServer

README = (ROOT / "README.md").read_text()
BLOCKS = [block for block in re.findall(r"```sh\n(.*?)```", README, re.S) if "make run" not in block]

_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "MOMENT"),
    (re.compile(r"[0-9a-f]{8}-\d{6}"), "REQUEST"),
)


def steady(text: str) -> str:
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    return text.strip()


def run(command: str, folder: Path) -> str:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin", "ID": "demo-1"}
    done = subprocess.run(["sh", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_curls_of_the_first_minute_answer_as_the_readme_says(server: RunningServer) -> None:
    tried = 0
    for block in BLOCKS:
        for command, expected in re.findall(r"(curl .*?)\n# -> (.*?)\n", block, re.S):
            local = command.replace("localhost:8000", server.url.removeprefix("http://"))
            assert steady(run(local, server.folder)) == steady(expected)
            tried += 1
    assert tried == 7


def test_the_commands_for_an_own_inventory_work(tmp_path: Path) -> None:
    block = next(block for block in BLOCKS if "mockpos import" in block)
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    run(block, tmp_path)
    assert {"broker.json", "seeded.json", "tickets.csv"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_links_of_the_readme_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
