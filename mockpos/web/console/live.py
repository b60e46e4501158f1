"""The stream of a page: who the server is, then what changes. Viewers of the same view share what is drawn."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from flask import Response, request
from markupsafe import Markup

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.feed import Feed, Message, View, partial
from mockpos.web.console.inventory import Inventory
from mockpos.web.console.sums import totals

_HEADERS = (("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"))
_LONGEST_ID = 18


class Live:
    """The inventories and feeds of all sandboxes that somebody looks at."""

    def __init__(self, monotonic: Callable[[], float], caption: Callable[[], Markup]) -> None:
        self._caption = caption
        self._monotonic = monotonic
        self._lock = Lock()
        self._inventories: dict[str, tuple[Sandbox, Inventory]] = {}
        self._feeds: dict[tuple[str, View], tuple[Sandbox, Feed]] = {}

    def inventory(self, sandbox: Sandbox) -> Inventory:
        """Return the inventory of a sandbox, which is kept as long as the sandbox lives."""
        known = self._inventories.get(sandbox.name)
        if known is None or known[0] is not sandbox:
            self._inventories = {
                name: pair for name, pair in self._inventories.items() if not pair[0].telemetry.events.closed
            }
            known = self._inventories[sandbox.name] = (
                sandbox,
                Inventory(sandbox.store, sandbox.commit_listener.seats, self._monotonic),
            )
        return known[1]

    def stream(self, sandbox: Sandbox, view: View) -> Response:
        """Answer a stream that begins now, or after the message the browser saw last."""
        text = request.headers.get("Last-Event-ID", "")
        since = int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID else None
        return Response(self._followed(sandbox, view, since), 200, _HEADERS, content_type="text/event-stream")

    def _followed(self, sandbox: Sandbox, view: View, since: int | None) -> Iterator[bytes]:
        hello = json.dumps(dict(sandbox.telemetry.server))
        with self._feed(sandbox, view) as feed:
            yield b"retry: 1000\n\n" + Message(feed.number, hello, "server").frame()
            yield from feed.follow(since)

    @contextmanager
    def _feed(self, sandbox: Sandbox, view: View) -> Iterator[Feed]:
        key = sandbox.name, view
        inventory = self.inventory(sandbox)
        with self._lock:  # nothing in here waits
            known = self._feeds.get(key)
            if known is None or known[0] is not sandbox:
                feed = Feed(sandbox, view, inventory, Totals(sandbox, inventory, self._caption), self._monotonic)
                known = self._feeds[key] = sandbox, feed
            feed = known[1]
            feed.viewers += 1
        try:
            yield feed
        finally:
            with self._lock:
                feed.viewers -= 1
                if not feed.viewers and self._feeds.get(key) is known:
                    del self._feeds[key]


class Totals:
    """Draws the sums of a sandbox, with how many calls came in a second, its clock and its scenario."""

    def __init__(self, sandbox: Sandbox, inventory: Inventory, caption: Callable[[], Markup]) -> None:
        self._sandbox = sandbox
        self._inventory = inventory
        self._caption = caption

    def __call__(self, view: View, calls_a_second: float) -> Markup:
        """Return partials for what stands above the listings."""
        parts = partial("#totals", "innerHTML", totals(self._inventory.total(), calls_a_second))
        parts += partial("#world-state", "innerHTML", world_state(self._sandbox))
        return parts + partial("#caption", "innerHTML", self._caption()) if view.with_caption else parts


def world_state(sandbox: Sandbox) -> Markup:
    """Say what is unusual about a sandbox now: the scenario that is on, a clock that was moved or stands still."""
    active, setting = sandbox.selector.active, sandbox.clock.setting
    scenario = Markup('<span class="chip on">%s</span>') % active.name if active else Markup("")
    clock = "" if setting.is_real else "clock stands still" if setting.frozen_at is not None else "clock moved"
    frozen = str(setting.frozen_at or "")
    return scenario + Markup('<span class="chip%s" id="clock-state" data-offset="%d" data-frozen="%s">%s</span>') % (
        "" if clock else " none", setting.offset_ms, frozen, clock,
    )  # fmt: skip
