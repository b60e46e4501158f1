"""Contract rule 8 with real threads in one process: on every store, and on the application as any WSGI server has it.

``MOCKPOS_BURSTS`` and ``MOCKPOS_SEED`` are for it as for ``test_over_http.py``.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from tests.conftest import NOON
from tests.linearizability.bursts import Client, explains_itself, model_at, play, scripts
from tests.linearizability.checker import NotLinearizable, check
from tests.linearizability.mutants import MUTANTS, RACY
from tests.linearizability.test_over_http import BURSTS, SEED
from tests.linearizability.threads import MOST_CLIENTS, http_clients, opened_store, store_clients

Opened = Callable[..., AbstractContextManager[MemoryStore]]
Clients = Callable[[MemoryStore], list[Client]]


@pytest.fixture(autouse=True)
def restless_threads() -> Iterator[None]:
    """Let Python turn from thread to thread as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("clients_of", [store_clients, http_clients])
@pytest.mark.parametrize(
    "opened",
    [
        partial(opened_store, MemoryStore),
        partial(opened_store, JsonFileStore),
        partial(opened_store, JsonFileStore, durable_on_disk=True),
    ],
    ids=["memory", "file", "file, durable on disk"],
)
def test_every_burst_of_threads_is_explained_by_some_order(opened: Opened, clients_of: Clients, tmp_path: Path) -> None:
    met: Counter[bool] = Counter()
    with ThreadPoolExecutor(MOST_CLIENTS) as pool:
        for seed in range(SEED, SEED + BURSTS):
            with opened(folder=tmp_path, number=seed) as store:
                keeper, *clients = clients_of(store)
                history = play(pool, keeper, clients, scripts(seed))
            try:
                check(model_at(NOON), history)
            except NotLinearizable as error:
                pytest.fail(f"seed {seed}: {error}")
            met[explains_itself(model_at(NOON), history)] += 1
    assert BURSTS < 50 or met[False] > BURSTS // 10, "the calls hardly came together"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.__name__)
def test_the_checker_notices(mutant: type[MemoryStore], tmp_path: Path) -> None:
    """Within 100 bursts, a store that is broken in one way is caught: by what it says, or by falling over itself."""
    with ThreadPoolExecutor(MOST_CLIENTS) as pool:
        for seed in range(100):
            try:
                with opened_store(mutant, tmp_path, seed) as store:
                    keeper, *clients = store_clients(store)
                    history = play(pool, keeper, clients, scripts(seed))
                check(model_at(NOON), history)
            except (NotLinearizable, RuntimeError, KeyError):
                return
    pytest.fail("nothing was noticed")


@pytest.mark.parametrize("mutant", RACY, ids=lambda each: each.__name__)
def test_what_it_notices_of_a_racy_store_are_its_races(mutant: type[MemoryStore], tmp_path: Path) -> None:
    """With one client only, nothing is wrong with it."""
    with ThreadPoolExecutor(1) as pool:
        for seed in range(20):
            alone = [made for script in scripts(seed) for made in script]
            with opened_store(mutant, tmp_path, seed) as store:
                keeper, *clients = store_clients(store)
                history = play(pool, keeper, clients, [alone])
            check(model_at(NOON), history)
