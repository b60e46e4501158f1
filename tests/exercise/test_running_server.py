"""Against a server that runs already: again and again, over any inventory, without a trace but what it sold."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockpos.cli import main
from mockpos.exercise.cases import Needs
from tests.conftest import RunningServer, running_server

ESCAPE = "\x1b"


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("arena"), "--quiet", "--fixture", "tiny") as server:
        yield server


def not_tried(told: dict) -> dict[tuple[str, str], str]:
    return {
        (pair["operation"], pair["code"]): way["why"]
        for pair in told["pairs"]
        for way in pair["ways"]
        if way["result"] == "not_tried"
    }


def test_it_can_be_run_again_and_again(exercise, arena: RunningServer) -> None:
    for _ in range(2):
        done = exercise("--url", arena.url, "--json")
        told = json.loads(done.out)
        assert done.status == 0, done.out
        assert told["pairs_missed"] == told["ways"]["failed"] == 0
        needs = (Needs.DISABLED_KEY, Needs.RATE_LIMIT, Needs.SHORT_TTL)
        assert set(not_tried(told).values()) == {f"needs a server started with {need}" for need in needs}


def test_an_operation_can_be_exercised_alone(exercise, arena: RunningServer) -> None:
    told = json.loads(exercise("--url", arena.url + "/", "--json", "--only", "release").out)
    assert {pair["operation"] for pair in told["pairs"]} == {"release"}


def test_the_matrix_is_plain_text_in_a_pipe(exercise, arena: RunningServer) -> None:
    done = exercise("--url", arena.url, "--only", "invoice")
    assert done.status == 0
    assert ESCAPE not in done.out + done.err
    assert done.err == ""
    assert re.search(r"^ +410 +hold_expired +\? hold, wait.* ✓ MOCK-EXPIRES-AT-ONCE +✓ *$", done.out, re.MULTILINE)
    assert re.search(r"^ +422 +invoice_rejected +- +✓ MOCK-INVOICE_REJECTED +✓ *$", done.out, re.MULTILINE)
    assert re.search(r"^✓ 18 of 18 pairs met; \d+ ways worked, 3 could not be tried here$", done.out, re.MULTILINE)
    assert "? invoice hold_expired by plain state: hold, wait; --hold-ttl 1ms: needs a server started with" in done.out


def test_a_terminal_gets_colour_unless_it_wants_none(arena: RunningServer) -> None:
    def shown(**environment: str) -> str:
        command = [sys.executable, "-m", "mockpos", "exercise", "--url", arena.url, "--only", "release"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert f"{ESCAPE}[32m✓" in shown(FORCE_COLOR="1", TERM="xterm-256color", COLUMNS="200")
    assert not re.search(rf"{ESCAPE}\[3\d", shown(FORCE_COLOR="1", NO_COLOR="1", TERM="xterm-256color"))


def test_what_another_inventory_lacks_is_no_failure(exercise, tmp_path: Path) -> None:
    inventory = tmp_path / "mine.json"
    main(["seed", "--listings", "2", "--seed", "7", "--out", str(inventory)])
    with running_server(tmp_path, "--quiet", "--inventory", str(inventory)) as server:
        done = exercise("--url", server.url, "--json", "--only", "hold")
        server.stop()
    assert done.status == 0, done.out
    lacking = not_tried(json.loads(done.out))
    assert lacking["hold", "listing_retired"] == "TG-RETIRED is not there as in the shipped worlds: listing_not_found"
    assert {code for _, code in lacking} == {
        *("listing_retired", "listing_not_for_sale", "listing_sold_out", "insufficient_quantity"),
        *("held_by_another", "invalid_split", "key_not_allowed", "rate_limited"),
    }


def test_an_active_scenario_does_not_reach_the_plain_ways_and_no_hold_is_left(exercise, tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("name: mine\nrules:\n  - {id: no, on: hold, when: {remote_id: 'TG-*'}, respond: pos_timeout}\n")
    with running_server(tmp_path, "--quiet", "--scenario", str(scenario)) as server:
        done = exercise("--url", server.url, "--json")
        assert server.stop() == 0
    assert done.status == 0, done.out
    holds = json.loads((tmp_path / "inventory.json").read_text())["holds"].values()
    ends = {hold["status"] for hold in holds}
    assert ends <= {"released", "invoiced", "expired"}
    assert ends


def test_with_magic_turned_off_its_ways_fail_and_say_so(exercise, tmp_path: Path) -> None:
    with running_server(tmp_path, "--quiet", "--no-magic") as server:
        done = exercise("--url", server.url, "--only", "release")
    assert done.status == 1
    assert "was the server started with --no-magic?" in done.out
    assert "13 of 13 pairs met" in done.out
