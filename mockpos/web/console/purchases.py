"""Purchases that the console makes: real checkouts over HTTP against this server, step by step, so that one can watch.

Between the hold and the invoice a buyer of flesh and blood would type; here the purchase waits a moment, or nobody
would see the seats held.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

from mockpos.checkout import (
    AutomatorClient,
    CallAnswered,
    CallResult,
    CallStarted,
    Checkout,
    Event,
    Finished,
    Heard,
    Outcome,
    Patience,
    Purchase,
    Receipt,
    Waiting,
)
from mockpos.contract.model import Contract
from mockpos.domain.errors import MockMisuse

STEP_S = 1.2
_MOST_RUNNING = 20
_KEPT = 50
_PATIENCE = Patience(call=12, hold=30, invoice=30, release=30)
_TONES = {Heard.SUCCESS: "ok", Heard.REFUSED: "refused", Heard.TRY_AGAIN: "failed", Heard.UNKNOWN: "lost"}


@dataclass(slots=True)
class Step:
    """One call of a purchase as it stands: begun, answered, or to be sent again."""

    operation: str
    attempt: int
    tone: str = "waiting"
    code: str = ""
    detail: str = ""
    took_ms: float | None = None
    request_id: str = ""


@dataclass(slots=True)
class Running:
    """A purchase in the making, and its receipt when it is over."""

    number: int
    purchase: Purchase
    steps: list[Step] = field(default_factory=list)
    receipt: Receipt | None = None
    failure: str = ""
    global_id: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.receipt is not None or bool(self.failure)

    @property
    def retried(self) -> bool:
        """Whether some call was sent more than once."""
        return any(step.attempt > 1 for step in self.steps)

    def take_in(self, event: Event) -> None:
        """Note what happened."""
        match event:
            case CallStarted():
                self.steps.append(Step(event.operation.value, event.attempt))
            case CallAnswered():
                _answer(self.steps[-1], event.result)
            case Waiting():
                self.steps[-1].detail += f" The same call follows in {event.seconds:.1f} s, with the same Global ID."
            case Finished():
                self.receipt, self.global_id = event.receipt, event.receipt.global_id


class Purchases:
    """The purchases of this server's console. ``pause`` waits for seconds of real time."""

    def __init__(self, contract: Contract, pause: Callable[[float], object] = time.sleep) -> None:
        self._contract = contract
        self._pause = pause
        self._all: dict[int, Running] = {}
        self._last = 0

    def begin(self, url: str, api_key: str, purchase: Purchase) -> Running:
        """Begin a purchase; it goes on by itself. Raises MockMisuse when too many are under way."""
        if sum(not each.is_over for each in self._all.values()) >= _MOST_RUNNING:
            raise MockMisuse("mock_bad_input", f"{_MOST_RUNNING} purchases are under way; wait for one to end.")
        self._last += 1
        running = self._all[self._last] = Running(self._last, purchase, global_id=purchase.global_id)
        for number in sorted(self._all)[:-_KEPT]:
            del self._all[number]
        checkout = Checkout(AutomatorClient(url, api_key, self._contract), _PATIENCE)
        Thread(target=self._make, args=(checkout, running), daemon=True, name=f"purchase-{self._last}").start()
        return running

    def get(self, number: int) -> Running:
        """Return a purchase. Raises MockMisuse for one that is not known any more."""
        running = self._all.get(number)
        if running is None:
            raise MockMisuse("mock_unknown_request", f"There is no purchase {number}; the server was restarted.")
        return running

    def _make(self, checkout: Checkout, running: Running) -> None:
        try:
            for event in checkout.events(running.purchase):
                running.take_in(event)
                if isinstance(event, CallAnswered) and event.result.heard is Heard.SUCCESS:
                    self._pause(STEP_S)
        except Exception as error:  # whatever it is, the page must not wait for ever
            running.failure = f"The purchase broke off: {error}"


def _answer(step: Step, result: CallResult) -> None:
    step.tone = _TONES[result.heard]
    step.code = result.code or ("no answer" if result.response is None else f"HTTP {result.status}")
    step.took_ms, step.request_id = result.took * 1000, result.request_id
    if result.heard is Heard.UNKNOWN:
        step.detail = f"{result.detail.rstrip('.')}. Nobody can tell from this whether it took effect."
    elif result.heard is not Heard.SUCCESS:
        step.detail = result.detail


def buyer_sees(running: Running) -> tuple[str, str, str]:
    """Return what the buyer's page shows: a kind, a sentence, and what is behind it."""
    if running.failure:
        return "unknown", "Something went wrong", running.failure
    if running.receipt is None:
        doing = running.steps[-1].operation if running.steps else "hold"
        words = {"hold": "Holding your tickets", "invoice": "Placing your order", "release": "Giving the tickets back"}
        return "waiting", words[doing], "Please wait."
    receipt = running.receipt
    again = " A lost or failed answer was asked for again, with the same ids." if running.retried else ""
    match receipt.outcome:
        case Outcome.BOUGHT:
            seats = f"Seats {', '.join(receipt.seats)}." if receipt.seats else ""
            return "confirmed", "Your tickets are confirmed", f"{seats}{again}"
        case Outcome.UNAVAILABLE:
            return "refused", "No longer available", "These tickets cannot be bought; nothing was charged."
        case Outcome.RELEASED:
            return "refused", "Your order could not be placed", f"You were not charged; the hold was given back.{again}"
    return "unknown", "We are checking with the broker", f"Nobody answered, not even the release.{again}"
