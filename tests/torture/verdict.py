"""The verdict: is what is there what may be there? Of all hypotheses about an unanswered change, one has to fit wholly.

Pure: it compares, and calls nobody.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.torture.changes import Facts
from tests.torture.diff import differs, state_seen, truth_seen
from tests.torture.findings import Finding
from tests.torture.histories import History, Known, Ledger, State
from tests.torture.hypotheses import Hypothesis, possible
from tests.torture.invariants import add_up
from tests.torture.inventories import Inventory, extra_ids, mark_of
from tests.torture.observed import ObservedWorld
from tests.torture.oracle import Unexpected

_GUESS_IS_OFF_BY_MS = 5_000


@dataclass(slots=True)
class Verdict:
    """Which hypothesis fits, what is true of each story then, and what does not fit.

    ``resolved`` counts the lost answers of calls by how they turned out. ``lost_change`` says how the change turned out
    that nobody heard the answer of, if there is one.
    """

    hypothesis: Hypothesis
    findings: list[Finding] = field(default_factory=list)
    settled: dict[str, Known] = field(default_factory=dict)
    resolved: Counter[str] = field(default_factory=Counter)
    lost_change: str = ""


def judge(sight: ObservedWorld, ledger: Ledger, inventory: Inventory, ways: Sequence[Hypothesis]) -> Verdict:
    """Return the verdict of the hypothesis that fits best: without findings, or with the fewest."""
    verdicts = [_judge(sight, ledger, inventory, way) for way in ways]
    best = min(verdicts, key=lambda verdict: len(verdict.findings))
    if best.hypothesis.lost is not None:
        there = "wholly there" if best.hypothesis.lost_is_there else "not there at all"
        is_certain = sum(not verdict.findings for verdict in verdicts) < len(verdicts)
        best.lost_change = f"{best.hypothesis.lost}: {there if is_certain else 'would have changed nothing'}"
    best.findings += add_up(sight)
    return best


def _judge(sight: ObservedWorld, ledger: Ledger, inventory: Inventory, way: Hypothesis) -> Verdict:
    verdict = Verdict(way)
    verdict.findings += _compare_facts(sight, inventory, way.facts)
    for story in ledger:
        try:
            _settle(verdict, sight, story)
        except Unexpected as surprise:
            verdict.findings.append(Finding("answer against the rules", f"{story.global_id}: {surprise} ({way})"))
    for table, keys in (("hold", sight.holds), ("invoice", sight.invoices), ("tombstone", sight.tombstones)):
        for global_id in keys:
            if global_id not in ledger.stories:
                verdict.findings.append(Finding("nobody asked for it", f"a {table} of {global_id}"))
    return verdict


def _settle(verdict: Verdict, sight: ObservedWorld, story: History) -> None:
    """Find out which of the possible truths is there. Raises Unexpected."""
    global_id, truths = story.global_id, possible(story, verdict.hypothesis.cut)
    if truths is None:
        verdict.settled[global_id], complaint = truth_seen(sight, story)
        complaints = [complaint] if complaint else []
        fitting = None
    else:
        differences = [differs(sight, global_id, truth) for truth in truths]
        complaints = [difference for difference in differences if difference is not None]
        fitting = differences.index(None) if None in differences else None
        if fitting is not None:
            verdict.settled[global_id] = _as_of_now(sight, global_id, truths[fitting])
            complaints = []
    if complaints:
        detail = f"{global_id}: {'; and '.join(complaints)} ({verdict.hypothesis})"
        verdict.findings.append(Finding("not as answered", detail))
    if story.lost is not None:
        verdict.resolved[f"{story.lost.operation}: {_outcome(truths, fitting)}"] += 1


def _outcome(truths: list[Known] | None, fitting: int | None) -> str:
    """Say how a lost call turned out."""
    if truths is None:
        return "whole, on either side of another world"
    if len(truths) == 1:
        return "could change nothing"
    return "took effect" if fitting == 1 else "did not take effect"


def _as_of_now(sight: ObservedWorld, global_id: str, truth: Known) -> Known:
    """Let a live hold have expired where that is seen."""
    if truth.state is State.HELD and state_seen(sight, global_id) is State.EXPIRED:
        return Known(State.EXPIRED, truth.remote_id, truth.quantity, held=truth.held)
    return truth


def _compare_facts(sight: ObservedWorld, inventory: Inventory, facts: Facts) -> Iterator[Finding]:
    off_by = abs(sight.offset_ms - facts.offset_ms)
    if off_by > (0 if facts.is_offset_exact else _GUESS_IS_OFF_BY_MS):
        yield Finding("clock", f"its offset is {sight.offset_ms} ms, not {facts.offset_ms} ms")
    marks = {remote_id: mark_of(facts.imported) if facts.imported else "" for remote_id in inventory.remote_ids()}
    for number in facts.extras:
        marks |= dict.fromkeys(extra_ids(number), mark_of(number))
    seen = {listing.remote_id: listing.mark for listing in sight.listings.values()}
    if seen != marks:
        yield Finding("listings", f"expected {_counted(marks)}; there are {_counted(seen)}")
    if retired := [listing.remote_id for listing in sight.listings.values() if listing.retired]:
        yield Finding("listings", f"nobody retired {retired[:5]}")


def _counted(marks: dict[str, str]) -> str:
    counts = Counter(mark or "no import" for mark in marks.values())
    return ", ".join(f"{count} listings of {mark}" for mark, count in sorted(counts.items()))
