"""The results as JUnit XML, which build servers read."""

from collections.abc import Mapping
from typing import Any

from mockpos.conformance.report import lines


def junit_of(document: Mapping[str, Any]) -> str:
    """Write one test case for each check: a failure, an error of the kit, or skipped with its reason."""
    from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

    suite = TestSuite(f"mockpos conform, ruleset {document['ruleset']}")
    suite.timestamp = document["began_at"]
    for name in ("run", "seed", "kit", "ruleset"):
        suite.add_property(name, str(document[name]))
    times = _times(document)
    for result in document["results"]:
        case = TestCase(f"{result['id']} {lines.rule_of(result)}", f"conform.{lines.level_of(result)}")
        case.time = round(times.get(result["id"], 0.0), 3)
        said = lines.shortened(result["detail"], 1000)
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
        case.result = [Error(lines.shortened(document["preflight"], 1000))]
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
