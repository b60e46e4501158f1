"""What an audit can find: the six kinds, each defined once, and the report that carries them.

The documentation of ``GET /_mock/audit`` is derived from ``FINDING_KINDS``. An answer was *lost* when it was not sent
whole; an outcome is *unknown* to the caller when the answer was lost, was ``internal_error`` or ``pos_timeout``, or was
nothing the contract knows (a proxy's 502, say).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mockpos.domain.clock import Millis, rfc3339


class FindingKind(StrEnum):
    """What a client can leave behind."""

    ORPHANED_HOLD = "orphaned_hold"
    UNACKNOWLEDGED_COMMIT = "unacknowledged_commit"
    DOUBLE_HOLD = "double_hold"
    INVOICE_MISSING = "invoice_missing"
    SECOND_ORDER = "second_order"
    KEPT_CALLING_AFTER_REFUSAL = "kept_calling_after_refusal"


FINDING_KINDS = {
    FindingKind.ORPHANED_HOLD: (
        "Tickets were held and then neither released nor invoiced. A hold that is still alive counts too, unless the "
        "audit is asked with pending=ok; one that expired counts in any case."
    ),
    FindingKind.UNACKNOWLEDGED_COMMIT: (
        "A call changed the state, its outcome is unknown to the client, and no later call carries that Global ID."
    ),
    FindingKind.DOUBLE_HOLD: (
        "A hold was committed with an outcome unknown to the client; while it lived, unreleased, the same Remote ID "
        "and quantity were submitted under a new Global ID, and no call came for the first one after that."
    ),
    FindingKind.INVOICE_MISSING: (
        "An invoice was tried and never got through, and the hold was not released after the last try."
    ),
    FindingKind.SECOND_ORDER: (
        "A hold that was invoiced was invoiced again under another Order ID, whatever the answer."
    ),
    FindingKind.KEPT_CALLING_AFTER_REFUSAL: (
        "The same call was repeated after a whole answer that refused it for good (a code that is not retryable), with "
        "nothing of this Global ID changed in between. A repetition that is no longer refused alike is forgiven after "
        "held_by_another and after a refusal that any HTTP service may give: the other hold ended, the request was "
        "corrected."
    ),
}
"""What each kind means, in documented order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing left behind. ``requests`` are the ids of the calls that prove it, in the order they arrived."""

    kind: FindingKind
    global_id: str
    detail: str
    requests: tuple[str, ...]
    remote_id: str | None
    quantity: int | None
    first_at: Millis

    def as_document(self) -> dict[str, object]:
        """Lay it out as the control plane answers it."""
        told = {name: getattr(self, name) for name in self.__slots__}  # asdict takes 15 times as long
        return {**told, "requests": list(self.requests), "first_at": rfc3339(self.first_at)}


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What one sandbox's client left behind, in the order of the first evidence.

    ``counts`` says how many there are of every kind, those without any included. ``remembered`` counts the Global IDs
    that are pending or suspicious, ``forgotten`` those that had to be given up.
    """

    findings: Sequence[Finding]
    counts: Mapping[FindingKind, int]
    remembered: int
    forgotten: int

    @property
    def verdict(self) -> str:
        """Say ``clean`` or ``findings``."""
        return "findings" if self.findings else "clean"

    @property
    def unsafe(self) -> str | None:
        """Say why the verdict cannot be relied on, or None when it can."""
        if not self.forgotten:
            return None
        return (
            f"{self.forgotten} Global IDs that were pending or suspicious had to be forgotten: what they left behind "
            "may be missing here."
        )

    def as_document(self) -> dict[str, object]:
        """Lay it out as the control plane answers it; the findings, which may be many, as they are asked for."""
        return {
            "verdict": self.verdict,
            "findings": _laid_out([*reversed(self.findings)]),
            "counts": {kind.value: count for kind, count in self.counts.items()},
            "remembered": self.remembered,
            "forgotten": self.forgotten,
            "unsafe": self.unsafe,
        }


def _laid_out(last_first: list[Finding]) -> Iterator[dict[str, object]]:
    """Lay findings out one by one, and let each go: 60,000 that are freed at once keep every call waiting."""
    while last_first:
        yield last_first.pop().as_document()
