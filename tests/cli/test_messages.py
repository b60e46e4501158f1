"""What a person gets wrong most: each message names the thing, the place and the way out."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import running_server


def mockpos(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockpos", *words], capture_output=True, text=True, cwd=cwd, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("serve --hold-ttl 30", "did you mean 30s? write it as 250ms"),
        ("clock advance 5", "did you mean 5s?"),
        ("clock advance -5m", "`mockpos clock set MOMENT` sets it back"),
        ("serve --inventory nowhere/x.json", "there is no folder nowhere; make it first: mkdir -p nowhere"),
        ("seed --out nowhere/x.json", "there is no folder nowhere; make it first"),
        ("import in.csv --inventory nowhere/x.json", "there is no folder nowhere; make it first"),
        ("serve --inventory in.csv", "`mockpos import in.csv`"),
        ("serve --inventory foreign.json", "no inventory: its tables are _default"),
    ],
)
def test_each_message_names_the_way_out(words: str, says: str, tmp_path: Path) -> None:
    csv = "Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost,TicketID\n"
    (tmp_path / "in.csv").write_text(csv + "A,B,2030-01-01,20:00,2,1,1,1,2,10,T-1\n")
    foreign = tmp_path / "foreign.json"
    foreign.write_text('{"_default": {"1": {"a": 1}}}')
    done = mockpos(*words.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert foreign.read_text() == '{"_default": {"1": {"a": 1}}}'


@pytest.mark.parametrize("content", ["", "{}", '{"listings": {}}'])
def test_an_inventory_without_listings_is_not_served_without_a_word(content: str, tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    file.write_text(content)
    with running_server(tmp_path, "--inventory", str(file)) as server:
        said = server.log.read_text()
    assert "holds no listings" in said
    assert "mockpos import" in said


def test_an_import_into_a_file_that_is_served_names_the_command_for_the_server(tmp_path: Path) -> None:
    csv = tmp_path / "in.csv"
    columns = "Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost,TicketID\n"
    csv.write_text(columns + "A,B,2030-01-01,20:00,2,1,1,1,2,10,T-1\n")
    file = tmp_path / "served.json"
    with running_server(tmp_path, "--inventory", str(file), "--fixture", "tiny"):
        done = mockpos("import", "in.csv", "--update", "--inventory", str(file), cwd=tmp_path)
    assert done.returncode == 2
    assert "mockpos listings import in.csv --mode update" in done.stderr


TOO_LONG = "a" * 5_000


@pytest.mark.parametrize(
    "words",
    [
        ("seed", "--out", TOO_LONG), ("seed", "--force", "--out", ""),
        ("export", "out.csv", "--inventory", TOO_LONG), ("fsck", TOO_LONG),
        ("import", "in.csv", "--inventory", TOO_LONG), ("serve", "--inventory", TOO_LONG),
        ("serve", "--memory", "--scenarios", TOO_LONG), ("serve", "--memory", "--contract", TOO_LONG),
        ("contract", "check", TOO_LONG), ("conform", "verify", TOO_LONG),
        ("scenarios", "plan", "lost-answers", "--global-ids", "/proc/self/mem"),
    ],
    ids=lambda words: " ".join(word[:20] for word in words),
)  # fmt: skip
def test_a_path_that_no_file_can_have_is_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    csv = "Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost,TicketID\n"
    (tmp_path / "in.csv").write_text(csv + "A,B,2030-01-01,20:00,2,1,1,1,2,10,T-1\n")
    done = mockpos(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
