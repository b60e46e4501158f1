"""The torture itself, small: twenty kills, and every kind of moment is met."""

from pathlib import Path

import pytest

from tests.torture.campaign import Campaign, Plan
from tests.torture.inventories import SMALL
from tests.torture.kill_points import KillPoint
from tests.torture.run import RunOptions, torture
from tests.torture.server_process import INVENTORY, ServerProcess

KILLS = 20
SEED = 20261123


def test_what_was_answered_survives_twenty_kills_of_every_kind_and_nothing_else_does(real_disk: Path) -> None:
    tally = torture(RunOptions(kills=KILLS, seed=SEED, between=(0.05, 0.6)), real_disk).tally
    assert tally.findings == []
    assert tally.killed >= KILLS
    assert set(KillPoint) <= set(+tally.met), "every kind of moment was met"

    kinds = " ".join(tally.kills)
    assert all(word in kinds for word in ("durability os", "durability disk", "process group", "small", "large")), kinds

    answered = {"hold: success", "release: success", "invoice: success", "release: hold_not_found"}
    refused = {"hold: global_id_closed", "hold: listing_not_found", "invoice: order_id_conflict"}
    assert answered | refused <= tally.answers.keys()
    assert {"held", "released", "invoiced", "tombstone"} <= tally.confirmed.keys()
    assert sum(tally.lost_calls.values()) >= KILLS
    assert tally.other["clean stops after which the file alone was compared"] >= 1


def test_a_server_that_loses_commits_is_found_out(real_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_half_of_the_log(server: ServerProcess) -> Path:
        log = server.folder / f"{INVENTORY}.log"
        if log.exists():
            lines = log.read_bytes().splitlines(keepends=True)
            log.write_bytes(b"".join(lines[: 1 + len(lines) // 2]))
        return server.folder

    monkeypatch.setattr(ServerProcess, "keep_leftovers", lose_half_of_the_log)
    plan = Plan(
        number=1, seed=1, folder=real_disk, inventory=SMALL, durability="os", callers=4, between=(0.2, 0.3),
        aims=[KillPoint.IMPORT, KillPoint.IMPORT],  # imports leave the log as it is, so that there is one
    )  # fmt: skip
    chapter = Campaign(plan, lambda: None)
    chapter.run()
    assert "not as answered" in {finding.kind for finding in chapter.tally.findings}
