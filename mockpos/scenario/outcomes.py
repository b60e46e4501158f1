"""What a rule can make of a call: the forced answer or fault, and what the broker does in the POS meanwhile."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from statistics import NormalDist

from mockpos.domain.clock import show_duration


class Phase(StrEnum):
    """Before the call touches the state, or after its commit."""

    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"


class FaultKind(StrEnum):
    """What goes wrong on the connection."""

    RESET = "reset"
    EMPTY = "empty"
    TRUNCATE = "truncate"
    MALFORMED = "malformed"
    HANG = "hang"
    DRIP = "drip"


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer with a documented code. ``details`` are only those the rule names; see refusals.py for the rest."""

    code: str
    details: Mapping[str, object] = field(default_factory=dict)
    retry_after_s: int | None = None

    def __str__(self) -> str:
        return f"respond {self.code}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Break the connection, or what is sent over it."""

    kind: FaultKind

    def __str__(self) -> str:
        return f"fault {self.kind.value}"


@dataclass(frozen=True, slots=True)
class Raw:
    """Answer as something between caller and automator would, outside the contract."""

    status: int
    content_type: str = "text/html"
    body: str = ""

    def __str__(self) -> str:
        return f"raw {self.status}"


Outcome = Respond | Fault | Raw


class PlainAction(StrEnum):
    """What the broker does that needs no further word: to the free tickets, or to this call's hold."""

    SELL_REST = "sell the rest"
    STEAL = "steal the held tickets"
    EXPIRE_HOLD = "expire the hold"


@dataclass(frozen=True, slots=True)
class Sell:
    """Sell so many free tickets of the listing elsewhere, or as many as there are."""

    quantity: int

    def __str__(self) -> str:
        return f"sell {self.quantity}"


@dataclass(frozen=True, slots=True)
class Retire:
    """Withdraw the listing, or replace it by another."""

    superseded_by: str | None = None

    def __str__(self) -> str:
        return f"retire the listing{f' for {self.superseded_by}' if self.superseded_by else ''}"


@dataclass(frozen=True, slots=True)
class Reprice:
    """Give the listing another wholesale price; later holds pay it."""

    price: Decimal

    def __str__(self) -> str:
        return f"reprice to {self.price:.2f}"


PosAction = PlainAction | Sell | Retire | Reprice


LONGEST_MS = 600_000
"""No call is held back longer, whatever was drawn: ten minutes."""

_NORMAL = NormalDist()
_Z99 = _NORMAL.inv_cdf(0.99)
_SMALLEST = 2.0**-54


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same."""

    ms: int
    draws = False

    def at(self, _drawn: float) -> int:
        """Return the delay in milliseconds."""
        return self.ms

    def __str__(self) -> str:
        return show_duration(self.ms)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Anything between two durations, both included, equally likely."""

    min_ms: int
    max_ms: int
    draws = True

    def at(self, drawn: float) -> int:
        """Return the delay in milliseconds for a number in [0, 1)."""
        return self.min_ms + int(drawn * (self.max_ms - self.min_ms + 1))

    def __str__(self) -> str:
        return f"{show_duration(self.min_ms)} to {show_duration(self.max_ms)}"


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Like real servers: half of the calls are faster than the median, one in a hundred slower than the p99."""

    median_ms: int
    p99_ms: int
    draws = True

    def at(self, drawn: float) -> int:
        """Return the delay in milliseconds for a number in [0, 1); at most ten minutes."""
        sigma = math.log(self.p99_ms / self.median_ms) / _Z99
        exponent = sigma * _NORMAL.inv_cdf(max(drawn, _SMALLEST))
        return round(min(self.median_ms * math.exp(min(exponent, 50.0)), LONGEST_MS))

    def __str__(self) -> str:
        return f"median {show_duration(self.median_ms)}, p99 {show_duration(self.p99_ms)}"


Delay = Fixed | Uniform | LogNormal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The one rule that decided about a call, and what it asks for. ``why`` is for logs and explanations."""

    scenario: str
    rule_id: str
    why: str
    delay_ms: int = 0
    delay_at: Phase = Phase.BEFORE_COMMIT
    outcome: Outcome | None = None
    phase: Phase = Phase.BEFORE_COMMIT
    pos: tuple[PosAction, ...] = ()

    @property
    def delay_s(self) -> float:
        """The delay in seconds."""
        return self.delay_ms / 1000

    @property
    def commits(self) -> bool:
        """True when the call is carried out, whatever its caller is told."""
        return self.outcome is None or self.phase is Phase.AFTER_COMMIT

    def __str__(self) -> str:
        parts = []
        if self.delay_ms:
            parts.append(f"delay {show_duration(self.delay_ms)}{_after(self.delay_at)}")
        if self.outcome is not None:
            parts.append(f"{self.outcome}{_after(self.phase)}")
        parts += [f"pos: {action}" for action in self.pos]
        return "; ".join(parts) or "nothing"


def _after(phase: Phase) -> str:
    return " after commit" if phase is Phase.AFTER_COMMIT else ""
