"""Purchases that the console makes: real checkouts over HTTP against this server, step by step, so that one can watch.

Between the hold and the invoice a buyer of flesh and blood would type; here the purchase waits a moment, or nobody
would see the seats held.
"""

import time
from dataclasses import dataclass, field
from threading import Thread

from mockpos.checkout import AutomatorClient, CallAnswered, CallStarted, Checkout, Event, Patience, Purchase, Receipt
from mockpos.contract.model import Contract
from mockpos.domain.errors import MockMisuse

_STEP_S = 1.2
_MOST_RUNNING = 20
_KEPT = 50
_PATIENCE = Patience(call=12, hold=30, invoice=30, release=30)
_FORGOTTEN = "mockpos was restarted meanwhile. What its calls did stands; how the purchase ended nobody knows."


@dataclass(slots=True)
class Running:
    """A purchase in the making: the events of each of its calls, and its receipt when it is over."""

    number: int
    purchase: Purchase
    steps: list[list[Event]] = field(default_factory=list)
    receipt: Receipt | None = None
    failure: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.receipt is not None or bool(self.failure)


class Purchases:
    """The purchases of this server's console."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._all: dict[int, Running] = {}
        self._last = 0

    def begin(self, url: str, api_key: str, purchase: Purchase) -> Running:
        """Begin a purchase; it goes on by itself. Raises MockMisuse when too many are under way."""
        if sum(not each.is_over for each in self._all.values()) >= _MOST_RUNNING:
            raise MockMisuse("mock_bad_input", f"{_MOST_RUNNING} purchases are under way; wait for one to end.")
        self._last += 1
        running = self._all[self._last] = Running(self._last, purchase)
        self._all.pop(self._last - _KEPT, None)
        checkout = Checkout(AutomatorClient(url, api_key, self._contract), _PATIENCE)
        Thread(target=self._make, args=(checkout, running), daemon=True, name=f"purchase-{self._last}").start()
        return running

    def get(self, number: int, purchase: Purchase) -> Running:
        """Return a purchase; one that is not known any more as one that broke off."""
        running = self._all.get(number)
        if running is None or running.purchase.global_id != purchase.global_id:
            return Running(number, purchase, failure=_FORGOTTEN)
        return running

    def _make(self, checkout: Checkout, running: Running) -> None:
        def note(event: Event) -> None:
            if isinstance(event, CallStarted):
                running.steps.append([event])
            else:
                running.steps[-1].append(event)
            if isinstance(event, CallAnswered) and event.result.heard == "success":
                time.sleep(_STEP_S)

        try:
            running.receipt = checkout.buy(running.purchase, note)
        except Exception as error:  # whatever it is, the page must not wait for ever
            running.failure = f"The purchase broke off: {error}"
