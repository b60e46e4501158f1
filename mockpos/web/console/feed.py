"""What a page of the console sees change: one view of one sandbox, drawn once for all who look at it.

A change is told at once after a silence, and under load as seldom as keeps the cost of drawing small against the
calls': at most ten messages a second, each with the newest calls, how many more there were, and what moved among the
listings on the page. Independent of how the messages travel.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from mockpos.domain.calls import Sent
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import pause
from mockpos.web.console.drawing import Look, group_sums, state_cell, totals
from mockpos.web.console.formats import call_row, dom_id, shown
from mockpos.web.console.inventory import Asked, Group, Inventory, Row, Sums

SHORTEST_S = 0.1
LONGEST_S = 0.9
_REST = 200  # times as long as drawing took: half a percent of a processor
HEARTBEAT_S = 15.0
_WHILE_DRAWN_S = 0.01
NEWEST = 8
_KEPT = 64
_AVERAGED_S = 5
_CAPTION = (Markup('<p class="place-of">%s</p>'), Markup("<h1>%s</h1>"), Markup('<p class="say">%s</p>'))


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

    def html(self) -> Markup:
        """Draw it."""
        if self.is_blank:
            return Markup('<div class="blank"></div>')
        parts = zip(_CAPTION, (self.place, self.title, self.say), strict=True)
        return Markup("").join(markup % shown(text) for markup, text in parts if text)


class Feed:
    """One view; ``viewers`` says how many look. ``monotonic`` tells real seconds."""

    def __init__(
        self,
        sandbox: Sandbox,
        view: View,
        inventory: Inventory,
        caption: Callable[[], Caption],
        monotonic: Callable[[], float],
    ) -> None:
        self.viewers = 0
        self._sandbox = sandbox
        self._view = view
        self._inventory = inventory
        self._caption = caption
        self._monotonic = monotonic
        self._hub = sandbox.telemetry.events
        self._drawn = self._hub.last
        self._listings = sandbox.store.listing_count()
        self._journal = sandbox.telemetry.journal
        self._calls = self._journal.recorded
        self._messages: deque[Message] = deque(maxlen=_KEPT)
        self._seen: dict[str, Row] = {}
        self._groups: list[Group] = []
        self._sums: dict[str, Sums] = {}
        self._next_at = 0.0
        self._drawing = False
        self._rates: deque[tuple[float, int]] = deque(maxlen=50)
        self._last_summary = Markup("")
        self._has_looked = False

    def follow(self, since: int | None) -> Iterator[bytes]:
        """Yield messages for one viewer: those after ``since``, all there is to see when that is long ago."""
        if not self._has_looked:
            self._look_anew()
        position = self.number
        if since is not None and any(message.number == since for message in self._messages):
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
            summary = self._summary(started)
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
        rows = self._inventory.rows(self._seen, self._seen) if self._seen else []
        pairs = [(self._seen[row.listing.remote_id], row) for row in rows]
        was, now = (self._listings, len(self._seen)), (self._sandbox.store.listing_count(), len(rows))
        if self._journal.recorded < self._calls or was != now or any(_is_other(*pair) for pair in pairs):
            self._listings, self._calls = now[0], self._journal.recorded
            self._inventory.forget()
            self._look_anew()
            self._messages.append(Message(self._drawn, "", "listings-changed"))
            return Markup("")
        changed = [row for before, row in pairs if row is not before and before[1:3] != row[1:3]]
        self._seen.update((row.listing.remote_id, row) for row in changed)
        return self._cells(changed, flash=True)

    def _cells(self, rows: list[Row], *, flash: bool = False) -> Markup:
        look = Look(self._view.root, self._sandbox.clock.now(), flash)
        cells = [(f"#s-{dom_id(row.listing.remote_id)}", state_cell(row, look)) for row in rows]
        return Markup("").join(partial(target, "outerHTML", cell) for target, cell in cells)

    def _changed_sums(self) -> Markup:
        """Draw the sums of the events on the page that are not what they were."""
        parts = Markup("")
        for group in self._groups:
            sums = self._inventory.sums(group)
            if self._sums.get(group.key) != sums:
                self._sums[group.key] = sums
                parts += partial(f"#e-{dom_id(group.key)}", "outerHTML", group_sums(group, sums))
        return parts

    def _newest(self, now: float) -> Markup:
        """Draw the newest calls, and say how many more there were."""
        recorded = self._journal.recorded
        new, self._calls = max(0, recorded - self._calls), recorded
        self._rates.append((now, new))
        if not new:
            return Markup("")
        calls = self._journal.newest(new)
        rows = [call_row(self._view.root, call) for call in calls[:NEWEST]]
        if new > len(rows):
            lost = sum(call.sent is not Sent.COMPLETE for call in calls[NEWEST:])
            said = f"+{new - len(rows)} more" + (f", {lost} lost answer{'s' * (lost > 1)}" if lost else "")
            rows.append(Markup('<li class="skipped">%s</li>') % said)
        return partial("#fresh", "afterbegin", Markup("").join(rows))

    def _everything(self) -> Message:
        """Draw all that is on the page, for who was away too long."""
        parts = self._cells(self._inventory.rows(self._seen)) + self._summary(self._monotonic())
        return Message(self.number, str(parts + partial("#missed", "innerHTML", Markup("missed"))))

    def _summary(self, now: float) -> Markup:
        """Draw what stands above the listings: sums, rate, clock, scenario, caption."""
        rate = sum(calls for at, calls in self._rates if now - at < _AVERAGED_S) / _AVERAGED_S
        parts = partial("#totals", "innerHTML", totals(self._inventory.total(), rate))
        parts += partial("#world-state", "innerHTML", world_state(self._sandbox))
        return parts + partial("#caption", "innerHTML", self._caption().html()) if self._view.with_caption else parts


def partial(target: str, swap: str, content: Markup) -> Markup:
    """Wrap HTML for one place of the page."""
    return Markup('<hx-partial hx-target="%s" hx-swap="%s">%s</hx-partial>') % (target, swap, content)


def world_state(sandbox: Sandbox) -> Markup:
    """Say what is unusual about a sandbox now: the scenario that is on, a clock that was moved or stands still."""
    active, setting = sandbox.selector.active, sandbox.clock.setting
    scenario = Markup('<span class="chip on">%s</span>') % active.name if active else Markup("")
    stands_still = setting.frozen_at is not None or sandbox.store.stands_still_ms() > 0
    clock = "clock stands still" if stands_still else "" if setting.is_real else "clock moved"
    frozen = sandbox.store.now() if stands_still else ""
    chip = Markup('<span class="chip%s" id="clock-state" data-offset="%d" data-frozen="%s">%s</span>')
    return scenario + chip % ("" if clock else " none", setting.offset_ms, frozen, clock)


def _is_other(before: Row, row: Row) -> bool:
    return before.listing != row.listing or before.not_for_sale != row.not_for_sale
