"""What happens during a purchase, event by event, for whoever shows it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockpos.checkout.client import CallResult
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Request

if TYPE_CHECKING:
    from mockpos.checkout.checkout import Receipt


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call is about to be sent. ``attempt`` counts the sendings of this call, from 1."""

    operation: Operation
    attempt: int
    request: Request


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """A call has ended, with an answer or without one."""

    operation: Operation
    attempt: int
    result: CallResult


@dataclass(frozen=True, slots=True)
class Waiting:
    """The same call will be sent again after so many seconds."""

    operation: Operation
    attempt: int
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The purchase is over."""

    receipt: "Receipt"


Event = CallStarted | CallAnswered | Waiting | Finished
