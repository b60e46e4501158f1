"""The README's commands, word for word, at today and with the machine's clock far ahead; and its links."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, RunningServer, running_server

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.S)
CURLS = [found for block in BLOCKS for found in re.findall(r"(curl .*?)\n# -> (.*?)\n", block, re.S)]
LOOKS = next(block for block in BLOCKS if "mockpos audit" in block)
PAGES = ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]

_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "MOMENT"),
    (re.compile(r"[0-9a-f]{8}-\d{6}"), "REQUEST"),
)


def steady(text: str) -> str:
    for pattern, name in _VOLATILE:
        text = pattern.sub(name, text)
    return text.strip()


def run(command: str, folder: Path, purchase: str = "demo-1", **more: str) -> str:
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    environment = {"PATH": path, "ID": purchase, "NO_COLOR": "1", **more}
    done = subprocess.run(["sh", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def at(server: RunningServer, command: str) -> str:
    return command.replace("localhost:8000", server.url.removeprefix("http://"))


def test_the_curls_answer_as_the_readme_says(server: RunningServer) -> None:
    assert len(CURLS) == 4
    for command, expected in CURLS:
        assert steady(run(at(server, command), server.folder)) == steady(expected)


LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), Path("libfaketime.so.1"))


def days_later(days: int) -> dict[str, str]:
    return {"LD_PRELOAD": str(LIBRARY), "FAKETIME": f"+{days}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"} if days else {}


def inventory_of_today(folder: Path) -> None:
    with running_server(folder) as server:
        run(at(server, CURLS[0][0]), folder, "demo-today")
        server.stop()


@pytest.mark.parametrize("begun", ["then", "today"])
@pytest.mark.parametrize("days", [0, 20, 400])
def test_every_call_and_command_works_on_a_new_inventory_and_on_that_of_today(
    tmp_path: Path, days: int, begun: str
) -> None:
    later = days_later(days)
    if begun == "today":
        inventory_of_today(tmp_path)
    with running_server(tmp_path, **later) as server:
        hold, invoice, release, forced = (
            run(at(server, command), tmp_path, f"demo-{days}", **later) for command, _ in CURLS
        )
        looks = run(LOOKS, tmp_path, MOCKPOS_URL=server.url, COLUMNS="80", **later)
        year = subprocess.run(["date", "+%Y"], env={**os.environ, **later}, capture_output=True, text=True).stdout
    assert '"status":"held"' in hold
    assert f'"held_at":"{year.strip()}' in hold
    assert '"status":"invoiced"' in invoice
    assert '"code":"hold_already_invoiced"' in release
    assert '"code":"held_by_another"' in forced
    assert "clean" in looks
    assert "are over" not in server.log.read_text()


@pytest.mark.parametrize("days", [0, 20, 400])
def test_the_commands_for_an_own_inventory_work(tmp_path: Path, days: int) -> None:
    block = next(block for block in BLOCKS if "mockpos import" in block)
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    run(block, tmp_path, **days_later(days))
    assert {"broker.json", "seeded.json", "tickets.csv"} <= {path.name for path in tmp_path.iterdir()}
    with running_server(tmp_path, "--inventory", "broker.json", **days_later(days)) as server:
        assert server.stop() == 0


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_the_rooms_that_architecture_names_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    package = ROOT / "mockpos"
    names = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9]+)*(?:\.py|/))`", text)
    known = {path.name for path in package.rglob("*.py")}
    for name in names:
        there = (package / name).exists() or (ROOT / name).exists() or name.rpartition("/")[2] in known
        assert there, f"docs/architecture.md names {name}"
    assert len(names) > 50
