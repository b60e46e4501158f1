"""The catalogue against what callers have met: which (operation, code) pairs were seen, how often, and which never."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock

from mockpos.domain.catalogue import Operation, ResponseCode, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.refusals import documented_pairs

SUCCESS_CODES = {Operation.HOLD: "held", Operation.RELEASE: "released", Operation.INVOICE: "invoiced"}
"""What a call record says instead of an error's code when the operation did what was asked."""

Answer = tuple[Operation | None, str]
"""An operation and how it ended. ``None`` is for errors that belong to no operation."""

_MOST_OTHERS = 200
_TENTHS = 1000


@dataclass(frozen=True, slots=True)
class Documented:
    """One answer that can be met, and how to meet it."""

    operation: Operation | None
    code: str
    title: str
    provoke: str

    @property
    def answer(self) -> Answer:
        """Return it as calls are counted."""
        return self.operation, self.code


def answers_to_cover(documented: Iterable[tuple[Operation, ResponseCode]] | None = None) -> tuple[Documented, ...]:
    """List every answer in documented order: by operation, its success first, then what belongs to none.

    ``documented`` are the pairs of an active contract; left out, the default contract's.
    """
    errors = list(documented_pairs() if documented is None else documented)
    found: list[Documented] = []
    for operation, success in SUCCESS_CODES.items():
        found.append(Documented(operation, success, success.capitalize(), f"Let the operation {operation} succeed."))
        found += [_error(operation, code) for owner, code in errors if owner is operation]
    found += [_error(None, code) for code in CATALOGUE if code.scope is Scope.NO_OPERATION]
    return tuple(found)


def _error(operation: Operation | None, code: ResponseCode) -> Documented:
    return Documented(operation, code.code, code.title, code.provoke)


class Coverage:
    """Counts the answers of one sandbox. Safe from any thread.

    ``documented`` are the pairs of an active contract; left out, the default contract's.
    """

    __slots__ = ("_before_reset", "_counts", "_lock", "documented")

    def __init__(self, documented: Iterable[tuple[Operation, ResponseCode]] | None = None) -> None:
        self.documented = answers_to_cover(documented)
        self._counts: dict[Answer, int] = dict.fromkeys((each.answer for each in self.documented), 0)
        self._before_reset: Counter[Answer] = Counter()
        self._lock = Lock()

    def record(self, operation: Operation | None, code: str) -> None:
        """Count an answer. ``code`` is the error's code, or held, released, invoiced."""
        answer = (operation, code)
        with self._lock:
            try:
                self._counts[answer] += 1
            except KeyError:
                if len(self._counts) < len(self.documented) + _MOST_OTHERS:
                    self._counts[answer] = 1

    def seen(self) -> Counter[Answer]:
        """Return how often each answer was met since the last reset."""
        with self._lock:
            return Counter({answer: count for answer, count in self._counts.items() if count})

    def ever_seen(self) -> Counter[Answer]:
        """Return how often each answer was met at all: for counters that must never fall."""
        return self.seen() + self._before_reset

    def report(self) -> dict[str, object]:
        """Set the catalogue against what was seen."""
        return coverage_report(self.documented, self.seen())

    def reset(self) -> None:
        """Forget what was seen."""
        with self._lock:
            self._before_reset.update(self._counts)
            self._counts = dict.fromkeys((each.answer for each in self.documented), 0)


def coverage_report(documented: Iterable[Documented], seen: Mapping[Answer, int]) -> dict[str, object]:
    """Set documented answers against those that were seen, in documented order.

    ``percentage`` is cut to tenths, so that 100 means all. ``other`` is what was seen beside the documented answers:
    errors met before an operation was known, and what the mock says about its own use.
    """
    known = list(documented)
    missing = [each for each in known if not seen.get(each.answer)]
    met = len(known) - len(missing)
    answers = {each.answer for each in known}
    return {
        "documented": len(known),
        "seen": met,
        "percentage": _TENTHS * met // len(known) / 10,
        "operations": [_of_operation(operation, known, seen) for operation in (*Operation, None)],
        "missing": [
            {"operation": each.operation, "code": each.code, "title": each.title, "provoke": each.provoke}
            for each in missing
        ],
        "other": [
            {"operation": operation, "code": code, "count": count}
            for (operation, code), count in seen.items()
            if (operation, code) not in answers
        ],
    }


def _of_operation(
    operation: Operation | None, documented: Iterable[Documented], seen: Mapping[Answer, int]
) -> dict[str, object]:
    rows = [(each, seen.get(each.answer, 0)) for each in documented if each.operation is operation]
    return {
        "operation": operation,
        "documented": len(rows),
        "seen": sum(count > 0 for _, count in rows),
        "codes": [{"code": each.code, "title": each.title, "count": count} for each, count in rows],
    }
