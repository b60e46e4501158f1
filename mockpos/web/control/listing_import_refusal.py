"""The answer to an import that was refused: a problem like every other, with the rows that are to blame."""

from collections.abc import Sequence

from flask import Response

from mockpos.broker.broker_file import BadRow
from mockpos.services.import_listings import Conflict
from mockpos.web.exchange import current_exchange
from mockpos.web.problems import mock_problem
from mockpos.web.replies import as_response

_CODE = "mock_import_refused"
_MOST_SHOWN = 10_000
_LONGEST = 500
_FEW = 3


def refused(
    detail: str, bad_rows: Sequence[BadRow], conflicts: Sequence[Conflict] = (), *, bad: int | None = None
) -> Response:
    """Return the answer. ``detail`` says what happened and what to do; the first faults are told with it."""
    first = [f"line {row.line}: {row.reason[:_LONGEST]}" for row in bad_rows[:_FEW]]
    first += [f"{conflict.remote_id}: {conflict.reason}" for conflict in conflicts[:_FEW]]
    told = " ".join([detail, f"{(len(bad_rows) if bad is None else bad) + len(conflicts):,} in all:", *first])
    details = {"bad_rows": shown_rows(bad_rows), "conflicts": shown_conflicts(conflicts)}
    return as_response(mock_problem(_CODE, told, current_exchange().request_id, details=details))


def shown_rows(rows: Sequence[BadRow]) -> list[dict[str, object]]:
    """Show bad rows, the first ten thousand."""
    return [
        {"line": row.line, "reason": row.reason[:_LONGEST], "remote_id": row.remote_id} for row in rows[:_MOST_SHOWN]
    ]


def shown_conflicts(conflicts: Sequence[Conflict]) -> list[dict[str, str]]:
    """Show conflicts, the first ten thousand."""
    return [{"remote_id": each.remote_id, "reason": each.reason} for each in conflicts[:_MOST_SHOWN]]
