"""The timeline: a lane per Global ID from hold to invoice or release, and the errors grouped.

Idle time between calls is left out and its length written in; every bar of time is on the scale of TEvo's budget.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from flask import request

from mockpos.domain.calls import Sent
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.hold import Hold
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.journal import Journal
from mockpos.telemetry.journal.query import CallPattern
from mockpos.web.console.formats import sentence, tone
from mockpos.web.console.pages import Pages

_MOST_LANES = 60
_MOST_IN_A_LANE = 40
_LOOKED_AT = 2_000
_IDLE_MS = 400
_FILTERS = ("global_id", "operation", "code", "rule", "failed")


class Lane(NamedTuple):
    """The calls of one Global ID, oldest first, each after how long nothing happened (ms), and the hold it has now.

    Calls without a Global ID stand alone.
    """

    global_id: str
    bars: list[tuple[CallRecord, int]]
    left_out: int
    hold: Hold | None


ErrorGroup = tuple[tuple[str, str, bool], list[CallRecord]]
"""Errors of one operation with one code whose answers arrived, or did not; their calls, the newest first."""


def show(pages: Pages, sandbox: Sandbox) -> str:
    """Show the newest calls that are asked for."""
    asked = {name: request.args.get(name, "").strip()[:200] for name in _FILTERS}
    sandbox.store.expire_due()
    journal = sandbox.telemetry.journal
    newest = journal.newest(_LOOKED_AT)
    calls = _found(journal, asked) if any(asked.values()) else newest
    return pages.render(
        sandbox, "calls", asked=asked, lanes=list(_lanes(sandbox, calls)), groups=_groups(newest), journal=journal,
        what_to_do=what_to_do,
        operations=[each.value for each in Operation], codes=sorted({call.code for call in newest}),
        rules=sorted({call.rule for call in newest if call.rule}),
    )  # fmt: skip


def _found(journal: Journal, asked: dict[str, str]) -> list[CallRecord]:
    operation = Operation(asked["operation"]) if asked["operation"] in Operation._value2member_map_ else None
    name = asked["global_id"]
    pattern = CallPattern(operation=operation, code=asked["code"] or None, global_id=name or None)
    found = journal.find(pattern)
    if name and not found:  # a part of one, typed into the search field
        everything = journal.find(replace(pattern, global_id=None))
        found = [call for call in everything if name in f"{call.global_id} {call.remote_id}"]
    return [call for call in found if not (asked["failed"] and tone(call) == "ok") and asked["rule"] in ("", call.rule)]


def _groups(calls: Iterable[CallRecord]) -> list[ErrorGroup]:
    """Group what went wrong by code and operation, the most frequent first."""
    found: dict[tuple[str, str, bool], list[CallRecord]] = {}
    for call in calls:
        if (kind := tone(call)) != "ok":
            found.setdefault((call.operation or "", call.code, kind == "lost"), []).append(call)
    return sorted(found.items(), key=lambda group: (-len(group[1]), group[0]))


def what_to_do(code: str, *, lost: bool = False) -> str:
    """Say in a sentence what an error asks of somebody."""
    if lost:
        return "The answer never arrived: the caller repeats the call with the same ids."
    return sentence(CATALOGUE[code].who.value) if code in CATALOGUE else ""


def _lanes(sandbox: Sandbox, calls: Sequence[CallRecord]) -> Iterable[Lane]:
    """Yield lanes, the one with the newest call first. The calls come newest first."""
    by_id: dict[tuple[str | None, str], list[CallRecord]] = {}
    for call in calls:
        by_id.setdefault((call.global_id, "" if call.global_id else call.request_id), []).append(call)
        if len(by_id) > _MOST_LANES:
            by_id.popitem()
            break
    for (global_id, _), newest_first in by_id.items():
        shown = newest_first[:_MOST_IN_A_LANE][::-1]
        hold = sandbox.store.peek(global_id) if global_id else None
        yield Lane(global_id or "", list(_bars(shown)), len(newest_first) - len(shown), hold)


def _bars(calls: Sequence[CallRecord]) -> Iterable[tuple[CallRecord, int]]:
    ended: float = calls[0].at
    for call in calls:
        idle = round(call.at - ended)
        yield call, idle if idle >= _IDLE_MS else 0
        ended = call.at + (call.duration_ms if call.sent is Sent.COMPLETE else 0)
