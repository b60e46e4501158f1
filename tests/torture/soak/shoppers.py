"""Shoppers: clients of the default sandbox, each story with what an audit has to find of it. They hear every answer."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.torture.client import Answer, Client, Lost
from tests.torture.findings import Finding
from tests.torture.soak.counting import Calls

LISTINGS, TICKETS = 100, 500
LOST_LISTINGS = 2_000
"""How many listings there are of which every first hold is answered by a broken connection. Used in turn, so that
nobody else wants the same tickets meanwhile: an audit could not tell whose second try it was."""

MOODY_LISTING = "TG-S1"
"""A listing that some scenarios keep from being held."""

_STUBBORN = 8

Kinds = frozenset[str]
NOTHING: Kinds = frozenset()


@dataclass
class Ledger:
    """What all shoppers know together. ``expected`` is what an audit has to find, by Global ID."""

    expected: dict[str, Kinds] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    lost: "count[int]" = field(default_factory=count)
    calls: Calls = field(default_factory=Calls)


class Caller:
    """One client with one connection. ``all_calls`` counts those of others too."""

    def __init__(self, name: str, url: str, ledger: Ledger, all_calls: Calls) -> None:
        self._name = name
        self._client = Client(url)
        self._ledger = ledger
        self._all_calls = all_calls
        self._chance = random.Random(name)
        self._numbers = count(1)

    def work(self, goes_on: Callable[[], bool]) -> None:
        """Live one story after another."""
        with self._client:
            while goes_on():
                script = self._chance.choices(list(_SCRIPTS), list(_SCRIPTS.values()))[0]
                global_id = self._new_id()
                kinds = script(self, global_id)
                if kinds:
                    self._ledger.expected[global_id] = kinds

    def buy(self, global_id: str) -> Kinds:
        """Hold and invoice, the invoice twice."""
        if self._hold(global_id):
            self._expect(200, self._invoice(global_id))
            self._expect(200, self._invoice(global_id), replayed=True)
        return NOTHING

    def change_mind(self, global_id: str) -> Kinds:
        """Hold and release."""
        if self._hold(global_id):
            self._expect(200, self._release(global_id))
        return NOTHING

    def repeat_all(self, global_id: str) -> Kinds:
        """Hold, release, and each of them twice."""
        if self._hold(global_id):
            self._expect(200, self._hold_again(global_id), replayed=True)
            self._expect(200, self._release(global_id))
            self._expect(200, self._release(global_id), replayed=True)
        return NOTHING

    def forget(self, global_id: str) -> Kinds:
        """Hold, and never come back: the clock ends it."""
        return frozenset({"orphaned_hold"}) if self._hold(global_id) else NOTHING

    def come_too_early(self, global_id: str) -> Kinds:
        """Release what was never held; its hold is refused then."""
        self._expect(404, self._release(global_id), "hold_not_found")
        self._expect(409, self._hold_call(global_id, self._any_listing(), 1), "global_id_closed")
        return NOTHING

    def insist(self, global_id: str) -> Kinds:
        """Ask again and again for a listing that nobody ever had."""
        for _ in range(2):
            self._expect(404, self._hold_call(global_id, "TG-NOBODY", 1), "listing_not_found")
        return frozenset({"kept_calling_after_refusal"})

    def order_twice(self, global_id: str) -> Kinds:
        """Invoice one hold under two orders."""
        if not self._hold(global_id):
            return NOTHING
        self._expect(200, self._invoice(global_id))
        self._expect(409, self._invoice(global_id, "second-"), "order_id_conflict")
        return frozenset({"second_order"})

    def invoice_nothing(self, global_id: str) -> Kinds:
        """Invoice what was never held."""
        self._expect(404, self._invoice(global_id), "hold_not_found")
        return frozenset({"invoice_missing"})

    def hear_nothing(self, global_id: str) -> Kinds:
        """Hold, hear nothing, ask again and release, as one should."""
        self._until_heard(global_id, self._lost_listing())
        return NOTHING

    def walk_away(self, global_id: str) -> Kinds:
        """Hold, hear nothing, and try under a new id."""
        listing = self._lost_listing()
        try:
            self._hold_call(global_id, listing, 1)
        except Lost:
            self._until_heard(self._new_id(), listing)
            return frozenset({"orphaned_hold", "unacknowledged_commit", "double_hold"})
        self._wrong(f"the scenario loses the first answer of every hold on {listing}, but {global_id} heard it")
        return NOTHING

    def want_the_moody_one(self, global_id: str) -> Kinds:
        """Hold what a scenario may keep away; then it is worth another try, another time."""
        answer = self._hold_call(global_id, MOODY_LISTING, 1)
        if answer.status == 200:
            self._expect(200, self._release(global_id))
        else:
            self._expect(503, answer, "pos_unavailable")
        return NOTHING

    def _until_heard(self, global_id: str, listing: str) -> None:
        """Hold until an answer comes, then release: each change of the scenario makes the next call the first again."""
        for tries in range(_STUBBORN):
            try:
                self._expect(200, self._hold_call(global_id, listing, 1), replayed=tries > 0)
                break
            except Lost:
                continue
        self._expect(200, self._release(global_id))

    def _hold(self, global_id: str) -> bool:
        self._wanted = self._any_listing(), self._chance.randint(1, 2)
        return self._expect(200, self._hold_call(global_id, *self._wanted))

    def _hold_again(self, global_id: str) -> Answer:
        return self._hold_call(global_id, *self._wanted)

    def _hold_call(self, global_id: str, remote_id: str, quantity: int) -> Answer:
        content = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
        return self._call("POST", "/v1/holds", content)

    def _release(self, global_id: str) -> Answer:
        return self._call("DELETE", f"/v1/holds/{global_id}")

    def _invoice(self, global_id: str, order: str = "order-") -> Answer:
        return self._call("POST", "/v1/invoices", {"global_id": global_id, "order_id": f"{order}{global_id}"})

    def _call(self, method: str, path: str, body: object = None) -> Answer:
        self._all_calls.add()
        self._ledger.calls.add()
        return self._client.call(method, path, body)

    def _expect(self, status: int, answer: Answer, code: str = "", *, replayed: bool = False) -> bool:
        """Tell whether an answer is the one expected; one that is not is a finding."""
        as_expected = (answer.status, answer.code) == (status, code)
        as_expected = as_expected and answer.body.get("replayed", False) is replayed
        if not as_expected:
            self._wrong(f"expected {status} {code or 'success'}, heard {answer.status} {str(answer.body)[:300]}")
        return as_expected

    def _wrong(self, detail: str) -> None:
        self._ledger.findings.append(Finding("answer", detail))

    def _any_listing(self) -> str:
        return f"TG-{self._chance.randrange(LISTINGS)}"

    def _lost_listing(self) -> str:
        return f"TG-L{next(self._ledger.lost) % LOST_LISTINGS}"

    def _new_id(self) -> str:
        return f"{self._name}-{next(self._numbers)}"


_SCRIPTS: dict[Callable[[Caller, str], Kinds], int] = {
    Caller.change_mind: 50,
    Caller.repeat_all: 15,
    Caller.buy: 10,
    Caller.come_too_early: 10,
    Caller.hear_nothing: 5,
    Caller.want_the_moody_one: 5,
    Caller.forget: 1,
    Caller.insist: 1,
    Caller.order_twice: 1,
    Caller.invoice_nothing: 1,
    Caller.walk_away: 1,
}
"""What shoppers do, and how often. An audit remembers each that does wrong: they are few, so that it may."""
