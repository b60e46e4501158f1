"""A correct checkout, which leaves nothing behind.

1. A call whose outcome is unknown is repeated unchanged, with the same ids.
2. A refusal for good is not repeated.
3. A hold that is not invoiced is released, also one whose answer was never heard.
4. One Order ID for one Global ID.
5. What is left open at the end is said: ``Outcome.UNRESOLVED``.
"""

import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import NamedTuple

from mockpos.checkout.client import AutomatorClient, CallResult, Heard
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Request

_AFTER_STOP_S = 15.0
"""How long a purchase that was told to stop goes on giving back what it holds."""


class Outcome(StrEnum):
    """How a purchase ended."""

    BOUGHT = "bought"
    UNAVAILABLE = "unavailable"
    """The hold was refused: nothing was taken."""
    RELEASED = "released"
    """The tickets were given back, or nothing is left that could be."""
    UNRESOLVED = "unresolved"
    """Nobody answered, not even the release: the broker has to be asked."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is to be bought. ``order_fails``: the marketplace cannot make the order after the hold, so it releases."""

    remote_id: str
    quantity: int
    global_id: str = ""
    order_id: str = ""
    order_fails: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """Time limits in seconds. ``call``: one call. The others: a call with all its repetitions.

    A hold "may add up to 30 seconds to the checkout process" (TEvo, API Partner Order Integration); an invoice belongs
    to an order that exists already, so it is insisted on for longer.
    """

    call: float = 10.0
    hold: float = 30.0
    invoice: float = 120.0
    release: float = 120.0
    first_pause: float = 0.5
    longest_pause: float = 8.0


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a purchase ended. ``refusal`` is the call that decided against it, where there is one."""

    outcome: Outcome
    global_id: str
    order_id: str
    remote_id: str
    quantity: int
    calls: tuple[CallResult, ...] = ()
    refusal: CallResult | None = None

    @property
    def seats(self) -> tuple[str, ...]:
        """Return the labels of the seats that were held, where the automator names them."""
        named = next((call.values.get("seats") for call in reversed(self.calls) if "seats" in call.values), None)
        return tuple(str(seat) for seat in named) if isinstance(named, list) else ()

    @property
    def took(self) -> float:
        """Return the seconds that all calls took together."""
        return sum(call.took for call in self.calls)


class CallStarted(NamedTuple):
    """A call is about to be sent. ``attempt`` counts the sendings of this call, from 1."""

    operation: Operation
    attempt: int
    request: Request


class CallAnswered(NamedTuple):
    """A call has ended, with an answer or without one."""

    operation: Operation
    attempt: int
    result: CallResult


class Waiting(NamedTuple):
    """The same call will be sent again after so many seconds."""

    operation: Operation
    attempt: int
    seconds: float
    why: str


class Finished(NamedTuple):
    """The purchase is over."""

    receipt: Receipt


Event = CallStarted | CallAnswered | Waiting | Finished
"""What happens during a purchase, for whoever shows it."""


@dataclass(slots=True)
class _Course:
    """What a purchase has come to so far."""

    global_id: str
    order_id: str
    calls: list[CallResult] = field(default_factory=list)
    in_doubt: bool = False
    must_end_at: float | None = None


@dataclass(eq=False)
class Checkout:
    """Buys tickets from an automator, one purchase after another; safe to share between threads.

    ``clock`` and ``sleep`` are in seconds. ``stopped`` is looked at between calls: once it is true nothing new is
    begun, and what was held is given back.
    """

    client: AutomatorClient
    patience: Patience = Patience()
    _: KW_ONLY
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    new_id: Callable[[], str] = lambda: secrets.token_hex(8)
    stopped: Callable[[], bool] = lambda: False

    def buy(self, purchase: Purchase, on_event: Callable[[Event], object] = lambda event: None) -> Receipt:
        """Make one purchase to its end. ``on_event`` hears everything as it happens."""
        for event in self.events(purchase):
            on_event(event)
        assert isinstance(event, Finished)
        return event.receipt

    def buy_many(self, purchases: Sequence[Purchase], concurrency: int) -> Iterator[Receipt]:
        """Make all purchases, at most ``concurrency`` at a time; yield each receipt as its purchase ends.

        Once the checkout is told to stop, purchases that have not begun are left out.
        """
        with ThreadPoolExecutor(concurrency) as pool:
            begun = [pool.submit(self._buy_unless_stopped, purchase) for purchase in purchases]
            yield from filter(None, (done.result() for done in as_completed(begun)))

    def _buy_unless_stopped(self, purchase: Purchase) -> Receipt | None:
        return None if self.stopped() else self.buy(purchase)

    def events(self, purchase: Purchase) -> Iterator[Event]:
        """Make one purchase, event by event; the next call is sent when the next event is asked for.

        The last event is ``Finished``. An iterator that is closed early after its hold leaves that hold to its owner.
        """
        course = _Course(purchase.global_id or f"TEVO-{self.new_id()}", purchase.order_id or f"ORDER-{self.new_id()}")
        outcome, refusal = yield from self._purchase(purchase, course)
        wanted = purchase.remote_id, purchase.quantity
        yield Finished(Receipt(outcome, course.global_id, course.order_id, *wanted, tuple(course.calls), refusal))

    def _purchase(
        self, purchase: Purchase, course: _Course
    ) -> Generator[Event, None, tuple[Outcome, CallResult | None]]:
        hold = {"remote_id": purchase.remote_id, "quantity": purchase.quantity, "global_id": course.global_id}
        held = yield from self._insist(Operation.HOLD, hold, self.patience.hold, course)
        if held.heard is not Heard.SUCCESS and not course.in_doubt:
            return Outcome.UNAVAILABLE, held  # every answer said that nothing changed
        if held.heard is not Heard.SUCCESS:
            return (yield from self._give_back(course)), held
        if purchase.order_fails or self.stopped():
            return (yield from self._give_back(course)), None
        invoice = {"global_id": course.global_id, "order_id": course.order_id}
        sold = yield from self._insist(Operation.INVOICE, invoice, self.patience.invoice, course)
        if sold.heard is Heard.SUCCESS:
            return Outcome.BOUGHT, None
        return (yield from self._give_back(course)), sold

    def _give_back(self, course: _Course) -> Generator[Event, None, Outcome]:
        release = {"global_id": course.global_id}
        released = yield from self._insist(Operation.RELEASE, release, self.patience.release, course)
        tried_to_invoice = any(call.operation is Operation.INVOICE for call in course.calls)
        if released.code == "hold_already_invoiced" and tried_to_invoice:
            return Outcome.BOUGHT  # an invoice whose answer was never heard did take effect
        if released.heard in (Heard.SUCCESS, Heard.REFUSED):
            return Outcome.RELEASED
        return Outcome.UNRESOLVED

    def _insist(
        self, operation: Operation, values: Mapping[str, object], limit: float, course: _Course
    ) -> Generator[Event, None, CallResult]:
        """Repeat one call, unchanged, until it is answered for good or the time is up; after a stop only a release."""
        ends_at = self.clock() + limit
        pause = self.patience.first_pause
        written = self.client.request(operation, values)
        attempt = 1
        while True:
            request = written.with_header("X-Request-Id", f"{course.global_id[:100]}-{operation.value}-{attempt}")
            yield CallStarted(operation, attempt, request)
            left = max(0.1, min(self.patience.call, ends_at - self.clock()))
            result = self.client.send(operation, request, left)
            course.calls.append(result)
            course.in_doubt = course.in_doubt or result.heard is Heard.UNKNOWN
            yield CallAnswered(operation, attempt, result)
            if result.heard in (Heard.SUCCESS, Heard.REFUSED):
                return result
            wait = max(pause, result.retry_after)
            if self.stopped():
                course.must_end_at = course.must_end_at or self.clock() + _AFTER_STOP_S
                ends_at = min(ends_at, course.must_end_at) if operation is Operation.RELEASE else 0.0
            if self.clock() + wait >= ends_at:
                return result
            yield Waiting(operation, attempt, wait, result.code or result.detail)
            self.sleep(wait)
            pause = min(pause * 2, self.patience.longest_pause)
            attempt += 1
