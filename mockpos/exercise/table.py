"""The matrix for people: a table for a terminal or a pipe, the count, and an explanation of whatever failed."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from mockpos.exercise.case_run import Outcome, Result
from mockpos.exercise.cases import Kind
from mockpos.exercise.matrix import Matrix, Pair

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
    line = f"{met} of {len(matrix.pairs)} pairs met; {counts[Result.WORKED]} ways worked"
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
    return f"{case.operation.value if case.operation else 'no operation'} {case.code} by {case.kind.value}: {case.by}"


def explanation(outcome: Outcome) -> Sequence[str]:
    """Say what was sent, what was expected, what came and what is wrong with it."""
    return (
        f"request   {outcome.request}",
        f"expected  {outcome.expected}",
        f"came      {outcome.came}",
        f"wrong     {outcome.why}",
    )


def _named(pair: Pair) -> str:
    return f"{pair.operation.value if pair.operation else 'no operation'} {pair.code}"
