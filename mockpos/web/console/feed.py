"""What a page of the console sees change: one view of one sandbox, drawn once for all who look at it.

A change is told at once after a silence, and under load as seldom as keeps the cost of drawing small against the
calls': at most ten messages a second, each with the newest calls, how many more there were, and what moved among the
listings on the page. Independent of how the messages travel.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from markupsafe import Markup

from mockpos.domain.calls import Sent
from mockpos.domain.counted import counted
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import pause
from mockpos.web.console.formats import dom_id
from mockpos.web.console.inventory import Asked, Group, Inventory, Row, Sums

SHORTEST_S = 0.1
LONGEST_S = 0.9
_REST = 400  # times as long as drawing took: a quarter of a percent of a processor
HEARTBEAT_S = 15.0
_WHILE_DRAWN_S = 0.01
NEWEST = 8
_KEPT = 64
_AVERAGED_S = 5
_CHANGED = "listings-changed"


class View(NamedTuple):
    """What somebody looks at. Pages without listings on them ask for none."""

    root: str
    asked: Asked | None = None
    with_caption: bool = False


class Message(NamedTuple):
    """What changed, as server-sent events. Whoever knows all that happened up to event ``number`` needs it no more."""

    number: int
    frame: bytes


def frame(number: int, data: str, name: str = "") -> bytes:
    """Write a server-sent event: HTML for the page, or a named signal to it."""
    named = f"event: {name}\n" if name else ""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"id: {number}\n{named}{lines}\n".encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Caption:
    """What a presenter tells the audience. ``spotlight`` and ``after`` find the listings that matter."""

    broker: str = ""
    title: str = ""
    say: str = ""
    place: str = ""
    spotlight: str = ""
    after: str = ""
    is_blank: bool = False


@dataclass(eq=False)
class Feed:
    """One view. ``macros`` draw it, ``monotonic`` tells real seconds.

    A viewer misses nothing: what a feed told stands in its messages, and the next one is drawn from what differs.
    """

    sandbox: Sandbox
    view: View
    inventory: Inventory
    caption: Callable[[], Caption]
    macros: Any
    monotonic: Callable[[], float]

    def __post_init__(self) -> None:
        self._hub = self.sandbox.telemetry.events
        self._journal = self.sandbox.telemetry.journal
        self._calls, self._cleared = self._journal.recorded, self._journal.cleared
        self._drawn = self._hub.last
        self._listings = self.sandbox.store.listing_count()
        self._messages: deque[Message] = deque(maxlen=_KEPT)
        self._seen: dict[str, Row] = {}
        self._groups: list[Group] = []
        self._sums: dict[str, Sums] = {}
        self._next_at = 0.0
        self._drawing = Lock()
        self._rates: deque[tuple[float, int]] = deque(maxlen=50)
        self._last_summary = Markup("")

    def join(self, since: int | None) -> int:
        """Return where a viewer begins who knows what happened up to event ``since``; whatever happens next is told.

        To be called before the viewer's answer begins: what changes from then on has to differ from what was seen.
        """
        with self._alone():
            if not self._messages:
                self._look_anew()
                self._messages.append(Message(self._hub.last, b""))
        return self.number if since is None else since

    def follow(self, position: int) -> Iterator[bytes]:
        """Yield the messages after a position, or all there is to see when that is long ago; in silence a heartbeat."""
        if not self._messages[0].number <= position <= max(self.number, self._hub.last):
            position = self.number
            yield self._everything(position)
        while not self._hub.closed:
            told = [message for message in self._messages if message.number > position]
            if told:
                position = told[-1].number
                yield b"".join([message.frame for message in told])
            elif self._drawn < self._hub.last or self._drawing.locked():  # no event tells that a message is drawn
                pause(max(0.0, self._next_at - self.monotonic()))
                self._draw()
            else:
                with self._hub.subscribe() as waiting:
                    if self._drawn == self._hub.last and not waiting.take(HEARTBEAT_S, most=1):
                        yield b": alive\n"

    @property
    def number(self) -> int:
        """Return the number of the newest message."""
        return self._messages[-1].number

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one viewer at a time look and draw; looking lets other calls take their turn."""
        while not self._drawing.acquire(blocking=False):
            pause(_WHILE_DRAWN_S)
        try:
            yield
        finally:
            self._drawing.release()

    def _draw(self) -> None:
        """Draw what changed since the last time, unless another viewer has done it."""
        with self._alone():
            started = self.monotonic()
            if self._drawn == self._hub.last or started < self._next_at:
                return
            self._drawn = self._hub.last
            try:
                self._add(*self._changes(started))
            finally:
                took = self.monotonic() - started
                self._next_at = self.monotonic() + min(LONGEST_S, max(SHORTEST_S, took * _REST))

    def _add(self, signal: str, parts: Markup) -> None:
        """Keep a message. Its number is of the newest event it may tell of; each is larger than the one before."""
        if not signal and not parts:
            return
        number = max(self._hub.last, self.number + 1)
        frames = (frame(number, "", signal) if signal else b"", frame(number, str(parts)) if parts else b"")
        self._messages.append(Message(number, b"".join(frames)))

    def _look_anew(self) -> None:
        if self.view.asked is not None:
            page = self.inventory.page(self.view.asked)
            self._groups = [group for group, _ in page.groups]
            self._seen = {row.listing.remote_id: row for row in page.rows}

    def _changes(self, now: float) -> tuple[str, Markup]:
        """Draw what differs from what was seen; tell the page by a signal when the listings themselves did."""
        rows = self.inventory.rows(self._seen, self._seen) if self._seen else []
        signal, parts = "", Markup("")
        if self._are_others(rows):
            signal = _CHANGED
            self.inventory.forget()
            self._look_anew()
        else:
            parts = self._changed_rows(rows)
        parts += self._newest(now)
        summary = self._summary(now)
        if summary != self._last_summary:
            self._last_summary = summary
            parts += summary
        return signal, parts

    def _are_others(self, rows: list[Row]) -> bool:
        """Tell whether listings came, went or changed, or a world began anew."""
        was, self._listings = self._listings, self.sandbox.store.listing_count()
        if self._journal.cleared != self._cleared:
            self._cleared, self._calls = self._journal.cleared, 0
            return True
        offers = [(row.listing, row.not_for_sale) for row in rows]
        seen = [(row.listing, row.not_for_sale) for row in self._seen.values()]
        return was != self._listings or offers != seen

    def _changed_rows(self, rows: list[Row]) -> Markup:
        """Draw the listings on the page whose seats changed, and the sums of their events."""
        changed = [row for row in rows if row[1:3] != self._seen[row.listing.remote_id][1:3]]
        self._seen.update((row.listing.remote_id, row) for row in changed)
        return self._cells(changed, flash=True) + self._changed_sums() if changed else Markup("")

    def _cells(self, rows: list[Row], *, flash: bool = False) -> Markup:
        root, now = self.view.root, self.sandbox.clock.now()
        cells = [(f"#s-{dom_id(row.listing.remote_id)}", self.macros.state_cell(row, root, now, flash)) for row in rows]
        return Markup("").join(partial(target, "outerHTML", cell) for target, cell in cells)

    def _changed_sums(self) -> Markup:
        """Draw the sums of the events on the page that are not what they were."""
        parts, looked_at = Markup(""), sum(len(group.ids) for group in self._groups)
        for group in self._groups:
            sums = self.inventory.sums(group, looked_at)
            if self._sums.get(group.key) != sums:
                self._sums[group.key] = sums
                parts += partial(f"#e-{dom_id(group.key)}", "outerHTML", self.macros.group_sums(group, sums))
        return parts

    def _newest(self, now: float) -> Markup:
        """Draw the newest calls, and say how many more there were."""
        recorded = self._journal.recorded
        new, self._calls = recorded - self._calls, recorded
        self._rates.append((now, new))
        if not new:
            return Markup("")
        calls = self._journal.newest(new)
        rows = [self.macros.call_row(call, self.view.root) for call in calls[:NEWEST]]
        if new > len(rows):
            lost = sum(call.sent is not Sent.COMPLETE for call in calls[NEWEST:])
            said = f"+{new - len(rows)} more" + (f", {counted(lost, 'lost answer')}" if lost else "")
            rows.append(Markup('<li class="skipped">%s</li>') % said)
        return partial("#fresh", "afterbegin", Markup("").join(rows))

    def _everything(self, number: int) -> bytes:
        """Draw all that is on the page and let it fetch the rest, for who was away too long."""
        parts = self._cells(self.inventory.rows(self._seen)) + self._summary(self.monotonic())
        return frame(number, "", _CHANGED) + frame(number, str(parts))

    def _summary(self, now: float) -> Markup:
        """Draw what stands above the listings: sums, rate, clock, scenario, caption."""
        rate = sum(calls for at, calls in self._rates if now - at < _AVERAGED_S) / _AVERAGED_S
        parts = partial("#totals", "innerHTML", self.macros.totals(self.inventory.total(), rate))
        parts += partial("#world-state", "innerHTML", self.macros.world_state(self.sandbox))
        if self.view.with_caption:
            parts += partial("#caption", "innerHTML", self.macros.caption(self.caption()))
        return parts


def partial(target: str, swap: str, content: Markup) -> Markup:
    """Wrap HTML for one place of the page."""
    return Markup('<hx-partial hx-target="%s" hx-swap="%s">%s</hx-partial>') % (target, swap, content)
