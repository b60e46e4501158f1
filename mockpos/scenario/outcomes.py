"""What a rule can make of a call: the forced answer or fault, and what the broker does in the POS meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class SellRest:
    """Sell every free ticket of the listing elsewhere."""

    def __str__(self) -> str:
        return "sell the rest"


@dataclass(frozen=True, slots=True)
class Sell:
    """Sell so many free tickets of the listing elsewhere, or as many as there are."""

    quantity: int

    def __str__(self) -> str:
        return f"sell {self.quantity}"


@dataclass(frozen=True, slots=True)
class Steal:
    """Sell the tickets of this call's hold elsewhere: its invoice will be rejected."""

    def __str__(self) -> str:
        return "steal the held tickets"


@dataclass(frozen=True, slots=True)
class ExpireHold:
    """Let this call's hold lapse at once."""

    def __str__(self) -> str:
        return "expire the hold"


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


PosAction = SellRest | Sell | Steal | ExpireHold | Retire | Reprice
