"""One call as it happened: what was asked, what was decided and why, what changed, what reached the caller.

The journal keeps these for a while; audit, timing, coverage and verification are computed from them.
API keys and tokens are redacted before a record is made.
"""

from enum import StrEnum
from typing import NamedTuple

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis


class Sent(StrEnum):
    """What became of the answer on its way to the caller."""

    COMPLETE = "complete"
    CUT = "cut"
    CLIENT_GONE = "client_gone"


class StateView(NamedTuple):
    """What one listing and one Global ID looked like at a moment; None where there was nothing to look at."""

    available: int | None = None
    held: int | None = None
    sold: int | None = None
    hold_status: str | None = None


class CallRecord(NamedTuple):
    """One call of an operation, or one that met no operation (``operation`` is None).

    ``code`` is the error's code, or what succeeded: held, released, invoiced. ``at`` is the sandbox's time at the
    arrival, durations are real milliseconds. ``headers`` and ``response_headers`` are pairs as they were sent.
    A tuple, because one is made for every call: a frozen dataclass of as many fields takes twice as long.
    """

    request_id: str
    at: Millis
    operation: Operation | None
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    global_id: str | None = None
    remote_id: str | None = None
    quantity: int | None = None
    order_id: str | None = None
    status: int = 0
    code: str = ""
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: bytes = b""
    replayed: bool = False
    committed: bool = False
    sent: Sent = Sent.COMPLETE
    scenario: str | None = None
    rule: str | None = None
    why: str = ""
    injected: str = ""
    delay_asked_ms: int = 0
    delay_served_ms: float = 0.0
    duration_ms: float = 0.0
    before: StateView | None = None
    after: StateView | None = None
