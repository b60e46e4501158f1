"""What is legal in a scenario but surely not meant: rules and parts of rules that can never act."""

from collections.abc import Iterator

from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.conditions import Between, Conditions, Globs
from mockpos.scenario.model import DrawBy, Rule, Scenario
from mockpos.scenario.outcomes import Outcome, Phase, Respond


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
