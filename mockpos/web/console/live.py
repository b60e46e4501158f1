"""The streams of pages: who the server is, then what changes. Viewers of the same view share what is drawn."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock

from flask import Response, request

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.feed import Caption, Feed, Message, View
from mockpos.web.console.inventory import Inventory
from mockpos.web.control.listing_fields import whole_number

_HEADERS = (("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"))
_LONGEST_ID = 18
_CAPTION_CHANGED = "caption.changed"


class Live:
    """The inventories and feeds of all sandboxes that somebody looks at. ``caption`` is the default sandbox's."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.caption = Caption()
        self._monotonic = monotonic
        self._lock = Lock()
        self._inventories: dict[str, tuple[Sandbox, Inventory]] = {}
        self._feeds: dict[tuple[str, View], tuple[Sandbox, Feed]] = {}

    def tell(self, sandbox: Sandbox, **changes: object) -> None:
        """Change what the audience reads, and let their pages know."""
        self.caption = replace(self.caption, **changes)  # type: ignore[arg-type]  # a caller's mistake raises TypeError
        sandbox.telemetry.events.tell(_CAPTION_CHANGED, {"title": self.caption.title, "say": self.caption.say})

    def inventory(self, sandbox: Sandbox) -> Inventory:
        """Return the inventory of a sandbox, which is kept as long as the sandbox lives."""
        known = self._inventories.get(sandbox.name)
        if known is None or known[0] is not sandbox:
            alive = {name: pair for name, pair in self._inventories.items() if not pair[0].telemetry.events.closed}
            made = Inventory(sandbox.store, sandbox.commit_listener.seats, self._monotonic)
            self._inventories = {**alive, sandbox.name: (sandbox, made)}
            return made
        return known[1]

    def stream(self, sandbox: Sandbox, view: View, is_allowed: Callable[[], bool] = lambda: True) -> Response:
        """Answer a stream from now, or from after the message the browser saw last, for as long as it is allowed."""
        text = request.headers.get("Last-Event-ID", "")
        since = whole_number(text, _LONGEST_ID)
        told = self._followed(sandbox, view, since, is_allowed)
        return Response(told, 200, _HEADERS, content_type="text/event-stream")

    def _followed(
        self, sandbox: Sandbox, view: View, since: int | None, is_allowed: Callable[[], bool]
    ) -> Iterator[bytes]:
        hello = json.dumps(dict(sandbox.telemetry.server))
        with self._feed(sandbox, view) as feed:
            yield b"retry: 1000\n\n" + Message(feed.number, hello, "server").frame()
            for told in feed.follow(since):
                if not is_allowed():
                    return
                yield told

    @contextmanager
    def _feed(self, sandbox: Sandbox, view: View) -> Iterator[Feed]:
        key = sandbox.name, view
        inventory = self.inventory(sandbox)
        with self._lock:  # nothing in here waits
            known = self._feeds.get(key)
            if known is None or known[0] is not sandbox:
                feed = Feed(sandbox, view, inventory, lambda: self.caption, self._monotonic)
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
