"""A real server and a real Chromium for all tests of the console; each test has a sandbox of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import RunningServer, running_server

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = Path(__file__).parent / "axe"

_names = count(1)
expect.set_options(timeout=15_000)  # what a busy machine may take; a quick one does not wait


@pytest.fixture(scope="module")  # its event loop ends with it: other tests of the process run loops of their own
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("console"), "--memory", "--quiet") as server:
        yield server


@dataclass
class World:
    """One sandbox as a person and a client see it. ``complaints`` is what the browser's console said."""

    server: str
    name: str
    key: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def console(self) -> str:
        return f"{self.server}/s/{self.name}/_mock/console"

    def control(self, method: str, path: str, **more: Any) -> Any:
        answer = httpx.request(method, f"{self.server}/s/{self.name}/_mock{path}", timeout=30, **more)
        assert answer.status_code < 400, answer.text
        return answer.json()

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        sent = {"X-API-Key": self.key, **headers}
        return httpx.request(method, f"{self.server}{path}", json=json, headers=sent, timeout=30)

    def hold(self, remote_id: str = "TG-1042", quantity: int = 2, global_id: str | None = None) -> str:
        global_id = global_id or f"g-{next(self.ids)}"
        self.call("POST", "/v1/holds", {"remote_id": remote_id, "quantity": quantity, "global_id": global_id})
        return global_id

    def invoice(self, global_id: str) -> httpx.Response:
        return self.call("POST", "/v1/invoices", {"global_id": global_id, "order_id": f"o-{global_id}"})

    def open(self, path: str = "/", *, width: int = 1280, height: int = 800, live: bool = True, **context: Any) -> Page:
        page = self.browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console", lambda told: self.complaints.append(told.text) if told.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.console + path)
        if live:
            page.locator("#live[data-state=on]").wait_for()
        return page


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
