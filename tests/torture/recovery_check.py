"""The reckoning after a life: look, judge, ask again, look once more; then what is true is known for the next one."""

import random
from collections import Counter
from dataclasses import replace

from tests.torture.changes import Facts
from tests.torture.client import Client
from tests.torture.counts import Counts
from tests.torture.histories import Call, History, Ledger, State
from tests.torture.hypotheses import hypotheses
from tests.torture.inventories import Inventory
from tests.torture.lifetime import Lifetime
from tests.torture.observed import ObservedWorld, look
from tests.torture.replays import Replays
from tests.torture.verdict import Verdict, judge

MOST_REPLAYS = 300
"""How many stories are asked again after one life; everything is looked at in any case."""

_MOST_OLD_TOMBSTONES = 100


class RecoveryCheck:
    """Keeps what is true of one inventory file from life to life, and counts what it finds."""

    def __init__(self, inventory: Inventory, ledger: Ledger, tally: Counts, chance: random.Random) -> None:
        self._inventory = inventory
        self._ledger = ledger
        self._tally = tally
        self._chance = chance
        self._facts = Facts()

    def over_http(self, client: Client, life: Lifetime) -> None:
        """Compare what a new server shows with the life before, then let the callers of that life ask again."""
        asked = [(story, story.lost) for story in self._ledger.touched()]
        early = [story.global_id for story in self._ledger if story.known.state is State.TOMBSTONE]
        early = self._chance.sample(early, min(len(early), _MOST_OLD_TOMBSTONES))
        looked_for = {story.global_id for story, _ in asked}.union(early)
        self.of(look(client, looked_for), life)
        if not self._tally.findings:
            self._ask_again(client, asked)
        if not self._tally.findings:
            verdict = judge(look(client, looked_for), self._ledger, self._inventory, hypotheses(self._facts, []))
            self._tally.findings += verdict.findings

    def of(self, sight: ObservedWorld, life: Lifetime) -> None:
        """Judge a life by what is seen after it, and take over what is true."""
        ways = hypotheses(self._facts, life.changer.made)
        verdict = judge(sight, self._ledger, self._inventory, ways)
        self._count(verdict, sight, life)
        self._tally.findings += verdict.findings
        # where the answer was lost, the clock itself says how it is set
        self._facts = replace(verdict.hypothesis.facts, offset_ms=sight.offset_ms, is_offset_exact=True)
        for story in self._ledger:
            story.settle(verdict.settled.get(story.global_id, story.known))

    def _ask_again(self, client: Client, asked: list[tuple[History, Call | None]]) -> None:
        replays = Replays()
        self._chance.shuffle(asked)
        unheard = [pair for pair in asked if pair[1] is not None]
        heard = [pair for pair in asked if pair[1] is None]
        for story, lost in [*unheard, *heard[:MOST_REPLAYS]]:
            story.settle(replays.ask_again(client, story, story.known, lost))
        self._tally.confirmed.update(replays.confirmed)
        self._tally.findings += replays.findings

    def _count(self, verdict: Verdict, sight: ObservedWorld, life: Lifetime) -> None:
        tally = self._tally
        for story in self._ledger.touched():
            for call in story.calls:
                if call.answer is not None:
                    tally.answers[f"{call.operation}: {call.answer.code or 'success'}"] += 1
        for change in life.changer.made:
            if not change.is_lost:
                tally.changes[change.kind] += 1
        tally.lost_calls.update(verdict.resolved)
        if verdict.lost_change:
            tally.lost_changes[verdict.lost_change] += 1
        tally.compared += Counter(
            holds=len(sight.holds), invoices=len(sight.invoices), tombstones=len(sight.tombstones),
            listings=len(sight.listings), Global_IDs=len(self._ledger.stories),
        )  # fmt: skip
