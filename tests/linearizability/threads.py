"""Bursts in one process: real threads on a store, or on the Flask application, without a socket."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from mockpos.domain.clock import Millis
from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import Change
from tests.conftest import ManualClock
from tests.linearizability.bursts import LISTINGS, TTL, Client
from tests.machine.calls import Body, Call, call
from tests.machine.compared_worlds import real_world, settings_of
from tests.machine.interfaces import HttpInterface, Interface, StoreInterface
from tests.machine.model import Policy

POLICY = Policy(ttl_ms=TTL)
MOST_CLIENTS = 6


class DoorClient:
    """A client of an open door, whose answers never get lost."""

    def __init__(self, door: Interface) -> None:
        self.door = door

    def send(self, made: Call) -> Body | None:
        return self.door.send(made)


@contextmanager
def opened_store(
    kind: type[MemoryStore], folder: Path, number: int, *, durable_on_disk: bool = False
) -> Iterator[MemoryStore]:
    """Open a fresh store of a kind, with a clock that stands still."""
    clock = SandboxClock(ManualClock())
    world = real_world(POLICY, *LISTINGS)
    if issubclass(kind, JsonFileStore):
        store: MemoryStore = kind(
            folder / f"{number}.json", clock, make_world=lambda: world, durable_on_disk=durable_on_disk
        )
    else:
        store = kind(world, clock)
    StoreInterface(store, clock, automator(store)).send(call("set_clock", freeze=True))
    dawdle(store)
    try:
        yield store
    finally:
        store.close()


def dawdle(store: MemoryStore, most_s: float = 0.0003) -> None:
    """Let every commit of a store take a while, as on a slow disk, so that other calls come while it lasts."""
    commit, chance = store.commit, Random(0)

    def slow(changes: Sequence[Change], at: Millis) -> None:
        time.sleep(chance.uniform(0, most_s))
        commit(changes, at)

    store.commit = slow  # type: ignore[method-assign]  # this one store's only


def store_clients(store: MemoryStore) -> list[Client]:
    """Return a keeper, and as many clients as a burst may have."""
    assert isinstance(store.clock, SandboxClock)
    return [DoorClient(StoreInterface(store, store.clock, automator(store))) for _ in range(1 + MOST_CLIENTS)]


def http_clients(store: MemoryStore) -> list[Client]:
    assert isinstance(store.clock, SandboxClock)
    door = HttpInterface(store, store.clock, ManualClock(), settings_of(POLICY))
    return [DoorClient(door.beside()) for _ in range(1 + MOST_CLIENTS)]


def automator(store: MemoryStore) -> Automator:
    return Automator(store, TTL, InvoicePolicy())
