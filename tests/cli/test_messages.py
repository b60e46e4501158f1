"""What a person gets wrong most: each message names the thing, the place and the way out."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import running_server
from tests.e2e.disks import bound_by_permissions


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


@pytest.mark.parametrize("words", ["serve --memory --port 0", "exec -- true", "seed --out x.json"])
def test_a_folder_that_is_gone_is_one_line(words: str, tmp_path: Path) -> None:
    in_it = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    command = ["sh", "-c", in_it, "sh", sys.executable, "-P", "-m", "mockpos", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: the folder that this was started in is gone; go to one that is there\n"


def test_where_nothing_may_be_written_the_way_out_is_one_that_works(tmp_path: Path) -> None:
    def said() -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mockpos", "serve", "--port", "0"],
            capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False, preexec_fn=bound_by_permissions,
        )  # fmt: skip
        assert done.returncode == 2
        return done.stderr

    tmp_path.chmod(0o555)
    assert "Where nothing may be written, `mockpos serve --memory` will do" in said()
    tmp_path.chmod(0o755)
    (tmp_path / "inventory.json").write_text("{}")
    tmp_path.chmod(0o555)
    assert "`mockpos serve --memory --inventory inventory.json` only reads it" in said()
    tmp_path.chmod(0o755)
