"""The words of a report, and how many of them make one verdict."""

from collections.abc import Iterable
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
