"""A real server and a real Chromium for all tests of the console; each test has a sandbox of its own."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import RunningServer, running_server
from tests.console.world import World, open_browser

AXE = Path(__file__).parent / "axe"

_names = count(1)
expect.set_options(timeout=15_000)  # what a busy machine may take; a quick one does not wait


@pytest.fixture(scope="module")  # its event loop ends with it: other tests of the process run loops of their own
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("console"), "--memory", "--quiet") as server:
        yield server


@pytest.fixture
def make_world(browser: Browser, served: RunningServer) -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def make(**source: Any) -> World:
        name = f"test-{next(_names)}"
        told = httpx.post(f"{served.url}/_mock/sandboxes", json={"name": name, **source}, timeout=30).json()
        made.append(World(served.url, name, told["api_key"], browser))
        return made[-1]

    yield make
    for context in browser.contexts:
        context.close()
    for world in made:
        httpx.delete(f"{world.server}/_mock/sandboxes/{world.name}", timeout=30)


@pytest.fixture
def world(make_world: Callable[..., World]) -> Iterator[World]:
    """The arena, all free. What the browser complains of fails the test."""
    world = make_world()
    yield world
    assert world.complaints == []
