"""One sandbox as a person and a client see it, in a browser and over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start the machine's Chromium."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS)) as browser,
    ):
        yield browser


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

    def lose(self, remote_id: str, global_id: str) -> None:
        """Hold a ticket, and lose the answer."""
        rule = {"id": "lost", "on": "hold", "fault": "reset", "phase": "after_commit"}
        self.control("PUT", "/scenario", json={"scenario": {"name": "cut", "rules": [rule]}})
        with pytest.raises(httpx.TransportError):
            self.hold(remote_id, 1, global_id)

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
