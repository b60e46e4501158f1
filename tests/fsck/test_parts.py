"""A commit in parts, an import say: what a look and a start make of one that was cut off or damaged."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput
from mockpos.fsck.check import check
from mockpos.services.place_hold import place_hold
from mockpos.services.ports import Transaction
from mockpos.store.memory_store import MemoryStore
from tests.conftest import a_listing
from tests.fsck.looks import flip, found, kinds, notes, repaired
from tests.store.disk import Opener, crashed


def log_of(inventory: Path) -> Path:
    return inventory.with_name(inventory.name + ".log")


def import_in_parts(store: MemoryStore) -> None:
    """Change the price of every listing, and hold each, as one commit in parts."""

    def work(tx: Transaction, between: Callable[[], None]) -> None:
        for listing in tx.listings():
            tx.put(replace(listing, broker_notes="imported"))
            hold = place_hold(
                tx, remote_id=listing.remote_id, quantity=1, global_id=f"in-{listing.remote_id}", ttl_ms=9
            )
            assert hold

    store.long_transaction(work)


@pytest.fixture
def killed_in_parts(open_store: Opener, path: Path) -> Path:
    """An inventory that was killed with one commit of three parts in its log, after the line that commits it."""
    store = open_store(path, *[a_listing(f"TG-{number}") for number in range(80)])
    import_in_parts(store)
    copy = crashed(store, "copy")
    copy.with_name("inventory.json.lock").unlink()
    return copy


def test_parts_are_one_commit_however_they_are_counted(open_store: Opener, killed_in_parts: Path) -> None:
    start = check(killed_in_parts).report.start
    assert start is not None
    assert (start.replays, start.live_holds) == (1, 80)
    flip(log_of(killed_in_parts), 20)  # the header: all else is passed over
    (finding,) = found(killed_in_parts)
    assert (finding.passed, len(finding.global_ids)) == (1, 80)


def test_parts_of_what_was_never_committed_are_nobodys_loss(open_store: Opener, killed_in_parts: Path) -> None:
    log = log_of(killed_in_parts)
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    assert check(killed_in_parts).report.is_clean
    text = killed_in_parts.read_text().replace("120.00", "99.00")
    killed_in_parts.write_text(text)  # an edit while nobody serves it, with no commit to lose
    assert kinds(killed_in_parts) == []
    assert notes(killed_in_parts) == ["edited"]
    store = open_store(killed_in_parts)
    assert {str(listing.wholesale_price) for listing, _ in store.listings()} == {"99.00"}


def test_damage_among_parts_is_told_and_can_be_cut_off(open_store: Opener, killed_in_parts: Path) -> None:
    log = log_of(killed_in_parts)
    lines = log.read_bytes().splitlines(keepends=True)
    flip(log, sum(map(len, lines[:2])) + 30)
    (finding,) = found(killed_in_parts)
    assert (finding.kind, finding.line, finding.passed) == ("damaged_line", 3, 1)
    with pytest.raises(BadInput, match=r"log:3: damaged"):
        open_store(killed_in_parts)
    repaired(killed_in_parts)
    store = open_store(killed_in_parts)
    assert len(store.snapshot().live) == 0
