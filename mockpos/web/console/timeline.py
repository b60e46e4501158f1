"""The timeline: a lane per Global ID from hold to invoice or release, and the errors grouped.

Idle time between calls is left out and its length written in; every bar of time is on the scale of TEvo's budget.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from flask import request

from mockpos.domain.calls import Sent
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.hold import Hold
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.query import CallPattern, JournalFilter
from mockpos.web.console.call_rows import tone
from mockpos.web.console.pages import Pages

_MOST_LANES = 60
_MOST_IN_A_LANE = 40
_LOOKED_AT = 2_000
_IDLE_MS = 400


class Bar(NamedTuple):
    """One call in a lane; ``idle_ms`` is how long nothing happened before it."""

    call: CallRecord
    tone: str
    idle_ms: int


class Lane(NamedTuple):
    """The calls of one Global ID, oldest first, and the hold it has now. Calls without one stand alone."""

    global_id: str
    bars: list[Bar]
    left_out: int
    hold: Hold | None

    @property
    def ended(self) -> str:
        """Say how it stands: held, invoiced, released, expired, or the last code."""
        if self.hold is not None:
            return "sold elsewhere" if self.hold.stolen else self.hold.status.value
        return self.bars[-1].call.code


class ErrorGroup(NamedTuple):
    """Errors of one code of one operation."""

    operation: str
    code: str
    calls: int
    first: Millis
    last: Millis
    lost: bool
    what_to_do: str


class Asked(NamedTuple):
    """What the timeline is narrowed to."""

    global_id: str
    operation: str
    code: str
    rule: str
    failed: bool


class Timeline:
    """The page of calls."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def show(self, sandbox: Sandbox) -> str:
        """Show the newest calls that are asked for."""
        asked = _asked()
        sandbox.expire_due()
        journal = sandbox.telemetry.journal
        newest = journal.newest(_LOOKED_AT)
        calls = newest if not any(asked) else [call for call in self._found(sandbox, asked) if _is_wanted(call, asked)]
        return self._pages.render(
            sandbox, "calls", asked=asked, lanes=list(_lanes(sandbox, calls)), groups=groups(newest),
            operations=[each.value for each in Operation], codes=sorted({call.code for call in newest}),
            rules=sorted({call.rule for call in newest if call.rule}), recorded=len(journal), evicted=journal.evicted,
            matched=len(calls),
        )  # fmt: skip

    def _found(self, sandbox: Sandbox, asked: Asked) -> list[CallRecord]:
        operation = Operation(asked.operation) if asked.operation in Operation._value2member_map_ else None
        pattern = CallPattern(operation=operation, code=asked.code or None, global_id=asked.global_id or None)
        found = sandbox.telemetry.journal.find(JournalFilter(pattern=pattern))
        if not found and asked.global_id:  # a part of one, typed into the search field
            everything = sandbox.telemetry.journal.find(JournalFilter(pattern=replace(pattern, global_id=None)))
            found = [call for call in everything if asked.global_id in f"{call.global_id} {call.remote_id}"]
        return found


def groups(calls: Iterable[CallRecord]) -> list[ErrorGroup]:
    """Group what went wrong by code and operation, the most frequent first."""
    found: dict[tuple[str, str, bool], list[CallRecord]] = {}
    for call in calls:
        kind = tone(call.status, call.code, call.sent)
        if kind != "ok":
            found.setdefault((call.operation or "", call.code, kind == "lost"), []).append(call)
    made = [
        ErrorGroup(operation, code, len(group), group[-1].at, group[0].at, lost, what_to_do(code, lost=lost))
        for (operation, code, lost), group in found.items()
    ]
    return sorted(made, key=lambda group: (-group.calls, group.code, group.operation))


def what_to_do(code: str, *, lost: bool = False) -> str:
    """Say in a sentence what an error asks of somebody."""
    if lost:
        return "The answer never arrived: the caller repeats the call with the same ids."
    if code not in CATALOGUE:
        return ""
    known = CATALOGUE[code]
    return f"{known.who.value[0].upper()}{known.who.value[1:]}."


def _asked() -> Asked:
    given = {name: request.args.get(name, "").strip()[:200] for name in ("global_id", "operation", "code", "rule")}
    return Asked(**given, failed=request.args.get("failed", "") == "1")


def _is_wanted(call: CallRecord, asked: Asked) -> bool:
    if asked.failed and tone(call.status, call.code, call.sent) == "ok":
        return False
    return not asked.rule or call.rule == asked.rule


def _lanes(sandbox: Sandbox, calls: Sequence[CallRecord]) -> Iterable[Lane]:
    """Yield lanes, the one with the newest call first. The calls come newest first."""
    by_id: dict[str, list[CallRecord]] = {}
    for call in calls:
        by_id.setdefault(call.global_id or f"-{call.request_id}", []).append(call)
        if len(by_id) > _MOST_LANES:
            by_id.popitem()
            break
    for key, newest_first in by_id.items():
        shown = newest_first[:_MOST_IN_A_LANE][::-1]
        global_id = "" if key.startswith("-") and shown[0].global_id is None else key
        hold = sandbox.store.peek(global_id) if global_id else None
        yield Lane(global_id, _bars(shown), len(newest_first) - len(shown), hold)


def _bars(calls: Sequence[CallRecord]) -> list[Bar]:
    bars: list[Bar] = []
    ended: float | None = None
    for call in calls:
        idle = 0 if ended is None else round(call.at - ended)
        kind = tone(call.status, call.code, call.sent)
        bars.append(Bar(call, kind, idle if idle >= _IDLE_MS else 0))
        ended = call.at + (call.duration_ms if call.sent is Sent.COMPLETE else 0)
    return bars
