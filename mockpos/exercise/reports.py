"""The matrix for programs: JSON, and JUnit XML with one test case for each way. Their fields are an interface."""

from pathlib import Path

from mockpos.domain.errors import BadInput
from mockpos.exercise.case_run import Outcome, Result
from mockpos.exercise.matrix import Matrix, Pair, explanation


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
