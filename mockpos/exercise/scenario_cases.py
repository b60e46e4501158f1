"""The ways by scenario: every row of the magic table, and the header with the shipped scenario of each pair."""

from collections.abc import Iterator

from mockpos.domain.catalogue import Operation
from mockpos.exercise.cases import Call, Case, Kind, Marks
from mockpos.scenario import magic
from mockpos.scenario.documented import documented_pairs
from mockpos.scenario.magic import MAGIC, MagicId
from mockpos.scenario.outcomes import Respond
from mockpos.scenario.shipped import pair_name

_QUANTITY = 2


def magic_cases() -> Iterator[Case]:
    """Yield a way for each documented error that the calls of a magic Remote ID's row meet."""
    for row in MAGIC:
        calls = tuple(_call(step.operation, row.remote_id, None) for step in row.how_to_try)
        for number, step in enumerate(row.how_to_try):
            if step.code is not None:
                yield Case(
                    operation=step.operation,
                    code=step.code,
                    kind=Kind.MAGIC,
                    by=row.remote_id,
                    calls=(*_that_work(row, calls[:number]), calls[number]),
                    marks=_marks(row, step.operation),
                )


def header_cases() -> Iterator[Case]:
    """Yield the way by header for each pair; a scenario answers before the state, so one call is enough."""
    for operation, code in documented_pairs():
        name = pair_name(operation, code)
        yield Case(
            operation=operation,
            code=code.code,
            kind=Kind.HEADER,
            by=name,
            calls=(_call(operation, "ANY-LISTING", name),),
            marks=Marks(name, name),
        )


def _call(operation: Operation, remote_id: str, scenario: str | None) -> Call:
    return Call(operation=operation, remote_id=remote_id, quantity=_QUANTITY, scenario=scenario)


def _that_work(row: MagicId, calls: tuple[Call, ...]) -> list[Call]:
    """Return the calls of a row that come before and succeed: what was refused prepares nothing."""
    return [call for call, step in zip(calls, row.how_to_try, strict=False) if step.code is None]


def _marks(row: MagicId, operation: Operation) -> Marks | None:
    """Return what a forced answer names; None where the row only brought the state about."""
    rule = row.rule
    if rule is None or operation not in rule.on or not isinstance(rule.outcome, Respond):
        return None
    return Marks(magic.NAME, rule.id)
