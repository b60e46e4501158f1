"""A run in lines: for a terminal each check, what failed and why, the verdict; for build servers JUnit XML."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockpos.conformance.check import Level, Word
from mockpos.conformance.checks import CHECKS
from mockpos.domain.counted import counted, were

MARKS = {"pass": "✓", "warn": "!", "fail": "✗", "cannot test": "?", "not offered": "-", "kit error": "?"}
COLOURS = {
    "pass": "green", "warn": "yellow", "fail": "red", "cannot test": "cyan", "not offered": "bright_black",
    "kit error": "magenta",
}  # fmt: skip
VERDICT_COLOURS = {"conformant": "green", "partial": "yellow", "not conformant": "red", "nothing tested": "red"}

Document = Mapping[str, Any]
_BY_ID = {check.id: check for check in CHECKS}


def said_of(result: Document) -> str:
    """Return what there is to say of a check beside its mark: nothing of one that passed as expected."""
    match result["word"]:
        case Word.PASS | Word.WARN:
            met = result["outcome"] if result["outcome"] != "as expected" else ""
            return f"{met}: {result['detail']}" if met and result["detail"] else met
        case Word.FAIL if result.get("known_failing"):
            return f"known to fail ({result['known_failing']['why']}): {result['detail']}"
        case Word.FAIL:
            return str(result["detail"])
    reason = f" ({result['reason']})" if result["reason"] else ""
    return f"{result['word']}{reason}: {result['detail']}"


def rule_of(result: Document) -> str:
    """Return the rule of a check in one sentence."""
    check = _BY_ID.get(result["id"])
    return check.rule if check else str(result.get("rule", ""))


def level_of(result: Document) -> str:
    """Return the level of a check."""
    check = _BY_ID.get(result["id"])
    return check.level.value if check else str(result.get("level", ""))


def exchange_lines(exchange: Document) -> Iterator[str]:
    """Yield one exchange as a person reads it: the call, its body, the answer, its body."""
    yield f"{exchange['method']} {exchange['target']}  {shortened(exchange.get('body', ''))}".rstrip()
    took = exchange.get("took", 0.0) * 1000
    if exchange.get("status") is None:
        yield f"  -> no answer after {took:,.0f} ms: {exchange.get('detail', '')}"
        return
    yield f"  -> {exchange['status']} in {took:,.0f} ms  {shortened(exchange.get('response_body', ''))}".rstrip()


def gaps(document: Document) -> list[tuple[str, list[str]]]:
    """Return what could not be tested: each reason with its checks."""
    found: dict[str, list[str]] = {}
    for result in document["results"]:
        if result["word"] in (Word.CANNOT_TEST, Word.KIT_ERROR):
            why = f"{result['reason'] or 'kit error'}: {result['detail']}"
            found.setdefault(why, []).append(result["id"])
    return sorted(found.items(), key=lambda item: -len(item[1]))


def sums(document: Document) -> list[str]:
    """Return a line for each level: how many passed, failed and so on."""
    lines = []
    for level in Level:
        counted = document["counts"].get(level.value)
        if counted is None:
            continue  # a checkout is judged by recommendations alone
        told = ", ".join(f"{count} {word}" for word, count in counted.items() if count)
        lines.append(f"{level.value:6} {told or 'no check'}  ->  {document['verdict'][level.value]}")
    return lines


def left_behind(document: Document) -> str:
    """Say what is left behind, and what was bought."""
    many = document["bought"]
    bought = f"; {counted(many, 'ticket')} {were(many)} bought" if many else ""
    if not document["left_behind"]:
        return f"left behind: nothing{bought}"
    each = [f"{hold['global_id']} ({hold['quantity']:g} of {hold['remote_id']})" for hold in document["left_behind"]]
    return f"left behind: {', '.join(each)}{bought}"


def shortened(text: str, longest: int = 160) -> str:
    """Return a text on one line, cut where it is long, without what a terminal would obey."""
    line = "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def junit_of(document: Mapping[str, Any]) -> str:
    """Write one test case for each check: a failure, an error of the kit, or skipped with its reason."""
    from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

    suite = TestSuite(f"mockpos conform, ruleset {document['ruleset']}")
    suite.timestamp = document["began_at"]
    for name in ("run", "seed", "kit", "ruleset"):
        suite.add_property(name, str(document[name]))
    times = _times(document)
    for result in document["results"]:
        case = TestCase(f"{result['id']} {rule_of(result)}", f"conform.{level_of(result)}")
        case.time = round(times.get(result["id"], 0.0), 3)
        said = shortened(result["detail"], 1000)
        match result["word"]:
            case "fail" if result.get("known_failing"):
                case.result = [Skipped(f"known to fail: {result['known_failing']['why']}")]
            case "fail":
                case.result = [Failure(said)]
            case "kit error":
                case.result = [Error(said)]
            case "cannot test" | "not offered":
                reason = f" ({result['reason']})" if result["reason"] else ""
                case.result = [Skipped(f"{result['word']}{reason}: {said}")]
        suite.add_testcase(case)
    if document["preflight"]:
        case = TestCase("pre-flight", "conform.must")
        case.result = [Error(shortened(document["preflight"], 1000))]
        suite.add_testcase(case)
    for line in document["stale_known_failing"]:
        case = TestCase(f"known failing: {line.partition(' ')[0]}", "conform.known_failing")
        case.result = [Failure(line)]
        suite.add_testcase(case)
    xml = JUnitXml()
    xml.add_testsuite(suite)
    xml.update_statistics()  # type: ignore[no-untyped-call]  # junitparser left its annotation out
    text: bytes = xml.tostring()  # type: ignore[no-untyped-call]  # junitparser left its annotation out
    return text.decode("utf-8")


def _times(document: Mapping[str, Any]) -> dict[str, float]:
    times: dict[str, float] = {}
    for exchange in document["exchanges"]:
        times[exchange["check"]] = times.get(exchange["check"], 0.0) + exchange.get("took", 0.0)
    return times
