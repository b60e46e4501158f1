"""What a check is made of. All of it is data: the runner makes calls of it, the judge a word, the docs a page.

The words of a report stand here too, and how many of them make one verdict.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mockpos.domain.catalogue import Operation

if TYPE_CHECKING:
    from mockpos.conformance.judge import Case, Finding


class Level(StrEnum):
    """How much a rule weighs."""

    MUST = "must"
    """TEvo's page says so, word for word."""
    SHOULD = "should"
    """A recommendation of mockpos."""

    @property
    def counted(self) -> tuple["Level", ...]:
        """Return the levels whose rules count for a verdict of this one: ``should`` counts all."""
        return (Level.MUST,) if self is Level.MUST else tuple(Level)


class Word(StrEnum):
    """What a check can come to."""

    PASS = "pass"  # noqa: S105  # a word of a report, no secret
    WARN = "warn"
    FAIL = "fail"
    CANNOT_TEST = "cannot test"
    NOT_OFFERED = "not offered"
    KIT_ERROR = "kit error"


class Reason(StrEnum):
    """Why something cannot be tested: a closed list."""

    NO_DATA = "no data"
    NOT_ALLOWED = "not allowed"
    PRECONDITION = "precondition failed"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed out"
    INTERRUPTED = "interrupted"


class Verdict(StrEnum):
    """What a run comes to."""

    CONFORMANT = "conformant"
    PARTIAL = "partial"
    NOT_CONFORMANT = "not conformant"
    NOTHING_TESTED = "nothing tested"

    @property
    def exit_status(self) -> int:
        """Return the exit status of a run with this verdict."""
        return {"conformant": 0, "not conformant": 1, "partial": 3, "nothing tested": 4}[self.value]


TESTED = (Word.PASS, Word.WARN, Word.FAIL)
_UNKNOWN = (Word.CANNOT_TEST, Word.KIT_ERROR)


def verdict_of(words: Iterable[Word]) -> Verdict:
    """Join words: a failure outweighs what is not known, which outweighs passes; without a test there is no verdict."""
    given = list(words)
    if not any(word in TESTED for word in given):
        return Verdict.NOTHING_TESTED
    if Word.FAIL in given:
        return Verdict.NOT_CONFORMANT
    return Verdict.PARTIAL if any(word in _UNKNOWN for word in given) else Verdict.CONFORMANT


_WIKI = "https://ticketevolution.atlassian.net/wiki/spaces/API/pages/"
_AUTO_CONFIRM = f"{_WIKI}2321547302/TEvo+Order+Integration%3A+supporting+auto-confirm"
_PARTNER = f"{_WIKI}4799365126/API+Partner+Order+Integration"


@dataclass(frozen=True, slots=True)
class Source:
    """A quotation with its address, or the reason for a recommendation."""

    text: str
    address: str = ""

    def __str__(self) -> str:
        """Write it for people, on one line."""
        return f'TEvo: "{self.text}" ({self.address})' if self.address else f"mockpos recommendation: {self.text}"


def recommendation(why: str) -> Source:
    """Return a rule's reason where no page of TEvo's states the rule."""
    return Source(why)


HOLD = Source("will put the inventory on hold in the system of record", _AUTO_CONFIRM)
RELEASE = Source("will release the hold for that inventory", _AUTO_CONFIRM)
INVOICE = Source("will sell out the inventory in the system of record as TEvo as the buyer", _AUTO_CONFIRM)
JSON_BODY = Source("JSON formatted response body", _AUTO_CONFIRM)
AVERAGE = Source("All response times will return on average within 5 seconds.", _AUTO_CONFIRM)
CODES = Source(
    "Automators will provide documentation which will include but not be limited to response codes for each endpoint "
    "with details on what each code means.",
    _AUTO_CONFIRM,
)
WORST = Source("The hold call may add up to 30 seconds to the checkout process.", _PARTNER)


AS_EXPECTED = "as expected"


class Need(StrEnum):
    """What a check cannot do without."""

    TICKETS = "a listing (--listing)"
    TWO_UNITS = "a listing with tickets for two buyers"
    SOLD_OUT = "a sold-out listing (--sold-out)"
    SPLITS = "a listing whose valid quantities are stated (--listing ID:QUANTITY:2,4)"
    INVOICE = "leave to buy tickets (--allow-invoice)"
    EXPIRY = "holds that lapse within the run (--wait-expiry)"
    CODES = "the documented codes (--codes)"
    RESTART = "a command that restarts the automator (--restart)"


NOT_A_GAP = (Need.SPLITS, Need.EXPIRY, Need.RESTART)
"""What an automator or its tester need not have: without it a check is not offered, rather than a gap."""


class Amount(StrEnum):
    """A quantity that depends on the listing."""

    UNIT = "the smallest quantity that can be held"
    ALL = "all that is free"
    REST = "all that is left beside one unit"
    ONE_MORE = "one unit more than there is"
    ANOTHER = "another quantity than before"
    WRONG_SPLIT = "a quantity that is no valid split"


class KeyUse(StrEnum):
    """Which key a call carries."""

    RIGHT = "right"
    NONE = "none"
    WRONG = "wrong"


class Kind(StrEnum):
    """The kinds of answer that rules speak of."""

    SUCCESS = "success"
    OTHER_SUCCESS = "another 2xx"
    REFUSED = "4xx"
    ERROR = "5xx"
    REDIRECT = "3xx"
    NONE = "no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An acceptable outcome of a step, by name. ``{status}`` in the name stands for the status that was answered."""

    name: str
    kind: Kind
    statuses: tuple[int, ...] = ()
    same_as: str = ""
    word: Word = Word.PASS


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A step that makes one call, or as many holds as it takes to hold an amount.

    ``hold`` names a Global ID within the check ("a", "b"), ``order`` an Order ID. A step without ``expect`` only
    prepares: it has to succeed. ``body`` replaces the request's body.
    """

    name: str
    operation: Operation
    hold: str = "a"
    listing: str = "main"
    quantity: Amount | float = Amount.UNIT
    order: str = "1"
    key: KeyUse = KeyUse.RIGHT
    body: bytes | None = None
    slowly: bool = False
    leaves: bool = False
    expect: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A step that sends calls at the same moment, round after round.

    ``calls`` are the kinds of call; each is sent ``copies`` times in a round. ``own_ids``: every copy has a Global ID
    of its own. ``own_orders``: every copy has an Order ID of its own. ``before`` and ``after`` belong to each round.
    """

    name: str
    calls: tuple[Call, ...]
    copies: int
    rounds: int
    own_ids: bool = False
    own_orders: bool = False
    sells: bool = False
    before: tuple[Call, ...] = ()
    after: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class UntilLapsed:
    """A step that waits until a hold has lapsed, by the expiry its answer stated."""

    hold: str = "a"


@dataclass(frozen=True, slots=True)
class Restart:
    """A step that restarts the automator and waits until it answers."""


@dataclass(frozen=True, slots=True)
class Load:
    """A step that makes holds and releases side by side, ``runs`` times, to measure how long they take."""

    runs: int = 3


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A step that asks for something that no operation has: a path or a method."""

    name: str
    method: str
    path: str


Step = Call | Race | UntilLapsed | Restart | Load | Elsewhere
Judgement = Callable[["Case"], "Finding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule and how it is tested.

    ``needs`` decides whether it can run at all, ``after`` which other checks have to have passed. ``judge`` replaces
    the plain judging of steps. ``whole_run`` judges every exchange of the run. ``holds``: False where no tickets are
    asked for that exist. ``uses_sale``: the steps go on with the one sale that the invoice checks share.
    """

    id: str
    rule: str
    level: Level
    source: Source
    steps: tuple[Step, ...] = ()
    needs: tuple[Need, ...] = ()
    after: tuple[str, ...] = ()
    since: int = 1
    judge: Judgement | None = None
    whole_run: bool = False
    holds: bool = field(default=True)
    uses_sale: bool = False

    @property
    def group(self) -> str:
        """Return the part of the id before the number."""
        return self.id.partition("-")[0]


def must(check_id: str, rule: str, source: Source, *steps: Step, **more: Any) -> Check:
    """Return a rule that TEvo's page states, with the steps that test it."""
    return Check(id=check_id, rule=rule, level=Level.MUST, source=source, steps=steps, **more)


def should(check_id: str, rule: str, source: Source, *steps: Step, **more: Any) -> Check:
    """Return a rule that mockpos recommends, with the steps that test it."""
    return Check(id=check_id, rule=rule, level=Level.SHOULD, source=source, steps=steps, **more)


def hold(name: str, gid: str = "a", quantity: Amount | float = Amount.UNIT, **more: Any) -> Call:
    """Return a step that asks for a hold."""
    return Call(name=name, operation=Operation.HOLD, hold=gid, quantity=quantity, **more)


def release(name: str, gid: str = "a", **more: Any) -> Call:
    """Return a step that asks for a release."""
    return Call(name=name, operation=Operation.RELEASE, hold=gid, **more)


def invoice(name: str, gid: str = "a", order: str = "1", **more: Any) -> Call:
    """Return a step that asks for an invoice."""
    return Call(name=name, operation=Operation.INVOICE, hold=gid, order=order, **more)


def success() -> tuple[Outcome, ...]:
    """Return what a call that has to work may answer: the contract's status, or with a remark another 2xx."""
    return (
        Outcome(name=AS_EXPECTED, kind=Kind.SUCCESS),
        Outcome(name="differs: {status}", kind=Kind.OTHER_SUCCESS, word=Word.WARN),
    )


def refusal(*usual: int) -> tuple[Outcome, ...]:
    """Return what a refused call may answer: a usual status, or another 4xx by its name, 401 with a remark."""
    return (
        Outcome(name=AS_EXPECTED, kind=Kind.REFUSED, statuses=usual),
        Outcome(name="differs: {status}, as if the key were wrong", kind=Kind.REFUSED, statuses=(401,), word=Word.WARN),
        Outcome(name="differs: {status}", kind=Kind.REFUSED),
    )


def same_as(step: str) -> tuple[Outcome, ...]:
    """Return what a repeated call may answer: what it answered before, or with a remark a refusal."""
    return (
        Outcome(name=AS_EXPECTED, kind=Kind.SUCCESS, same_as=step),
        Outcome(name=AS_EXPECTED, kind=Kind.OTHER_SUCCESS, same_as=step),
        Outcome(name="stricter: {status}", kind=Kind.REFUSED, word=Word.WARN),
    )


def lenient(*outcomes: Outcome, name: str = "lenient: {status}", word: Word = Word.PASS) -> tuple[Outcome, ...]:
    """Return outcomes, and a success beside them that is acceptable too."""
    return (
        *outcomes,
        Outcome(name=name, kind=Kind.SUCCESS, word=word),
        Outcome(name=name, kind=Kind.OTHER_SUCCESS, word=word),
    )


def closed() -> Outcome:
    """Return the outcome of a server that closes the connection instead of answering."""
    return Outcome(name="stricter: it closes the connection", kind=Kind.NONE)
