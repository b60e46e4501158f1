"""Judges what is asked of every answer of a run: JSON, documented codes, no secrets, answers at all, and times."""

import re
from collections.abc import Sequence
from statistics import mean

from mockpos.conformance.check import AS_EXPECTED, Word
from mockpos.conformance.evidence import KEY_MARK, Exchange
from mockpos.conformance.judge import PASSED, Case, Finding, failed, missing
from mockpos.domain.catalogue import Operation
from mockpos.domain.counted import counted, were
from mockpos.http_client import header_of

_MOST_SHOWN = 3
_FEWEST_SAMPLES = 3
_OFTEN = 0.02
_TRACES = (
    ("a Python traceback", re.compile(r"Traceback \(most recent call last\)|File \\?\"[^\"]+\\?\", line \d+")),
    ("a Ruby backtrace", re.compile(r"\.rb:\d+:in [`']")),
    ("a Java stack trace", re.compile(r"\bat [\w.$]+\([\w]+\.java:\d+\)|Exception in thread")),
    ("a .NET stack trace", re.compile(r"\bat [\w.]+\(.*\) in .*:line \d+")),
    ("a JavaScript stack trace", re.compile(r"\bat .{0,80}\.(?:js|ts):\d+:\d+")),
    ("a PHP stack trace", re.compile(r"Stack trace:|\.php(?: on line |\(|:)\d+")),
    ("a Go panic", re.compile(r"goroutine \d+ \[")),
    (
        "a database's message",
        re.compile(r"SQLSTATE|psycopg|sqlalchemy|ORA-\d{5}|near \"\w*\": syntax error", re.IGNORECASE),
    ),
    ("a debugger's page", re.compile(r"Werkzeug Debugger|__debugger__")),
    ("a connection string", re.compile(r"\b(?:postgres(?:ql)?|mysql|redis|mongodb)(?:\+\w+)?://[^\s\"]*:[^\s\"]*@")),
)


def successes_are_json(case: Case) -> Finding:
    """Judge whether every success has a JSON object for a body."""
    calls = [each for each in case.exchanges if each.is_of_an_operation]
    answers = [each for each in calls if each.status is not None and 200 <= each.status < 300]
    other = [each for each in answers if each.response_is_json and not isinstance(each.json(), dict)]
    if other:
        return failed(f"{len(other)} of {len(answers)} are no object, such as {_shown(other[0])}", other[:_MOST_SHOWN])
    return _are_json(case, answers)


def errors_are_json(case: Case) -> Finding:
    """Judge whether every answer to the three calls that is no success has a JSON body."""
    calls = [each for each in case.exchanges if each.is_of_an_operation]
    return _are_json(case, [each for each in calls if each.status is not None and each.status >= 300])


def _are_json(case: Case, answers: Sequence[Exchange]) -> Finding:
    if not answers:
        return missing(case, "a call that is answered so")
    bad = [each for each in answers if not each.response_is_json and not each.may_have_no_body]
    if bad:
        kinds = sorted({_media_type(each) for each in bad})
        count = f"{len(bad)} of {len(answers)} are no JSON (Content-Type {', '.join(kinds)})"
        detail = f"{count}, such as {_shown(bad[0])}"
        return failed(detail, bad[:_MOST_SHOWN])
    without = [each for each in answers if each.may_have_no_body]
    if without:
        return Finding(word=Word.PASS, outcome=f"differs: {without[0].status}", proof=_numbers(without[:1]))
    return PASSED


def holds_are_those_asked_for(case: Case) -> Finding:
    """Judge whether every hold's success is about the tickets that were asked for, as far as it names them."""
    held = [each for each in case.exchanges if each.operation == Operation.HOLD and each.succeeded]
    sound = [each for each in held if _makes_sense(each)]
    if not sound:
        return missing(case, "a hold that is answered with success")
    for each in sound:
        values = each.values()
        for name in ("global_id", "remote_id", "quantity"):
            asked = getattr(each, name)
            if name in values and not _is_same(values[name], asked):
                asked_for = f"{name} {asked:g}" if name == "quantity" else f"{name} {asked}"
                detail = f"{each.step}: asked for {asked_for}, and the answer says {values[name]!r}"
                return failed(detail, [each])
    return PASSED


def _makes_sense(hold: Exchange) -> bool:
    """Tell whether a hold could be granted as it was asked for: other rules judge those that could not."""
    quantity = hold.quantity or 0
    return quantity >= 1 and quantity % 1 == 0 and (hold.capacity is None or quantity <= hold.capacity)


def _is_same(said: object, asked: object) -> bool:
    try:
        return float(str(said)) == float(str(asked)) if isinstance(asked, int | float) else str(said) == str(asked)
    except ValueError:
        return False


def codes_are_documented(case: Case) -> Finding:
    """Judge whether every refusal carries a code that the documentation names."""
    assert case.codes is not None
    refusals = [each for each in case.exchanges if each.is_of_an_operation and (each.status or 0) >= 400]
    if not refusals:
        return missing(case, "a call that is refused")
    odd: dict[str, Exchange] = {}
    for each in refusals:
        code = each.code
        if code is None and (str(each.status) in case.codes or (each.status or 0) >= 500 or not each.response_is_json):
            continue
        if code is None or code not in case.codes:
            odd.setdefault(f"{code or 'no code'} ({each.status})", each)
    if odd:
        shown = ", ".join(list(odd)[:6])
        return failed(f"not documented: {shown}", list(odd.values())[:_MOST_SHOWN])
    return PASSED


def errors_tell_no_secrets(case: Case) -> Finding:
    """Judge whether any answer carries a stack trace, a database's message or the key."""
    answers = [each for each in case.exchanges if each.status is not None]
    if not answers:
        return missing(case, "a call that is answered")
    for each in answers:
        told = _secret_in(each)
        if told:
            return failed(f"{each.step}: the answer carries {told}", [each])
    return PASSED


def _secret_in(exchange: Exchange) -> str:
    if KEY_MARK in exchange.response_body or any(KEY_MARK in value for _, value in exchange.response_headers):
        return "the API key"
    return next((name for name, pattern in _TRACES if pattern.search(exchange.response_body)), "")


def load_is_borne(case: Case) -> Finding:
    """Judge whether calls that came side by side were answered, and not with a server error."""
    bad = [each for each in case.exchanges if (each.status is None and each.sent) or (each.status or 0) >= 500]
    return _none_bad(case, case.exchanges, bad, "calls under load")


def every_call_is_answered(case: Case) -> Finding:
    """Judge whether each whole request got a whole answer; those under load have a check of their own."""
    elsewhere = ("LOAD-01", "NET-03")
    calls = [each for each in case.exchanges if not each.step.startswith("leaves") and each.check not in elsewhere]
    lost = [each for each in calls if each.status is None and each.sent]
    return _none_bad(case, calls, lost, "calls got no whole answer")


def _none_bad(case: Case, calls: Sequence[Exchange], bad: Sequence[Exchange], told: str) -> Finding:
    if not calls:
        return missing(case, "a call")
    if not bad:
        return PASSED
    return failed(f"{len(bad)} of {len(calls)} {told}: {_shown(bad[0])}", bad[:_MOST_SHOWN])


def it_is_available(case: Case) -> Finding:
    """Judge how often the automator, or what stands before it, says that it cannot take calls."""
    calls = [each for each in case.exchanges if each.status is not None]
    if not calls:
        return missing(case, "a call that is answered")
    busy = [each for each in calls if each.status in (502, 503, 504)]
    if not busy:
        return PASSED
    word = Word.FAIL if len(busy) >= max(2, _OFTEN * len(calls)) else Word.WARN
    detail = f"{len(busy)} of {counted(len(calls), 'call')} {were(len(busy))} answered so, such as {_shown(busy[0])}"
    return Finding(word=word, outcome="seldom" if word is Word.WARN else "", detail=detail, proof=_numbers(busy))


def average_is_short(case: Case) -> Finding:
    """Judge the average of each operation, three times over: one slow run alone is unstable, and no failure."""
    limit = case.facts.get("average", 5.0) + case.facts.get("round_trip", 0.0)
    said_of = []
    word = Word.PASS
    proof: tuple[int, ...] = ()
    for operation in Operation:
        answered = [each for each in case.exchanges if each.operation == operation and each.status is not None]
        runs = _in_runs([each for each in answered if each.round] or answered)
        if not runs:
            continue
        averages = [mean(each.took for each in run) for run in runs]
        over = sum(average > limit for average in averages)
        said_of.append(f"{operation.value} {_seconds(averages)}")
        if over == len(averages):
            word, proof = Word.FAIL, (*proof, *_numbers([max(runs[-1], key=lambda each: each.took)]))
        elif over and word is Word.PASS:
            word = Word.WARN
    if not said_of:
        return missing(case, "a call that is answered")
    outcome = {Word.PASS: AS_EXPECTED, Word.WARN: "unstable", Word.FAIL: ""}[word]
    return Finding(
        word=word,
        outcome=outcome,
        detail=f"average of each run: {'; '.join(said_of)}; limit {limit:.3g} s",
        proof=proof,
    )


def worst_is_bearable(case: Case) -> Finding:
    """Judge the slowest answer."""
    limit = case.facts.get("worst", 30.0) + case.facts.get("round_trip", 0.0)
    calls = [each for each in case.exchanges if each.status is not None or each.timed_out]
    if not calls:
        return missing(case, "a call that is answered")
    slowest = max(calls, key=lambda each: each.took)
    over = slowest.took > limit or (slowest.timed_out and slowest.took >= limit * 0.99)
    detail = f"the slowest: {slowest.operation} {slowest.took:.3f} s; limit {limit:.3g} s"
    if over:
        return failed(detail, [slowest])
    return Finding(word=Word.PASS, outcome=AS_EXPECTED, detail=detail)


def _in_runs(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    """Split exchanges into runs: by their round where they have one, else into three equal parts."""
    if not exchanges:
        return []
    rounds = sorted({each.round for each in exchanges})
    if len(rounds) > 1:
        return [[each for each in exchanges if each.round == number] for number in rounds]
    parts = 3 if len(exchanges) >= _FEWEST_SAMPLES else 1
    size = len(exchanges) / parts
    return [list(exchanges[round(part * size) : round((part + 1) * size)]) for part in range(parts)]


def _seconds(averages: Sequence[float]) -> str:
    low, high = min(averages), max(averages)
    return f"{mean(averages):.3f} s ({low:.3f} to {high:.3f})" if len(averages) > 1 else f"{low:.3f} s"


def _media_type(exchange: Exchange) -> str:
    return header_of(exchange.response_headers, "content-type").partition(";")[0].strip() or "none"


def _shown(exchange: Exchange) -> str:
    return f"{exchange.check} {exchange.step}: {exchange.said()}"


def _numbers(exchanges: Sequence[Exchange]) -> tuple[int, ...]:
    return tuple(each.number for each in exchanges[:_MOST_SHOWN])
