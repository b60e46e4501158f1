"""What a page of the console sees change: one view of one sandbox, drawn once for all who look at it.

A change is told at once after a silence, and under load as seldom as keeps the cost of drawing small against the
calls': at most ten messages a second, each with the newest calls, how many more there were, and what moved among the
listings on the page. Independent of how the messages travel.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from markupsafe import Markup

from mockpos.domain.calls import Sent
from mockpos.domain.clock import Millis
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import pause
from mockpos.web.console.call_rows import call_row
from mockpos.web.console.formats import dom_id
from mockpos.web.console.inventory import Asked, Group, Inventory, Row, Sums
from mockpos.web.console.seats import Look, state_cell
from mockpos.web.console.sums import group_sums

SHORTEST_S = 0.1
LONGEST_S = 0.9
_REST = 200  # times as long as drawing took: half a percent of a processor
HEARTBEAT_S = 15.0
_WHILE_DRAWN_S = 0.01
NEWEST = 8
_KEPT = 64


class View(NamedTuple):
    """What somebody looks at. Pages without listings on them ask for none."""

    root: str
    asked: Asked | None = None
    with_caption: bool = False


class Message(NamedTuple):
    """What changed up to the event of a number, as HTML; or a named signal to the page."""

    number: int
    data: str
    name: str = ""

    def frame(self) -> bytes:
        """Write it down as a server-sent event."""
        name = f"event: {self.name}\n" if self.name else ""
        data = "".join(f"data: {line}\n" for line in self.data.split("\n"))
        return f"id: {self.number}\n{name}{data}\n".encode("utf-8", "replace")


class Summary(Protocol):
    """Draws what stands above the listings: sums, rate, clock, scenario."""

    def __call__(self, view: View, calls_a_second: float) -> Markup:
        """Return partials, or nothing."""
        ...


class Feed:
    """One view; ``viewers`` says how many look. ``monotonic`` tells real seconds."""

    def __init__(
        self, sandbox: Sandbox, view: View, inventory: Inventory, summary: Summary, monotonic: Callable[[], float]
    ) -> None:
        self.viewers = 0
        self._sandbox = sandbox
        self._view = view
        self._inventory = inventory
        self._summary = summary
        self._monotonic = monotonic
        self._hub = sandbox.telemetry.events
        self._drawn = self._hub.last
        self._listings = sandbox.store.listing_count()
        self._calls = self._recorded()
        self._messages: deque[Message] = deque(maxlen=_KEPT)
        self._seen: dict[str, Row] = {}
        self._groups: list[Group] = []
        self._sums: dict[str, Sums] = {}
        self._next_at = 0.0
        self._changes = 0
        self._drawing = False
        self._rates: deque[tuple[float, int]] = deque(maxlen=50)
        self._last_summary = Markup("")
        self._has_looked = False

    def follow(self, since: int | None) -> Iterator[bytes]:
        """Yield messages for one viewer: those after ``since``, all there is to see when that is long ago."""
        if not self._has_looked:
            self._look_anew()
        known = [message.number for message in self._messages]
        position = self.number
        if since is not None and since in known:
            position = since
        elif since is not None:
            yield self._everything().frame()
        while not self._hub.closed:
            told = [message for message in self._messages if message.number > position]
            if told:
                position = told[-1].number
                yield b"".join([message.frame() for message in told])
            elif self._drawing:  # by another viewer: its message is about to be there, and no event will tell of it
                pause(_WHILE_DRAWN_S)
            elif self._drawn < self._hub.last:
                pause(max(0.0, self._next_at - self._monotonic()))
                self._draw()
            else:
                yield from self._wait()

    def _wait(self) -> Iterator[bytes]:
        """Wait for the next event; say after a while that the stream is alive."""
        with self._hub.subscribe() as waiting:
            if self._drawn == self._hub.last and not waiting.take(HEARTBEAT_S, most=1):
                yield b": alive\n"

    @property
    def number(self) -> int:
        """Return the number of the newest message."""
        return self._messages[-1].number if self._messages else self._drawn

    def _draw(self) -> None:
        """Draw what changed since the last time, unless another viewer has begun to."""
        started = self._monotonic()
        if self._drawing or started < self._next_at:
            return
        self._drawing, self._drawn = True, self._hub.last
        try:
            parts = self._changed_rows()
            if parts:
                parts += self._changed_sums()
            parts += self._newest(started)
            summary = self._summary(self._view, self._calls_a_second(started))
            if summary != self._last_summary:
                self._last_summary = summary
                parts += summary
            if parts:
                self._messages.append(Message(self._drawn, str(parts)))
        finally:
            self._drawing = False
            took = self._monotonic() - started
            self._next_at = self._monotonic() + min(LONGEST_S, max(SHORTEST_S, took * _REST))

    def _look_anew(self) -> None:
        self._has_looked = True
        if self._view.asked is not None:
            page = self._inventory.page(self._view.asked)
            self._groups = [group for group, _ in page.groups]
            self._seen = {row.listing.remote_id: row for row in page.rows}

    def _changed_rows(self) -> Markup:
        """Draw the listings on the page whose seats changed; tell the page when the listings themselves did."""
        parts = Markup("")
        rows = self._inventory.rows(self._seen, self._seen) if self._seen else []
        count = self._sandbox.store.listing_count()
        if (
            self._recorded() < self._calls
            or count != self._listings
            or len(rows) < len(self._seen)
            or any(self._is_other(row) for row in rows)
        ):
            self._listings, self._calls = count, self._recorded()
            self._inventory.forget()
            self._look_anew()
            self._messages.append(Message(self._drawn, "", "listings-changed"))
            return parts
        for row in rows:
            before = self._seen[row.listing.remote_id]
            if row is not before and (before.stock, before.holds) != (row.stock, row.holds):
                self._seen[row.listing.remote_id] = row
                self._changes += 1
                parts += partial(f"#s-{_key(row)}", "outerHTML", self._cell(row, self._changes))
        return parts

    def _changed_sums(self) -> Markup:
        """Draw the sums of the events on the page that are not what they were."""
        parts = Markup("")
        for group in self._groups:
            sums = self._inventory.sums(group)
            if self._sums.get(group.key) != sums:
                self._sums[group.key] = sums
                parts += partial(f"#e-{dom_id(group.key)}", "outerHTML", group_sums(group, sums))
        return parts

    def _is_other(self, row: Row) -> bool:
        before = self._seen[row.listing.remote_id]
        return before.listing != row.listing or before.not_for_sale != row.not_for_sale

    def _newest(self, now: float) -> Markup:
        """Draw the newest calls, and say how many more there were."""
        recorded = self._recorded()
        new = max(0, recorded - self._calls)
        self._calls = recorded
        self._rates.append((now, new))
        if not new:
            return Markup("")
        calls = self._sandbox.telemetry.journal.newest(new)
        rows = [call_row(self._view.root, call) for call in calls[:NEWEST]]
        if new > len(rows):
            lost = sum(call.sent is not Sent.COMPLETE for call in calls[NEWEST:])
            said = f"+{new - len(rows)} more" + (f", {lost} lost answer{'s' * (lost > 1)}" if lost else "")
            rows.append(Markup('<li class="skipped">%s</li>') % said)
        return partial("#fresh", "afterbegin", Markup("").join(rows))

    def _recorded(self) -> int:
        journal = self._sandbox.telemetry.journal
        return len(journal) + journal.evicted

    def _everything(self) -> Message:
        """Draw all that is on the page, for who was away too long."""
        parts = Markup("")
        for row in self._inventory.rows(self._seen) if self._seen else ():
            parts += partial(f"#s-{_key(row)}", "outerHTML", self._cell(row, None))
        parts += self._summary(self._view, self._calls_a_second(self._monotonic()))
        return Message(self.number, str(parts + partial("#missed", "innerHTML", Markup("missed"))))

    def _cell(self, row: Row, changed: int | None) -> Markup:
        now: Millis = self._sandbox.clock.now()
        return state_cell(row.listing, row.stock, row.holds, Look(self._view.root, now, changed))

    def _calls_a_second(self, now: float) -> float:
        recent = [(at, calls) for at, calls in self._rates if now - at < 5]  # seconds of a moving average
        return sum(calls for _, calls in recent) / 5


def partial(target: str, swap: str, content: Markup) -> Markup:
    """Wrap HTML for one place of the page."""
    return Markup('<hx-partial hx-target="%s" hx-swap="%s">%s</hx-partial>') % (target, swap, content)


def _key(row: Row) -> str:
    return dom_id(row.listing.remote_id)
