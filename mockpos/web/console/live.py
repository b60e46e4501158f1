"""The streams of pages: who the server is, then what changes. Viewers of the same view share what is drawn."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from flask import Response, current_app, request

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.telemetry.events.hub import EventHub
from mockpos.telemetry.events.subscription import CONTENT_TYPE, HEADERS, SERVER
from mockpos.web.console.feed import Caption, Feed, View, frame
from mockpos.web.console.inventory import Inventory
from mockpos.web.control.listing_fields import whole_number

_CAPTION_CHANGED = "caption.changed"


def drawn() -> Any:
    """Return the macros of what pages show and streams draw anew."""
    return current_app.jinja_env.get_template("console/drawn.html").module


class Live:
    """What is looked at in all sandboxes. A feed lives while an answer streams it; ``caption`` is the default one's."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.caption = Caption()
        self._monotonic = monotonic
        self._lock = Lock()
        self._inventories: dict[EventHub, Inventory] = {}
        self._feeds: WeakValueDictionary[tuple[EventHub, View], Feed] = WeakValueDictionary()

    def tell(self, sandbox: Sandbox, **changes: object) -> None:
        """Change what the audience reads, and let their pages know."""
        self.caption = replace(self.caption, **changes)  # type: ignore[arg-type]  # a caller's mistake raises TypeError
        sandbox.telemetry.events.tell(_CAPTION_CHANGED, {"title": self.caption.title, "say": self.caption.say})

    def inventory(self, sandbox: Sandbox) -> Inventory:
        """Return the inventory of a sandbox, which is kept as long as the sandbox lives."""
        hub = sandbox.telemetry.events
        if hub not in self._inventories:
            alive = {each: inventory for each, inventory in self._inventories.items() if not each.closed}
            made = Inventory(sandbox.store, sandbox.commit_listener.seats, self._monotonic)
            self._inventories = {**alive, hub: made}
        return self._inventories[hub]

    def stream(self, sandbox: Sandbox, view: View, is_allowed: Callable[[], bool] = lambda: True) -> Response:
        """Answer a stream of all that changes from now on, for as long as it is allowed.

        A browser that comes back goes on after the message it saw last, a page after the event that was the newest
        when it was made (``since`` in the query).
        """
        since = whole_number(request.headers.get("Last-Event-ID") or request.args.get("since", ""))
        feed = self._feed(sandbox, view)
        told = self._told(feed, feed.join(since), json.dumps(dict(sandbox.telemetry.server)), is_allowed)
        return Response(told, 200, HEADERS, content_type=CONTENT_TYPE)

    def _told(self, feed: Feed, position: int, hello: str, is_allowed: Callable[[], bool]) -> Iterator[bytes]:
        yield b"retry: 1000\n\n" + frame(position, hello, SERVER)
        for told in feed.follow(position):
            if not is_allowed():
                return
            yield told

    def _feed(self, sandbox: Sandbox, view: View) -> Feed:
        key, inventory = (sandbox.telemetry.events, view), self.inventory(sandbox)
        with self._lock:  # nothing in here waits
            feed = self._feeds.get(key)
            if feed is None:
                feed = self._feeds[key] = Feed(sandbox, view, inventory, lambda: self.caption, drawn(), self._monotonic)
            return feed
