"""What the parts of a scenario must be to each other, and which of its rules can never decide."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import parse_rfc3339
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.model import Between, Conditions, DrawBy, Globs, Rule, Scenario
from mockpos.scenario.outcomes import Outcome, Phase, Respond
from mockpos.scenario.refusals import UNCERTAIN, documented_codes, operations_of
from mockpos.scenario.schema import MOST_RULES
from mockpos.validation.schema import Problem, nearest, shown

NO_SCENARIO = "none"
"""What a caller's header says to get neither a scenario nor the magic Remote IDs: no scenario's name."""

_OUTCOMES = ("respond", "fault", "raw")


def problems(content: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield everything that makes a scenario unusable, with its place in the file."""
    if content["name"] == NO_SCENARIO:
        yield ("name",), f"{NO_SCENARIO} means that no scenario applies; choose another name"
    rules = content["rules"]
    if not 1 <= len(rules) <= MOST_RULES:
        yield ("rules",), f"has {len(rules)} rules; a scenario has 1 to {MOST_RULES}"
    first_of: dict[str, int] = {}
    for index, rule in enumerate(rules):
        if rule["id"] in first_of:
            yield ("rules", index, "id"), f"{rule['id']} is the id of rule {first_of[rule['id']] + 1} already"
        first_of.setdefault(rule["id"], index)
        for place, message in _rule_faults(rule):
            yield ("rules", index, *place), message


def _rule_faults(rule: Mapping[str, Any]) -> Iterator[Problem]:
    outcomes = [name for name in _OUTCOMES if name in rule]
    for extra in outcomes[1:]:
        yield (
            (extra,),
            f"a rule has one outcome, and this one has {outcomes[0]} already; allowed: respond, fault or raw",
        )
    if rule.get("delay_at") is Phase.AFTER_COMMIT and "delay" not in rule:
        yield ("delay_at",), "says when to wait, but the rule has no delay"
    yield from _phase_faults(rule, outcomes)
    if "respond" in rule:
        yield from _respond_faults(rule)
    else:
        for name in ("details", "retry_after"):
            if name in rule:
                yield (name,), "belongs to respond, which this rule does not have"
    if "raw" in rule and rule["raw"].status in (204, 205, 304) and rule["raw"].body:
        yield ("raw", "body"), f"an answer with status {rule['raw'].status} has no body"


def _phase_faults(rule: Mapping[str, Any], outcomes: list[str]) -> Iterator[Problem]:
    if rule.get("phase") is not Phase.AFTER_COMMIT:
        return
    allowed = f"allowed with {', '.join(sorted(UNCERTAIN))}, raw and faults"
    if not outcomes:
        yield ("phase",), f"after_commit says when an outcome comes, but the rule has none; {allowed}"
    elif "respond" in rule and rule["respond"] not in UNCERTAIN:
        yield ("phase",), f"after_commit would tell the caller that nothing was done; it is {allowed}"


def _respond_faults(rule: Mapping[str, Any]) -> Iterator[Problem]:
    code = CATALOGUE[rule["respond"]]
    documented = operations_of(code.code)
    others = [operation for operation in Operation if operation in rule["on"] and operation not in documented]
    if others:
        codes = [known.code for known in documented_codes(others[0])]
        also = f", or for {others[0].value}: {', '.join(codes)}" if not set(rule["on"]) & set(documented) else ""
        yield (
            ("respond",),
            f"{code.code} is not documented for {' and '.join(others)}; allowed: on: [{', '.join(documented)}]{also}",
        )
    if "details" in rule:
        for place, message in _details_faults(rule["details"], code.code, code.details):
            yield ("details", *place), message


def _details_faults(details: Any, code: str, known: Mapping[str, object]) -> Iterator[Problem]:
    if not isinstance(details, Mapping):
        yield (), "must be a mapping of members to values"
        return
    for name, value in details.items():
        if not known:
            yield (name,), f"{code} has no details"
        elif name not in known:
            yield (name,), f"is not a detail of {code}{nearest(name, known)}"
        elif not _is_like(name, value, known[name]):
            yield (name,), f"{shown(value)} is not allowed; it must be {_FORMS[type(known[name])]}{_time_hint(name)}"


def _is_like(name: str, value: Any, example: object) -> bool:
    """Tell whether a detail has the form the contract documents, judged by the catalogue's example."""
    match example:
        case list():
            return isinstance(value, list) and all(map(_is_whole, value))
        case dict():
            return isinstance(value, Mapping) and all(map(_is_messages, value, value.values()))
        case int():
            return value is None or _is_whole(value)
    if value is None:
        return True
    return isinstance(value, str) and (not name.endswith("_at") or _is_time(value))


_FORMS = {
    list: "a list of whole numbers",
    dict: "a mapping of fields to lists of messages",
    int: "a whole number or null",
    str: "text (in quotes) or null",
}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_messages(field: object, messages: object) -> bool:
    return (
        isinstance(field, str) and isinstance(messages, list) and all(isinstance(message, str) for message in messages)
    )


def _time_hint(name: str) -> str:
    return ", a moment such as 2026-11-23T14:17:07.120Z" if name.endswith("_at") else ""


def _is_time(value: str) -> bool:
    try:
        parse_rfc3339(value)
    except ValueError:
        return False
    return True


def warnings(scenario: Scenario) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Yield (index of the rule, place in it, message) for what can never act."""
    for index, rule in enumerate(scenario.rules):
        shadows = _shadows(rule, scenario.rules[:index])
        if shadows:
            yield index, (), f"can never be reached: {' and '.join(shadows)} before it takes every call it would match"
        if rule.when.chance == 0:
            yield index, ("when", "chance"), "0 never happens: this rule can never be reached"
        if rule.when.order_id is not None and Operation.INVOICE not in rule.on:
            yield index, ("when", "order_id"), "is known only at an invoice: this rule can never be reached"
        if not _commits(rule.outcome, rule.phase):
            if rule.pos:
                yield index, ("pos",), "acts only when the call commits, and this rule answers before that"
            if rule.delay_at is Phase.AFTER_COMMIT:
                yield index, ("delay_at",), "waits after the commit, and this rule answers without one"
        if isinstance(rule.outcome, Respond) and not _carries(rule.outcome):
            yield index, ("retry_after",), f"is not sent: {rule.outcome.code} carries no Retry-After; {_CARRIERS} do"


_CARRIERS = " and ".join(code.code for code in CATALOGUE if code.retry_after)


def _carries(respond: Respond) -> bool:
    return respond.retry_after_s is None or CATALOGUE[respond.code].retry_after


def _commits(outcome: Outcome | None, phase: Phase) -> bool:
    return outcome is None or phase is Phase.AFTER_COMMIT


def _shadows(rule: Rule, earlier: tuple[Rule, ...]) -> list[str]:
    """Return the ids of the earlier rules that together take every call of this one, or nothing."""
    taken_by: list[str] = []
    for operation in Operation:
        if operation not in rule.on:
            continue
        taker = next((other for other in earlier if operation in other.on and _takes_all(other, rule, operation)), None)
        if taker is None:
            return []
        if taker.id not in taken_by:
            taken_by.append(taker.id)
    return taken_by


def _takes_all(other: Rule, rule: Rule, operation: Operation) -> bool:
    if other.times is not None or (other.when.chance is not None and other.when.chance < 1):
        return False
    if other.draws and other.draw_by is DrawBy.REMOTE_ID and operation is not Operation.HOLD:
        return False  # a call about an unknown hold passes it by
    return _covers(other.when, rule.when)


def _covers(wide: Conditions, narrow: Conditions) -> bool:
    narrow_headers = {name.lower(): globs for name, globs in narrow.header}
    return (
        _globs_cover(wide.remote_id, narrow.remote_id)
        and _globs_cover(wide.global_id, narrow.global_id)
        and _globs_cover(wide.order_id, narrow.order_id)
        and _range_covers(wide.quantity, narrow.quantity)
        and _range_covers(wide.attempt, narrow.attempt)
        and _range_covers(wide.call, narrow.call)
        and all(_globs_cover(globs, narrow_headers.get(name.lower())) for name, globs in wide.header)
    )


def _globs_cover(wide: Globs | None, narrow: Globs | None) -> bool:
    if wide is None:
        return True
    if narrow is None:
        return False
    simple = Globs(tuple(pattern for pattern in wide.patterns if not set("?[") & set(pattern)) or ("",))

    def covered(pattern: str) -> bool:
        return pattern in wide.patterns or ("[" not in pattern and simple.match(pattern))

    return all(covered(pattern) for pattern in narrow.patterns)


def _range_covers(wide: Between | None, narrow: Between | None) -> bool:
    if wide is None:
        return True
    if narrow is None:
        return False
    ends = wide.most is None or (narrow.most is not None and narrow.most <= wide.most)
    return wide.least <= narrow.least and ends
