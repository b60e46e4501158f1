"""``mockpos import``: what people read, and what happens to their files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockpos.cli import cli
from tests.conftest import ROOT

HEAD = "TicketID,Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost"
PLAIN = "K1,Larch Owls,Larch Hall,05/14/2034,7:30PM,4,110,C,5,8,45.00"


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "mockpos", "import", *arguments], cwd=folder, input=stdin, capture_output=True
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def write(folder: Path, *rows: str, name: str = "stock.csv", head: str = HEAD) -> str:
    (folder / name).write_text("\n".join([head, *rows, ""]))
    return name


def test_a_good_file_is_imported_and_what_is_not_used_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, write(tmp_path, f"{PLAIN},x,y", head=f"{HEAD},Edit,Hide_seat"))
    assert done.returncode == 0
    assert done.stdout == "inventory.json: 1 added\n"
    assert done.stderr == "note: columns that are not used: Edit, Hide_seat (--columns lists those that are)\n"


def test_standard_input_is_read_as_what_it_looks_like(tmp_path: Path) -> None:
    text = f"{HEAD}\n{PLAIN}\n"
    assert run(tmp_path, "-", stdin=text.encode()).stdout == "inventory.json: 1 added\n"
    assert (
        run(tmp_path, "-", "--update", stdin=text.replace(",", "\t").encode()).stdout == "inventory.json: 1 unchanged\n"
    )
    listing = [{"remote_id": "J1", "section": "1", "quantity": 2, "wholesale_price": 5}]
    assert run(tmp_path, "-", "--update", stdin=json.dumps(listing).encode()).stdout == "inventory.json: 1 added\n"
    assert "standard input: the file is empty" in run(tmp_path, "-").stderr


def test_skipping_bad_rows_until_nothing_is_left_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, write(tmp_path, PLAIN.replace(",4,", ",x,")), "--skip-bad-rows")
    assert done.returncode == 2
    assert "1 of 1 row is bad; no row is left, so nothing was imported. Correct them" in done.stderr
    assert not (tmp_path / "inventory.json").exists()


def test_columns_can_be_mapped_and_filled(tmp_path: Path) -> None:
    name = write(tmp_path, PLAIN, head=HEAD.replace("Event,", "Show,").replace("Venue", "Where"))
    refused = run(tmp_path, name)
    assert refused.returncode == 2
    assert "2 required columns are missing: Event, Venue" in refused.stderr
    assert run(tmp_path, name, "--map", "Event=show", "--default", "Venue=Larch Hall").returncode == 0
    assert '"name":"Larch Hall"' in (tmp_path / "inventory.json").read_text()


def test_the_columns_are_listed_within_80_signs(tmp_path: Path) -> None:
    shown = run(tmp_path, "--columns").stdout
    assert "EventDate  (required)" in shown
    assert "also: TicketGroupID, RemoteID, InventoryID" in shown
    assert max(map(len, shown.splitlines())) <= 80
    listed = json.loads(run(tmp_path, "--columns", "--json").stdout)
    assert {"column", "also", "required", "from", "meaning", "example"} == set(listed[0])


def test_without_a_file_the_usage_is_told(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert "Missing argument 'FILE'; - is standard input." in done.stderr


@pytest.mark.parametrize("where", ["header", "cell", "name"])
def test_nothing_of_a_file_reaches_the_terminal_as_a_command(tmp_path: Path, where: str) -> None:
    escape = "\x1b]0;owned\x07\x1b[2J"
    head = f"{HEAD},Bad{escape}" if where == "header" else HEAD
    row = PLAIN.replace(",4,", f",{escape},") if where == "cell" else PLAIN
    name = f"sto{escape}ck.csv" if where == "name" else "stock.csv"
    done = run(tmp_path, write(tmp_path, row, name=name, head=head))
    done_again = run(tmp_path, name)
    for text in (done.stdout, done.stderr, done_again.stderr):
        assert "\x1b" not in text
        assert "\x07" not in text


@pytest.mark.parametrize(
    ("kind", "count", "told"),
    [("csv", 5, ["left out: 1 retired listings", "not carried by this format: holds, releases"]), ("json", 6, [])],
)
def test_an_export_says_what_it_leaves_out(kind: str, count: int, told: list[str]) -> None:
    world = ROOT / "tests" / "golden" / "world.json"
    done = CliRunner().invoke(cli, ["export", "--inventory", str(world), "--format", kind])
    first, *rest = done.stderr.splitlines()
    assert first == f"standard output: {count} listings"
    assert [line.startswith(start) for line, start in zip(rest, told, strict=True)] == [True] * len(told)
