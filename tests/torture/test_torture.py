"""The torture itself, small: twenty kills, and every kind of moment is met."""

from pathlib import Path

import pytest

from tests.torture.campaign import Campaign, Plan
from tests.torture.inventories import SMALL
from tests.torture.kill_points import KillPoint
from tests.torture.run import Outcome, RunOptions, torture
from tests.torture.server_process import INVENTORY, ServerProcess

KILLS = 20
SEED = 20261123


@pytest.fixture(scope="module")
def tortured(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return torture(RunOptions(kills=KILLS, seed=SEED, between=(0.05, 0.6)), tmp_path_factory.mktemp("torture"))


def test_what_was_answered_survives_twenty_kills_and_nothing_else_does(tortured: Outcome) -> None:
    assert tortured.tally.findings == []
    assert tortured.tally.killed >= KILLS


@pytest.mark.parametrize("moment", KillPoint)
def test_every_kind_of_moment_was_met(tortured: Outcome, moment: KillPoint) -> None:
    assert tortured.tally.met[moment] >= 1, tortured.tally.met


def test_both_durabilities_and_whole_process_groups_were_met(tortured: Outcome) -> None:
    kinds = " ".join(tortured.tally.kills)
    assert all(word in kinds for word in ("durability os", "durability disk", "process group", "small", "large")), kinds


def test_answers_of_every_kind_were_compared_and_some_were_lost(tortured: Outcome) -> None:
    tally = tortured.tally
    answered = {"hold: success", "release: success", "invoice: success", "release: hold_not_found"}
    refused = {"hold: global_id_closed", "hold: listing_not_found", "invoice: order_id_conflict"}
    assert answered | refused <= tally.answers.keys()
    assert {"held", "released", "invoiced", "tombstone"} <= tally.confirmed.keys()
    assert sum(tally.lost_calls.values()) >= KILLS
    assert tally.other["clean stops after which the file alone was compared"] >= 1


def test_a_server_that_loses_commits_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_half_of_the_log(server: ServerProcess) -> Path:
        log = server.folder / f"{INVENTORY}.log"
        if log.exists():
            lines = log.read_bytes().splitlines(keepends=True)
            log.write_bytes(b"".join(lines[: 1 + len(lines) // 2]))
        return server.folder

    monkeypatch.setattr(ServerProcess, "keep_leftovers", lose_half_of_the_log)
    plan = Plan(
        number=1, seed=1, folder=tmp_path, inventory=SMALL, durability="os", callers=4, between=(0.2, 0.3),
        aims=[KillPoint.IMPORT, KillPoint.IMPORT],  # imports leave the log as it is, so that there is one
    )  # fmt: skip
    chapter = Campaign(plan, lambda: None)
    chapter.run()
    assert "not as answered" in {finding.kind for finding in chapter.tally.findings}
