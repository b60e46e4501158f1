"""What a rule may know of a call: facts of the request, and how many came before it."""

from dataclasses import dataclass, field
from typing import Protocol

from mockpos.domain.catalogue import Operation


class HeaderLookup(Protocol):
    """The headers of a request; names in any letter case. A plain dict will do."""

    def get(self, name: str, /) -> str | None:
        """Return the value of a header, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """One call. For a release and an invoice, ``remote_id`` and ``quantity`` are the stored hold's.

    None means unknown (no such hold) or not part of this operation: a rule that asks for it does not match.
    """

    operation: Operation
    global_id: str
    remote_id: str | None = None
    quantity: int | None = None
    order_id: str | None = None
    headers: HeaderLookup = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Arrival:
    """The numbers a call got when it arrived, both from 1.

    ``attempt`` counts this operation with this Global ID, ``call`` this operation in this sandbox.
    """

    attempt: int
    call: int
