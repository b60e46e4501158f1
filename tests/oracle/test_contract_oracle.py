from pathlib import Path

import pytest

from tests.conftest import running_server
from tests.oracle.compare import compare
from tests.oracle.contract import Contract
from tests.oracle.listing import Listing

MUST_MEET = {
    ("hold", "held"), ("hold", "global_id_conflict"), ("hold", "global_id_closed"), ("hold", "listing_not_found"),
    ("hold", "held_by_another"), ("hold", "insufficient_quantity"), ("hold", "invalid_split"),
    ("hold", "listing_sold_out"), ("release", "released"), ("release", "hold_not_found"),
    ("release", "hold_already_invoiced"), ("invoice", "invoiced"), ("invoice", "hold_not_found"),
    ("invoice", "hold_expired"), ("invoice", "hold_released"), ("invoice", "order_id_conflict"),
}  # fmt: skip


@pytest.mark.parametrize("policy", ["strict", "reacquire"])
def test_a_thousand_random_steps_are_answered_as_the_contract_says(tmp_path: Path, policy: str) -> None:
    with running_server(tmp_path, "--lapsed-hold", policy, "--quiet") as server:
        port = int(server.url.rpartition(":")[2])
        seen = compare(port, seed=7, steps=500, policy=policy) + compare(port, seed=8, steps=500, policy=policy)
    assert MUST_MEET - set(seen) == set()


def test_a_wrong_world_does_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def highest_first(listing: Listing, quantity: int) -> list[int]:
        return listing.free[-quantity:]

    monkeypatch.setattr(Listing, "pick", highest_first)
    with running_server(tmp_path, "--quiet") as server, pytest.raises(AssertionError, match="seats"):
        compare(int(server.url.rpartition(":")[2]), seed=7, steps=200, policy="strict")


def test_a_forgotten_tombstone_does_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = Contract.release

    def forgetful(contract: Contract, global_id: str) -> object:
        answer = release(contract, global_id)
        contract.tombstones.clear()
        return answer

    monkeypatch.setattr(Contract, "release", forgetful)
    with running_server(tmp_path, "--quiet") as server, pytest.raises(AssertionError, match="global_id_closed"):
        compare(int(server.url.rpartition(":")[2]), seed=7, steps=500, policy="strict")
