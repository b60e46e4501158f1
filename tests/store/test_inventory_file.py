"""The JSON-file store: what is on disk, and that a call costs the same in any inventory."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from tinydb import TinyDB, where

from mockpos.domain.listing import Listing
from mockpos.store.commit_log import CommitLog
from mockpos.store.inventory_file import InventoryFile
from mockpos.store.memory_store import MemoryStore
from tests.conftest import NOON, ManualClock, a_listing, a_world
from tests.store.actors import TTL, assert_adds_up, automator, code_of, held, state_of, stock_of
from tests.store.disk import Opener, busy, files


def test_a_missing_file_is_made_from_a_world(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing("TG-1"), a_listing("TG-2", numbering=None)).close()

    assert files(path.parent).keys() == {"inventory.json"}
    again = open_store(path, a_listing("other"))
    assert [listing.remote_id for listing, _ in again.listings()] == ["TG-1", "TG-2"]


def test_plain_tinydb_reads_every_table(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    store.close()

    with TinyDB(path) as db:
        assert db.tables() == {"meta", "events", "listings", "holds", "invoices", "tombstones"}
        listing = db.table("listings").get(where("remote_id") == "TG-1")
        assert listing is not None
        assert (listing["available"], listing["held"], listing["sold"]) == (7, 2, 1)
        assert listing["free_seats"] == ["5", "9-14"]
        assert {hold["global_id"]: hold["status"] for hold in db.table("holds")} == {
            "a-0": "released", "a-1": "invoiced", "a-2": "held", "a-3": "held",
        }  # fmt: skip
        assert [invoice["invoice_id"] for invoice in db.table("invoices")] == ["INV-000001"]
        assert [tombstone["global_id"] for tombstone in db.table("tombstones")] == ["a-unknown"]


def test_tinydb_edits_the_file_through_our_storage(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing("TG-1"), a_listing("TG-2"), a_listing("TG-3")).close()

    with TinyDB(path, storage=InventoryFile) as db:
        listings = db.table("listings")
        listings.remove(where("remote_id") == "TG-2")
        kept = listings.get(doc_id=3)
        assert kept is not None, "documents keep their numbers"
        assert kept["remote_id"] == "TG-3"
        new = listings.insert({**kept, "remote_id": "TG-4"})
        listings.update({"quantity": 4, "wholesale_price": "77.00"}, doc_ids=[new])

    assert files(path.parent).keys() == {"inventory.json"}
    found = {listing.remote_id: listing.wholesale_price for listing, _ in open_store().listings()}
    assert found == {"TG-1": Decimal("120.00"), "TG-3": Decimal("120.00"), "TG-4": Decimal("77.00")}


def test_a_clean_stop_leaves_only_the_file_and_it_says_everything(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    before = state_of(store)
    store.close()

    assert files(path.parent).keys() == {"inventory.json"}
    assert state_of(open_store()) == before


def test_a_stop_without_commits_leaves_the_file_as_it_was(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing()).close()
    data = path.read_bytes()
    store = open_store()
    code_of(automator(store).hold, remote_id="nothing", quantity=1, global_id="g-1")
    store.close()

    assert files(path.parent) == {"inventory.json": data}


def test_a_hold_on_a_listing_beside_the_inventory_survives_a_stop_even_without_that_listing(
    open_store: Opener, path: Path, clock: ManualClock
) -> None:
    endless = a_listing("MOCK-OK", 1_000_000, numbering=None)
    own = a_listing("MOCK-OWN")  # in the inventory, whatever it is called
    store = open_store(path, a_listing(), own, built_in={"MOCK-OK": endless}.get)
    for global_id in ("g-1", "g-2", "g-3"):
        held(store, global_id, remote_id="MOCK-OK")
    held(store, "g-own", remote_id="MOCK-OWN")
    before = state_of(store)
    store.close()

    store = open_store()
    assert state_of(store) == before
    assert code_of(automator(store).release, global_id="g-1") == "ok"
    assert code_of(automator(store).invoice, global_id="g-2", order_id="o-2") == "ok"
    clock.advance(TTL)
    assert code_of(automator(store).release, global_id="g-3") == "ok"
    assert stock_of(store, "MOCK-OWN") == (4, 0, 0)
    assert_adds_up(store)


def test_a_commit_is_in_the_log_when_its_transaction_returns(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    log = path.with_name("inventory.json.log")
    seen = []
    pos = automator(store)
    for call in (
        lambda: pos.hold(remote_id="TG-1", quantity=2, global_id="wanted-g-1"),
        lambda: pos.invoice(global_id="wanted-g-1", order_id="wanted-o-1"),
        lambda: code_of(pos.release, global_id="wanted-unknown"),
        lambda: code_of(pos.release, global_id="wanted-unknown"),
        lambda: code_of(pos.hold, remote_id="TG-1", quantity=99, global_id="refused"),
    ):
        call()
        seen.append(log.read_bytes().count(b"\n"))

    assert seen == [2, 3, 4, 4, 4]
    assert b"wanted-o-1" in log.read_bytes()
    assert b"refused" not in log.read_bytes()


def test_leftovers_of_an_unfinished_write_are_gone_after_a_clean_stop(open_store: Opener, path: Path) -> None:
    open_store(path, a_listing()).close()
    for suffix in (".new", ".other.0", ".probe", ".log.new", ".lock"):
        path.with_name(path.name + suffix).write_text("left by a dead process")
    open_store().close()

    assert files(path.parent).keys() == {"inventory.json"}


def _bytes_of_a_hold(open_store: Opener, at: Path, *listings: Listing) -> int:
    store = open_store(at, *listings)
    size = store._log.size
    automator(store).hold(remote_id="TG-1", quantity=2, global_id="g-1")
    automator(store).invoice(global_id="g-1", order_id="o-1")
    return store._log.size - size


def test_a_call_writes_the_same_bytes_at_ten_and_at_twenty_thousand_listings(open_store: Opener, path: Path) -> None:
    few = [a_listing(f"TG-{number}") for number in range(10)]
    many = [a_listing(f"TG-{number}") for number in range(20_000)]

    assert _bytes_of_a_hold(open_store, path.with_name("few.json"), *few) == _bytes_of_a_hold(
        open_store, path.with_name("many.json"), *many
    )


def test_a_call_costs_the_same_on_a_listing_of_a_million_tickets(open_store: Opener, path: Path) -> None:
    small = _bytes_of_a_hold(open_store, path.with_name("small.json"), a_listing(quantity=9))
    large = _bytes_of_a_hold(open_store, path.with_name("large.json"), a_listing(quantity=1_000_000))
    assert large < small + 60


def test_a_call_looks_at_no_other_listing(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(*(a_listing(f"TG-{number}") for number in range(500)))
    store = MemoryStore(world, clock)
    looked_up: list[str] = []
    real = world.listings

    class Counting:
        def get(self, key: str) -> Listing | None:
            looked_up.append(key)
            return real.get(key)

        def __contains__(self, key: str) -> bool:
            looked_up.append(key)
            return key in real

    monkeypatch.setattr(world, "listings", Counting())
    pos = automator(store)
    pos.hold(remote_id="TG-7", quantity=2, global_id="g-1")
    pos.invoice(global_id="g-1", order_id="o-1")

    assert set(looked_up) == {"TG-7"}
    assert len(looked_up) < 10


def test_the_pieces_of_a_checkpoint_stay_small_when_little_of_much_is_written(open_store: Opener, path: Path) -> None:
    """Remembered holds without an invoice, and listings without an event, are looked at in pieces too."""
    from mockpos.store.tables import world_tables

    looked = 0
    store = open_store(path, *(a_listing(f"TG-{number}") for number in range(3000)))
    pos = automator(store)
    for number in range(2000):
        pos.hold(remote_id=f"TG-{number}", quantity=1, global_id=f"g-{number}")
        pos.release(global_id=f"g-{number}")
    for name, documents in world_tables(store.snapshot(), 1):
        assert not isinstance(documents, dict)
        looked += sum(1 for _ in documents) if name in ("events", "invoices") else 0

    assert looked == 5000, "what is left out is yielded too, as None"
    assert sum(1 for _ in store.checkpoint_in_slices()) > (3000 + 3000 + 2000 + 2000) // 16


def test_the_log_is_readable_line_by_line(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=10))
    busy(store)
    header, *commits = path.with_name("inventory.json.log").read_bytes().splitlines()
    assert header[9:11] == b"1 "
    assert json.loads(header[11:])["generation"] == 1
    for number, line in enumerate(commits, start=2):
        written, _, commit = line[9:].partition(b" ")
        assert int(written) == number
        assert json.loads(commit)["at"] == NOON
    assert isinstance(store._log, CommitLog)


def test_files_of_other_names_beside_an_inventory_are_nobodys_leftovers(open_store: Opener, path: Path) -> None:
    """A start removed whatever was called FILE.other and more."""
    open_store(path, a_listing()).close()
    own = [path.with_name(path.name + suffix) for suffix in (".other", ".other-copy", ".others.json", ".other.1.bak")]
    for each in own:
        each.write_text("mine")
    open_store().close()
    assert [each.read_text() for each in own] == ["mine"] * len(own)
