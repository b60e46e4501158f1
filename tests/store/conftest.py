"""Fixtures of the JSON-file store's tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockpos.domain.listing import Listing
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.world import Limits
from tests.conftest import ManualClock, a_world
from tests.store.disk import Opener


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run" / "inventory.json"


@pytest.fixture
def open_store(path: Path, clock: ManualClock) -> Iterator[Opener]:
    """Open the inventory at ``path`` or another; at the end, close what the test left open."""
    opened: list[JsonFileStore] = []

    def open_(at: Path = path, *listings: Listing, **options: Any) -> JsonFileStore:
        store = JsonFileStore(
            at, clock, make_world=lambda: a_world(*listings, limits=options.get("limits", Limits())), **options
        )
        opened.append(store)
        return store

    yield open_
    for store in opened:
        store.close()
