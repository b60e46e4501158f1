"""What a story does to its world: control calls and buyers over HTTP, and what has happened since a chapter began."""

import random  # noqa: TID251  # a seeded generator: a crowd that can be had again
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread
from typing import Any

from mockpos.checkout import AutomatorClient, CallAnswered, Checkout, Outcome, Patience, Purchase, Receipt
from mockpos.contract.model import Contract
from mockpos.control_client import ControlClient, ControlError
from mockpos.demo.story import SHOWCASE
from mockpos.domain.calls import Sent
from mockpos.sandboxes.sandbox import Sandbox

_PATIENCE = Patience(call=12, hold=20, invoice=30, release=20, first_pause=0.3, longest_pause=2)
_SUCCESSES = {"held", "released", "invoiced"}
_SHOWN_SEATS = 30
_ON_SCREEN = 24
_SHOWN_BEFORE = 3


@dataclass(slots=True)
class Crowd:
    """The buyers of one chapter. Once ``stopped`` none begins anything."""

    stopped: Event = field(default_factory=Event)
    threads: list[Thread] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)


class Stage:
    """The world of a story. ``gate`` is closed while its buyers stand still.

    ``fast`` leaves out what only people need: waiting between buyers and between calls.
    """

    showcase = event = after = ""

    def __init__(self, url: str, sandbox: Sandbox, contract: Contract, *, fast: bool) -> None:
        self.sandbox = sandbox
        self.fast = fast
        self.crowd = Crowd()
        self.gate = Event()
        self.gate.set()
        self.control = ControlClient(url).send
        self._client = AutomatorClient(url, sandbox.api_key, contract)
        self._recorded = self._ended = 0

    def keep(self, name: str) -> None:
        """Take a snapshot."""
        self.control("PUT", f"/snapshots/{name}")

    def back_to(self, name: str) -> None:
        """End all buyers, go back to a snapshot, and count from here."""
        self.end_crowd()
        self.control("POST", f"/snapshots/{name}/restore")
        self._recorded = self.sandbox.telemetry.journal.recorded
        self._ended = self.sandbox.store.hold_counts()[1]

    def end_crowd(self) -> None:
        """Let the buyers of before begin nothing new, and wait a moment for them; a new crowd may come."""
        self.crowd.stopped.set()
        self.gate.set()
        for thread in self.crowd.threads:
            thread.join(2)
        self.crowd = Crowd()

    def stand_still(self, still: bool) -> None:  # the word says it
        """Let the world's clock and the buyers that are to come stand still, or go on."""
        (self.gate.clear if still else self.gate.set)()
        self.control("POST", "/clock", {"freeze": still})

    def carry_out(self, what: str, values: Any) -> None:
        """Carry out one step. Raises ControlError."""
        match what:
            case "scenario" if values == "none":
                self.control("DELETE", "/scenario")
            case "scenario":
                self.control("PUT", "/scenario", {"name": values})
            case "sell":
                body = {"quantity": values["quantity"], "steal_held": values["steal_held"]}
                self.control("POST", "/pos/sell", {"remote_id": self._listing(values["listing"]), **body})
            case "retire":
                self.control("POST", "/pos/retire", {"remote_id": self._listing(values)})
            case "advance":
                self.control("POST", "/clock", {"advance": values})
            case "buy":
                self._send({"count": 1, "over": 0, "seed": 1, **values})
            case "buyers":
                self._send(values)

    def happened(self) -> Counter[str]:
        """Count what has happened since the chapter began."""
        journal = self.sandbox.telemetry.journal
        new = journal.recorded - self._recorded
        found: Counter[str] = Counter()
        for call in journal.newest(max(0, new)):
            found[call.code] += 1
            found["lost_answers"] += call.sent is not Sent.COMPLETE
            if call.code not in _SUCCESSES:
                found["failed" if call.status >= 500 else "refused"] += 1  # HTTP: the server's fault
        for receipt in list(self.crowd.receipts):
            found["bought" if receipt.outcome is Outcome.BOUGHT else "turned_away"] += 1
        found["expired"] = self.sandbox.store.hold_counts()[1] - self._ended - found["invoiced"] - found["released"]
        return found

    def busy(self) -> int:
        """Return how many buyers are under way or still to come."""
        return sum(thread.is_alive() for thread in self.crowd.threads)

    def _send(self, values: Mapping[str, Any]) -> None:
        crowd = self.crowd
        checkout = Checkout(self._client, _PATIENCE, stopped=crowd.stopped.is_set)
        for after_s, purchase in self._plan(values):
            thread = Thread(target=self._buy, args=(crowd, checkout, after_s, purchase), daemon=True)
            crowd.threads.append(thread)
            thread.start()

    def _buy(self, crowd: Crowd, checkout: Checkout, after_s: float, purchase: Purchase) -> None:
        if crowd.stopped.wait(after_s if not self.fast else 0):
            return
        self.gate.wait()
        receipt = checkout.buy(purchase, partial(self._between_calls, crowd))
        if not crowd.stopped.is_set():
            crowd.receipts.append(receipt)

    def _between_calls(self, crowd: Crowd, event: object) -> None:
        if isinstance(event, CallAnswered) and event.result.code == "held" and not self.fast:
            crowd.stopped.wait(0.9)  # a person types
        self.gate.wait()

    def _plan(self, values: Mapping[str, Any]) -> list[tuple[float, Purchase]]:
        """Draw who buys what, each after so many seconds."""
        draw = random.Random(values["seed"])  # noqa: S311  # a crowd, not a secret
        quantity = values["quantity"]
        if "listing" in values:
            wanted = [self._listing(values["listing"])]
        else:
            of_event = {"event": self.event[:200] or None, "retired": "false", "available_min": quantity}
            found = self.control("GET", "/listings", query={**of_event, "limit": _ON_SCREEN})["listings"]
            wanted = [
                each["remote_id"]
                for each in found
                if quantity in each["splits"] and each["remote_id"] != self.showcase  # a later chapter wants its seats
                for _ in range(each["available"] // quantity)
            ] or [self.showcase]
        count = values["count"]
        chosen = draw.sample(wanted, count) if count <= len(wanted) else draw.choices(wanted, k=count)
        times = sorted(draw.uniform(0, values["over"] / 1000) for _ in range(count))
        fails = values.get("order_fails", False)
        return [(at, Purchase(name, quantity, order_fails=fails)) for at, name in zip(times, chosen, strict=True)]

    def _listing(self, name: str) -> str:
        return self.showcase if name == SHOWCASE else name

    def choose_showcase(self) -> None:
        """Choose the listing with the most free numbered seats that fit on a screen, and its event."""
        found = self.control("GET", "/listings?limit=200&available_min=2&retired=false")["listings"]
        fit = [each for each in found if each["available"] <= _SHOWN_SEATS and not each["not_for_sale_because"]]
        if not fit:
            raise ControlError("There is no listing with two free tickets to show.")
        chosen = max(fit, key=lambda each: (each["split_type"] == "any", bool(each["free_seats"]), each["available"]))
        self.showcase = str(chosen["remote_id"])
        self.event = str(chosen["event"]["name"]) if chosen["event"] else ""
        of_event = [each["remote_id"] for each in found if each["event"] == chosen["event"]]
        at = of_event.index(self.showcase) - _SHOWN_BEFORE - 1
        self.after = of_event[at] if at >= 0 else ""
