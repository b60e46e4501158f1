"""Drives oracle and server with the same random steps, and compares every answer."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.oracle.contract import Answer, Contract
from tests.oracle.server import Said, Server
from tests.oracle.times import read, said

_FEW = 14
"""Listings that are called: few, so that they sell out, are held by others, and come free again."""


@dataclass(slots=True)
class Comparison:
    """One server beside one oracle. ``seen`` counts answers by operation and code."""

    server: Server
    random: Random
    policy: str
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    oracle: Contract = field(init=False)
    remote_ids: list[str] = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        listings = self.server.listings()
        self.oracle = Contract(listings, read(self.server.now), self.policy)
        special = [name for name, one in listings.items() if one.retired or one.not_for_sale]
        plain = [name for name, one in listings.items() if name not in special and one.quantity <= 12]
        self.remote_ids = [*self.random.sample(plain, _FEW), *special[:3], "TG-NEVER-THERE"]

    def step(self) -> None:
        """Make one random step on both. Raises AssertionError that says what differs."""
        steps: dict[Callable[[], None], int] = {
            self._hold: 40, self._release: 20, self._invoice: 22, self._advance: 8,
            self._sell: 3, self._lapse: 4, self._reprice: 2, self._retire: 1,
        }  # fmt: skip
        self.random.choices(list(steps), list(steps.values()))[0]()

    def _hold(self) -> None:
        remote_id, quantity = self.random.choice(self.remote_ids), self.random.choice((1, 1, 2, 2, 3, 4, 6, 13))
        global_id = self._global_id(new=0.75)
        known = self.oracle.holds.get(global_id)
        if known is not None and self.random.random() < 0.6:
            remote_id, quantity = known.listing.remote_id, known.quantity
        body = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
        self._compare("hold", body, self.oracle.hold(**body), self.server.call("POST", "/v1/holds", body))

    def _release(self) -> None:
        global_id = self._global_id(new=0.08)
        answer = self.server.call("DELETE", f"/v1/holds/{global_id}")
        self._compare("release", {"global_id": global_id}, self.oracle.release(global_id), answer)

    def _invoice(self) -> None:
        global_id = self._global_id(new=0.04)
        held = self.oracle.holds.get(global_id)
        order_id = f"order-{global_id}"
        if held is not None and held.invoice is not None and self.random.random() < 0.7:
            order_id = held.invoice["order_id"]
        elif self.oracle.orders and self.random.random() < 0.1:
            order_id = self.random.choice(list(self.oracle.orders))
        body = {"global_id": global_id, "order_id": order_id}
        expected, answer = self.oracle.invoice(**body), self.server.call("POST", "/v1/invoices", body)
        self._compare("invoice", body, expected, answer)
        if expected.body.get("invoice_id") is ...:  # the server numbers invoices: from here on this number must stay
            self.oracle.holds[global_id].invoice = {**expected.body, "invoice_id": answer[1]["invoice_id"]}

    def _advance(self) -> None:
        seconds = self.random.choice((1, 30, 200, 500, 901))
        self.oracle.now += seconds * 1000
        lapsed = self.oracle.expire()
        _, told = self.server.control("POST", "/_mock/clock", {"advance": f"{seconds}s"})
        assert told["now"] == said(self.oracle.now), told
        assert sorted(one["global_id"] for one in told["expired"]) == sorted(lapsed), (told, lapsed)

    def _sell(self) -> None:
        remote_id, quantity = self.random.choice(self.remote_ids[:_FEW]), self.random.choice((1, 1, 2))
        status, told = self.server.call("POST", "/_mock/pos/sell", {"remote_id": remote_id, "quantity": quantity})
        assert (status == 200) is self.oracle.sell(remote_id, quantity), (status, told)

    def _lapse(self) -> None:
        global_id = self._global_id(new=0)
        status, told = self.server.call("POST", "/_mock/pos/expire-hold", {"global_id": global_id})
        assert (status == 200) is self.oracle.lapse(global_id), (status, told)

    def _reprice(self) -> None:
        listing = self.oracle.listings[self.random.choice(self.remote_ids[:_FEW])]
        price = f"{self.random.randint(1, 500)}.{self.random.randint(0, 99):02}"
        self.server.control("POST", "/_mock/pos/reprice", {"remote_id": listing.remote_id, "wholesale_price": price})
        listing.price = type(listing.price)(price)

    def _retire(self) -> None:
        if self.random.random() < 0.2:  # seldom: it never comes back
            remote_id = self.random.choice(self.remote_ids[:_FEW])
            self.server.control("POST", "/_mock/pos/retire", {"remote_id": remote_id})
            self.oracle.listings[remote_id].retired = True

    def _global_id(self, *, new: float) -> str:
        """Return a Global ID: one never used before, or one of the latest that were, mostly one that held something."""
        if self._made == 0 or self.random.random() < new:
            self._made += 1
            return f"g-{self._made}"
        if self.oracle.holds and self.random.random() < 0.7:
            return self.random.choice(list(self.oracle.holds)[-30:])
        return f"g-{self.random.randint(max(1, self._made - 40), self._made)}"

    def _compare(self, operation: str, asked: dict[str, Any], expected: Answer, answer: Said) -> None:
        status, body = answer
        self.seen[operation, body.get("code", body.get("status", ""))] += 1
        wrong = {
            name: {"expected": value, "answered": body.get(name)}
            for name, value in expected.body.items()
            if name not in body or (value is not ... and body[name] != value)
        }
        if status == 200 and list(body) != list(expected.body):
            wrong["members"] = {"expected": list(expected.body), "answered": list(body)}
        assert status == expected.status, (operation, asked, status, body, expected)
        assert not wrong, (operation, asked, wrong)

    def finish(self) -> None:
        """Compare the whole world at the end: what is free, held and sold of each listing."""
        told = self.server.control("GET", "/_mock/listings?limit=500")[1]["listings"]
        self.oracle.expire()
        for one in told:
            listing = self.oracle.listings[one["remote_id"]]
            counts = len(listing.free), listing.quantity - len(listing.free) - listing.sold, listing.sold
            assert (one["available"], one["held"], one["sold"]) == counts, (one, counts)


def compare(port: int, *, seed: int, steps: int, policy: str) -> Counter[tuple[str, str]]:
    """Compare ``steps`` random steps; return what was answered how often. Raises AssertionError with seed and step."""
    server = Server(port)
    comparison = Comparison(server, Random(seed), policy)
    try:
        for number in range(steps):
            try:
                comparison.step()
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, step {number}, policy {policy}: {error}") from error
        comparison.finish()
    finally:
        server.close()
    return comparison.seen
