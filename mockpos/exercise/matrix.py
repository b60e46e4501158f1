"""The matrix: every documented (operation, code) pair of a contract, and how each way to meet it ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.exercise.case_run import CaseRun, Outcome, Result, Target
from mockpos.exercise.cases import Case, Kind, Needs, header_cases, magic_cases, plain_cases

PairName = tuple[Operation | None, str]
"""An operation and a code; None for the codes that belong to no operation."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One cell of the matrix and everything that was tried to meet it."""

    operation: Operation | None
    code: str
    status: int
    outcomes: tuple[Outcome, ...]

    @property
    def is_met(self) -> bool:
        """True when at least one way worked."""
        return any(outcome.result is Result.WORKED for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Matrix:
    """All pairs, in the order of the documentation."""

    contract: Contract
    url: str
    pairs: tuple[Pair, ...]

    def outcomes(self, result: Result) -> list[Outcome]:
        """List what ended in one way."""
        return [outcome for pair in self.pairs for outcome in pair.outcomes if outcome.result is result]

    def missed(self) -> list[Pair]:
        """List the pairs that were met in no way."""
        return [pair for pair in self.pairs if not pair.is_met]

    @property
    def is_whole(self) -> bool:
        """True when every pair was met, and every way that could be tried worked."""
        return not self.missed() and not self.outcomes(Result.FAILED)


def pairs_of(contract: Contract) -> list[PairName]:
    """List what a contract documents: the pairs of each operation, then the codes of no operation."""
    pairs: list[PairName] = [
        (operation, code.code) for operation in Operation for code in contract.codes_of(CATALOGUE, operation)
    ]
    return pairs + [(None, code.code) for code in CATALOGUE if code.scope is Scope.NO_OPERATION]


def cases_of(contract: Contract, only: Sequence[Operation] = ()) -> list[Case]:
    """List every way, of all pairs or of those of some operations."""
    cases = [*plain_cases(contract), *magic_cases(), *header_cases()]
    return [case for case in cases if not only or case.operation in only]


def exercise(
    contract: Contract,
    targets: Mapping[Needs, Target],
    only: Sequence[Operation] = (),
    on_progress: Callable[[int], object] = lambda done: None,
) -> Matrix:
    """Try every way, one after the other. ``targets``: the server for each need; a need without one is not tried."""
    met: dict[PairName, list[Outcome]] = {
        pair: [] for pair in pairs_of(contract) if not only or pair[0] in only
    }  # fmt: skip
    for number, case in enumerate(cases_of(contract, only), 1):
        target = targets.get(case.needs)
        if target is None:
            outcome = Outcome(case, Result.NOT_TRIED, f"needs a server started with {case.needs}")
        else:
            outcome = CaseRun(case, number, target, contract).run()
        met[case.operation, case.code].append(outcome)
        on_progress(number)
    pairs = (
        Pair(operation, code, contract.status(CATALOGUE[code]), tuple(outcomes))
        for (operation, code), outcomes in met.items()
    )
    return Matrix(contract, targets[Needs.NOTHING].client.url, tuple(pairs))


SYMBOLS = {Result.WORKED: "✓", Result.FAILED: "✗", Result.NOT_TRIED: "?"}
_STYLES = {Result.WORKED: "green", Result.FAILED: "red", Result.NOT_TRIED: "yellow"}
_NO_WAY = "[dim]-[/]"

LEGEND = "header: X-Mockpos-Scenario: OPERATION-CODE; a dash: there is no such way; ?: could not be tried here"
"""What the table leaves unsaid."""


def table_of(matrix: Matrix, *, narrow: bool) -> Table:
    """Return the table. ``narrow`` leaves out which call or listing provoked each code."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in ("operation", "HTTP", "code"):
        table.add_column(heading, no_wrap=True)
    for kind in Kind:
        table.add_column(kind.value if not narrow else kind.value.split()[0])
    before: object = ""
    for pair in matrix.pairs:
        operation = pair.operation.value if pair.operation else "none"
        shown = "" if operation == before else operation
        before = operation
        style = "" if pair.is_met else "red"
        cells = [_cell(pair, kind, narrow=narrow) for kind in Kind]
        table.add_row(shown, str(pair.status), f"[{style}]{pair.code}[/]" if style else pair.code, *cells)
    return table


def _cell(pair: Pair, kind: Kind, *, narrow: bool) -> str:
    outcomes = [outcome for outcome in pair.outcomes if outcome.case.kind is kind]
    if not outcomes:
        return _NO_WAY
    if narrow or kind is Kind.HEADER:
        return " ".join(_symbol(outcome) for outcome in outcomes)
    return "\n".join(f"{_symbol(outcome)} {escape(outcome.case.by)}" for outcome in outcomes)


def _symbol(outcome: Outcome) -> str:
    return f"[{_STYLES[outcome.result]}]{SYMBOLS[outcome.result]}[/]"


def summary(matrix: Matrix) -> str:
    """Return the count in one line."""
    met = len(matrix.pairs) - len(matrix.missed())
    counts = {result: len(matrix.outcomes(result)) for result in Result}
    line = f"{met} of {len(matrix.pairs)} pairs met; {counted(counts[Result.WORKED], 'way')} worked"
    line += f", {counts[Result.FAILED]} failed" if counts[Result.FAILED] else ""
    return line + (f", {counts[Result.NOT_TRIED]} could not be tried here" if counts[Result.NOT_TRIED] else "")


def explanations(matrix: Matrix) -> Iterator[str]:
    """Yield lines about what failed, then about what could not be tried."""
    for outcome in matrix.outcomes(Result.FAILED):
        yield f"{SYMBOLS[Result.FAILED]} {heading(outcome)}"
        yield from (f"    {line}" for line in explanation(outcome))
    for pair in matrix.missed():
        if all(outcome.result is Result.NOT_TRIED for outcome in pair.outcomes):
            yield f"{SYMBOLS[Result.FAILED]} {_named(pair)}: none of its ways could be tried here"
    not_tried = matrix.outcomes(Result.NOT_TRIED)
    yield from (f"{SYMBOLS[Result.NOT_TRIED]} {heading(outcome)}: {outcome.why}" for outcome in not_tried)
    if matrix.pairs and len(matrix.missed()) == len(matrix.pairs):
        yield f"Hint: nothing was answered as the contract {matrix.contract.name} says; --contract FILE names another."


def heading(outcome: Outcome) -> str:
    """Say which way it is."""
    case = outcome.case
    return f"{_named(case)} by {case.kind.value}: {case.by}"


def explanation(outcome: Outcome) -> Sequence[str]:
    """Say what was sent, what was expected, what came and what is wrong with it."""
    return (
        f"request   {outcome.request}",
        f"expected  {outcome.expected}",
        f"came      {outcome.came}",
        f"wrong     {outcome.why}",
    )


def _named(pair: Pair | Case) -> str:
    return f"{pair.operation.value if pair.operation else 'no operation'} {pair.code}"


def as_json(matrix: Matrix) -> dict[str, object]:
    """Return the matrix as what json.dumps takes."""
    return {
        "url": matrix.url,
        "contract": {"name": matrix.contract.name, "version": matrix.contract.version},
        "whole": matrix.is_whole,
        "pairs_met": len(matrix.pairs) - len(matrix.missed()),
        "pairs_missed": len(matrix.missed()),
        "ways": {_name(result): len(matrix.outcomes(result)) for result in Result},
        "pairs": [_pair(pair) for pair in matrix.pairs],
    }


def _pair(pair: Pair) -> dict[str, object]:
    return {
        "operation": pair.operation.value if pair.operation else None,
        "code": pair.code,
        "status": pair.status,
        "met": pair.is_met,
        "ways": [_way(outcome) for outcome in pair.outcomes],
    }


def _way(outcome: Outcome) -> dict[str, object]:
    return {
        "kind": outcome.case.kind.name.lower(),
        "by": str(outcome.case.by),
        "result": _name(outcome.result),
        "why": outcome.why or None,
        "request": outcome.request or None,
        "expected": outcome.expected or None,
        "came": outcome.came or None,
        "seconds": round(outcome.seconds, 4),
    }


def _name(result: Result) -> str:
    return result.name.lower()


def write_junit(matrix: Matrix, path: Path) -> None:
    """Write JUnit XML for a build server. Raises BadInput when the file cannot be written."""
    from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

    suite = TestSuite("mockpos exercise")
    for pair in matrix.pairs:
        for outcome in pair.outcomes:
            operation = pair.operation.value if pair.operation else "no_operation"
            name = f"{pair.code} by {outcome.case.kind}: {outcome.case.by}"
            case = TestCase(name, f"mockpos.exercise.{operation}", outcome.seconds)
            if outcome.result is Result.FAILED:
                failure = Failure(outcome.why)
                failure.text = "\n".join(explanation(outcome))
                case.result = [failure]
            elif outcome.result is Result.NOT_TRIED:
                case.result = [Skipped(outcome.why)]
            suite.add_testcase(case)
    report = JUnitXml("mockpos exercise")
    report.add_testsuite(suite)
    report.update_statistics()  # type: ignore[no-untyped-call]  # junitparser left its annotation out
    try:
        report.write(str(path), pretty=True)
    except OSError as error:
        raise BadInput(f"--junit {path}: {error.strerror}") from None
