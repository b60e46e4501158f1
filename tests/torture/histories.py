"""Stories: what one Global ID went through, as its callers know it. They must not know how a server is looked into."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from tests.torture.client import Answer, Body


class State(StrEnum):
    """What a Global ID has come to. ``TOMBSTONE``: released before it was ever held."""

    NOTHING = "nothing"
    HELD = "held"
    EXPIRED = "expired"
    RELEASED = "released"
    INVOICED = "invoiced"
    TOMBSTONE = "tombstone"


class Operation(StrEnum):
    """The three operations of the contract."""

    HOLD = "hold"
    RELEASE = "release"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Known:
    """What is true of a Global ID. ``held`` and ``ended`` are the first answers, where anybody ever heard them."""

    state: State = State.NOTHING
    remote_id: str = ""
    quantity: int = 0
    order_id: str = ""
    held: Body | None = None
    ended: Body | None = None


UNKNOWN_TO_ALL = Known()


@dataclass(slots=True)
class Call:
    """One call of a story. ``sent`` and ``heard`` are monotonic seconds; a lost call was never heard."""

    operation: Operation
    remote_id: str = ""
    quantity: int = 0
    order_id: str = ""
    sent: float = 0.0
    heard: float = inf
    answer: Answer | None = None

    @property
    def is_lost(self) -> bool:
        return self.answer is None

    def request(self, global_id: str) -> tuple[str, str, Body | None]:
        """Return method, path and body."""
        match self.operation:
            case Operation.HOLD:
                body = {"remote_id": self.remote_id, "quantity": self.quantity, "global_id": global_id}
                return "POST", "/v1/holds", body
            case Operation.RELEASE:
                return "DELETE", f"/v1/holds/{global_id}", None
            case Operation.INVOICE:
                return "POST", "/v1/invoices", {"global_id": global_id, "order_id": self.order_id}

    def again(self) -> "Call":
        """Return the same call, not made yet."""
        return Call(self.operation, self.remote_id, self.quantity, self.order_id)


@dataclass(slots=True)
class History:
    """One Global ID: what was true of it when this life of the server began, and the calls since."""

    global_id: str
    known: Known = UNKNOWN_TO_ALL
    calls: list[Call] = field(default_factory=list)

    @property
    def lost(self) -> Call | None:
        """Return the call whose answer nobody heard: the last one, if any."""
        return self.calls[-1] if self.calls and self.calls[-1].is_lost else None

    def settle(self, known: Known) -> None:
        """Take over what turned out to be true; what comes next is another life's."""
        self.known = known
        self.calls = []


class Ledger:
    """All stories of one inventory file."""

    def __init__(self) -> None:
        self.stories: dict[str, History] = {}

    def begin(self, global_id: str) -> History:
        """Begin a story. Global IDs are never used twice; adding is atomic, so callers need no lock."""
        story = self.stories[global_id] = History(global_id)
        return story

    def touched(self) -> list[History]:
        """Return the stories that something was called of in this life."""
        return [story for story in self if story.calls]

    def alive(self) -> list[History]:
        """Return the stories whose hold was alive when last looked at."""
        return [story for story in self if story.known.state is State.HELD]

    def __iter__(self) -> Iterator[History]:
        return iter(list(self.stories.values()))
