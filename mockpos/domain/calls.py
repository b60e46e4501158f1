"""What a call found and left behind, and what became of its answer."""

from enum import StrEnum
from typing import NamedTuple


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
