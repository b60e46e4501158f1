"""The words of a report, and how many of them make one verdict."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a rule weighs."""

    MUST = "must"
    """TEvo's page says so, word for word."""
    SHOULD = "should"
    """A recommendation of mockpos."""


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
