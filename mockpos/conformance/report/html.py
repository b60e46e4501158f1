"""Reports as HTML: one as a file that opens offline with the whole evidence inside it, many of them side by side."""

import json
from collections.abc import Mapping, Sequence
from shlex import quote
from statistics import mean, median
from typing import Any

from mockpos.conformance.checks import CHECKS
from mockpos.conformance.evidence import KEY_MARK
from mockpos.conformance.report import lines
from mockpos.conformance.report.document import CHECKOUT, proof_of
from mockpos.domain.catalogue import Operation
from mockpos.files import rendered
from mockpos.http_client import header_of

_MOST_SHOWN = 24
_WORST_FIRST = ("fail", "kit error", "warn", "cannot test", "not offered", "pass")
_TITLES = {
    "fail": "Failed",
    "kit error": "Errors of the kit",
    "warn": "Passed with a remark",
    "cannot test": "Could not be tested",
    "not offered": "Not offered",
    "pass": "Passed",
}
_CHART_WIDTH, _CHART_HEIGHT = 320, 80
_BY_ID = {check.id: check for check in CHECKS}

Document = Mapping[str, Any]


def html_of(document: Document) -> str:
    """Write the report. Everything in it that came from outside is escaped."""
    exchanges = proof_of(document)
    return rendered(
        "mockpos.conformance.report",
        "report.html",
        report=document,
        groups=_groups(document, exchanges),
        gaps=lines.gaps(document),
        left_behind=lines.left_behind(document),
        charts=[chart for operation in Operation if (chart := _chart(document, operation.value))],
        words_met=[
            word for word in document["counts"]["should"] if any(each[word] for each in document["counts"].values())
        ],
        command=document.get("command") or command_line(document),
        is_checkout=document.get("subject") == CHECKOUT,
        marks=lines.MARKS,
        evidence=embedded(document),
    )


def embedded(document: Document) -> str:
    """Return the document as JSON that may stand inside a script element."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


def command_line(document: Document, *, only: str = "") -> str:
    """Return the command that makes this run again, or one check of it, against ``$AUTOMATOR``."""
    asked = document["asked"]
    words = ['mockpos conform "$AUTOMATOR"']
    for listing in asked["listings"]:
        splits = f":{','.join(str(each) for each in listing['splits'])}" if listing["splits"] else ""
        words.append(f"--listing {quote(listing['remote_id'])}:{listing['quantity']}{splits}")
    if asked["sold_out"]:
        words.append(f"--sold-out {quote(asked['sold_out'])}")
    if asked["allow_invoice"]:
        words.append("--allow-invoice")
    if asked["profile"] != "full":
        words.append(f"--profile {asked['profile']}")
    words.append(f"--seed {document['seed']}")
    if only:
        words.append(f"--only {only} --trace")
    return " ".join(words)


def curl(exchange: Document) -> str:
    """Return the command that sends a request again, with the key and the host as variables."""
    words = [f'curl -X {exchange["method"]} "$AUTOMATOR"{quote(exchange["target"])}']
    for name, value in exchange.get("headers", ()):
        if name == "User-Agent":
            continue
        words.append(f'-H "{name}: $API_KEY"' if KEY_MARK in value else f"-H {quote(f'{name}: {value}')}")
    if exchange.get("body"):
        words.append(f"--data-binary {quote(exchange['body'])}")
    return " \\\n  ".join(words)


def _groups(document: Document, exchanges: Mapping[int, Document]) -> list[dict[str, Any]]:
    groups = []
    for word in _WORST_FIRST:
        checks = [_check(document, each, exchanges) for each in document["results"] if each["word"] == word]
        if checks:
            groups.append({"word": word, "title": _TITLES[word], "checks": checks})
    return groups


def _check(document: Document, result: Document, exchanges: Mapping[int, Document]) -> dict[str, Any]:
    check = _BY_ID.get(result["id"])
    proof = [exchanges[number] for number in result["proof"] if number in exchanges]
    others = [
        exchanges[number] for number in result["exchanges"] if number in exchanges and number not in result["proof"]
    ]
    return {
        **result,
        "rule": lines.rule_of(result),
        "level": lines.level_of(result),
        "source": check.source if check else result.get("source"),
        "known": result.get("known_failing"),
        "command": result.get("command") or command_line(document, only=result["id"]),
        "proof_calls": [_call(each) for each in proof],
        "calls": [_call(each) for each in others[:_MOST_SHOWN]],
        "more_calls": max(0, len(others) - _MOST_SHOWN),
    }


def _call(exchange: Document) -> dict[str, Any]:
    return {
        **exchange,
        "at": exchange.get("at", 0.0),
        "took": exchange.get("took", 0.0),
        "status": exchange.get("status"),
        "detail": exchange.get("detail", ""),
        "body": _pretty(exchange.get("body", "")),
        "response_body": _pretty(exchange.get("response_body", "")),
        "response_type": header_of(exchange.get("response_headers", ()), "content-type"),
        "curl": curl(exchange),
    }


def _chart(document: Document, operation: str) -> dict[str, Any] | None:
    """Return the drawing of how long one operation's calls took, over the run, with its sums."""
    calls = [
        each for each in document["exchanges"] if each.get("operation") == operation and each.get("status") is not None
    ]
    if not calls:
        return None
    times = [each.get("took", 0.0) * 1000 for each in calls]
    last, highest = max(each.get("at", 0.0) for each in calls) or 1.0, max(*times, 1.0)
    across, up = (_CHART_WIDTH - 8) / last, (_CHART_HEIGHT - 16) / highest
    points = [
        (round(each.get("at", 0.0) * across + 4, 1), round(_CHART_HEIGHT - 4 - each.get("took", 0.0) * 1000 * up, 1))
        for each in calls
    ]
    return {
        "operation": operation,
        "points": points,
        "width": _CHART_WIDTH,
        "height": _CHART_HEIGHT,
        "highest": highest,
        "count": len(times),
        "average": mean(times),
        "median": median(times),
        "p99": _percentile(times, 0.99),
        "worst": max(times),
    }


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text if len(text) <= 2000 else f"{text[:2000]}... ({len(text):,} characters)"


def matrix(reports: Sequence[tuple[str, Document]]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows: id and level, then a mark for each report, or nothing where it was not asked for."""
    rows = []
    for check in CHECKS:
        words = [_words(document).get(check.id, "") for _, document in reports]
        rows.append([check.id, check.level.value, *(lines.MARKS.get(word, "") for word in words)])
    for level in ("must", "should"):
        rows.append([f"verdict {level}", level, *(str(document["verdict"][level]) for _, document in reports)])
    return ["check", "level", *(name for name, _ in reports)], rows


def matrix_page(reports: Sequence[tuple[str, Document]]) -> str:
    """Write the matrix as one HTML page."""
    headings, rows = matrix(reports)
    legend = ", ".join(f"{mark} {word}" for word, mark in lines.MARKS.items() if word != "kit error")
    return rendered("mockpos.conformance.report", "matrix.html", headings=headings, rows=rows, legend=legend)


def _words(document: Document) -> dict[str, str]:
    return {result["id"]: result["word"] for result in document["results"]}
