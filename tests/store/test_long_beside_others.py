"""A long transaction beside others that change what it rests on, or the files under it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mockpos.domain.clock import Millis
from mockpos.domain.event import Event, Venue
from mockpos.domain.listing import Listing
from mockpos.services import pos
from mockpos.services.import_listings import ImportMode, import_listings
from mockpos.services.ports import Transaction
from mockpos.store import long_transaction
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import Change, World
from tests.conftest import ManualClock, a_listing, a_world
from tests.store.actors import state_of
from tests.store.disk import crashed
from tests.store.test_long_transactions import LISTINGS, Between, Turns, make_cheap


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def store(clock: ManualClock, turns: Turns, tmp_path: Path) -> JsonFileStore:
    (tmp_path / "s").mkdir()
    return JsonFileStore(tmp_path / "s" / "i.json", clock, make_world=lambda: a_world(*LISTINGS), in_slices=turns)


def sell_free(tx: Transaction, between: Between) -> bool:
    """Sell two tickets of TG-5, if there is such a listing."""
    between()
    listing = tx.listing("TG-5")
    if listing is not None:
        pos.sell_held(tx, listing, 2, between)
        between()
    return listing is not None


def delete(store: MemoryStore, remote_id: str) -> None:
    with store.transaction() as tx:
        tx.drop_listing(remote_id)


def test_a_sale_is_done_again_when_its_listing_was_deleted_meanwhile(
    store: JsonFileStore, clock: ManualClock, turns: Turns
) -> None:
    turns.others = [lambda: None, lambda: delete(store, "TG-5")]
    assert not store.long_transaction(sell_free), "there is nothing to sell any more"
    assert (store.world.sold, store.world.stock.get("TG-5")) == (0, None)
    expected = state_of(store)
    again = JsonFileStore(crashed(store, "c"), clock)
    assert state_of(again) == expected
    again.close()
    store.close()


def test_an_event_stays_the_same_for_all_its_listings(store: JsonFileStore, clock: ManualClock, turns: Turns) -> None:
    known = Event("EV-1", "Known", Venue("Hall"), date(2027, 5, 1))
    store.replace_world(a_world(*[replace(listing, event=known) for listing in LISTINGS]))
    moved = replace(known, name="Moved")
    sent = [replace(listing, event=moved) for listing in LISTINGS]
    turns.others = [lambda: None] * 50 + [lambda: add(store, a_listing("TG-late", 4, event=known))]

    def bring(tx: Transaction, between: Between) -> None:
        import_listings(tx, sent, mode=ImportMode.UPDATE, current=tx.listings(), between=between)

    store.long_transaction(bring)
    assert {listing.event.name for listing, _ in store.listings() if listing.event} == {"Moved"}
    expected = state_of(store)
    again = JsonFileStore(crashed(store, "c"), clock)
    assert state_of(again) == expected
    again.close()
    store.close()


def add(store: MemoryStore, listing: Listing) -> None:
    with store.transaction() as tx:
        tx.put(listing)


class Listener:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def committed(self, changes: Sequence[Change], at: Millis, world: World) -> None:
        self.told.append(f"{len(changes)} changes")

    def replaced(self, world: World) -> None:
        self.told.append("another world")


def test_nobody_is_told_of_a_world_after_another_took_its_place(
    store: JsonFileStore, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_transaction, "_TOLD_AT_ONCE", 100)
    listener = store.commit_listener = Listener()

    def replace_it() -> None:
        if listener.told == ["100 changes"]:
            turns.others.clear()
            store.replace_world(a_world(*LISTINGS[:20]))

    turns.others = [replace_it] * 5000
    store.long_transaction(make_cheap)
    assert listener.told == ["100 changes", "another world"]
    store.close()


def test_the_world_that_was_replaced_is_given_up_not_one_before_it(store: JsonFileStore, turns: Turns) -> None:
    """While a restore writes its file an import commits, which makes another world of the one in use."""
    kept, worlds = store.snapshot(), [store.world]

    def bring() -> None:
        turns.others.clear()
        store.long_transaction(make_cheap)
        worlds.append(store.world)

    turns.others = [bring]
    store.replace_world(kept.copy())
    first, imported = worlds
    assert imported.listings.get("TG-2") is None
    assert first.listings.get("TG-2") == store.world.listings.get("TG-2") == LISTINGS[1]
    store.close()
