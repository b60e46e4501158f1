"""Which calls are meant: what a call must be, since when, and how many of them. Independent of where calls are kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.domain.errors import BadInput
from mockpos.telemetry.call_record import CallRecord

PATTERN_FIELDS = ("operation", "code", "global_id", "remote_id", "order_id", "scenario")
"""What a call can be asked for by, in the order that answers name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPattern:
    """What a call must be, exactly; what is None may be anything."""

    operation: Operation | None = None
    code: str | None = None
    global_id: str | None = None
    remote_id: str | None = None
    order_id: str | None = None
    scenario: str | None = None
    stated: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stated = [(name, getattr(self, name)) for name in PATTERN_FIELDS]
        object.__setattr__(self, "stated", tuple((name, value) for name, value in stated if value is not None))

    def matches(self, call: CallRecord) -> bool:
        """Tell whether a call is all that is stated."""
        return all(getattr(call, name) == value for name, value in self.stated)

    def among(self, calls: Iterable[CallRecord]) -> list[CallRecord]:
        """List the calls that match, in their order. Field by field is several times as fast as call by call."""
        left = list(calls)
        for name, value in self.stated:
            actual = attrgetter(name)
            left = [call for call in left if actual(call) == value]
        return left


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFilter:
    """Calls of a pattern, newest first, at most ``limit``.

    ``since`` is a moment of the sandbox's clock (calls at it and later), or a request's id (calls recorded after it).
    """

    pattern: CallPattern = CallPattern()
    since: Millis | str | None = None
    limit: int | None = None

    def choose(self, calls: Sequence[CallRecord], evicted: int) -> list[CallRecord]:
        """Choose from calls that are given oldest first.

        Raises BadInput when ``since`` names a request that is not among them.
        """
        chosen = self.pattern.among(self._later(calls, evicted))
        chosen.reverse()
        return chosen if self.limit is None else chosen[: self.limit]

    def _later(self, calls: Sequence[CallRecord], evicted: int) -> Sequence[CallRecord]:
        if self.since is None:
            return calls
        if isinstance(self.since, str):
            for place in range(len(calls) - 1, -1, -1):
                if calls[place].request_id == self.since:
                    return calls[place + 1 :]
            gone = f"; calls evicted so far: {evicted}" if evicted else ""
            raise BadInput(f"since: No request {self.since} is in the journal{gone}.")
        return [call for call in calls if call.at >= self.since]  # the clock can be set back: look at every one
