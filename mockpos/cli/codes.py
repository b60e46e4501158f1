"""``mockpos codes``: the catalogue of response codes as a table or as JSON."""

import json
from typing import TYPE_CHECKING

import click

from mockpos.cli.terminal import table_console
from mockpos.domain.catalogue import Operation, ResponseCode, Scope
from mockpos.domain.codes import CATALOGUE

if TYPE_CHECKING:
    from rich.table import Table

_NARROW = 100


@click.command("codes")
@click.option("--operation", type=click.Choice([operation.value for operation in Operation]), help="Only its codes.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array, for scripts.")
def command(operation: str | None, as_json: bool) -> None:
    """Show every response code: its status, what it means, who resolves it.

    The statuses are the default contract's; a contract file may change them.
    The running mock says more: each code has a place at /docs/codes#CODE.

    \b
    Examples:
      mockpos codes
      mockpos codes --operation hold
      mockpos codes --json | jq -r '.[] | select(.retryable) | .code'
    """
    wanted = None if operation is None else Operation(operation)
    codes = [code for code in CATALOGUE if wanted is None or _may_answer(code, wanted)]
    if as_json:
        click.echo(json.dumps([_as_json(code) for code in codes], indent=2))
    else:
        _print_table(codes)


def _may_answer(code: ResponseCode, operation: Operation) -> bool:
    return code.scope is not Scope.NO_OPERATION and operation in code.operations


def _as_json(code: ResponseCode) -> dict[str, object]:
    no_operation = code.scope is Scope.NO_OPERATION
    return {
        "code": code.code,
        "status": code.status,
        "title": code.title,
        "meaning": code.meaning,
        "who": code.who.value,
        "operations": [] if no_operation else [operation.value for operation in code.operations],
        "needs_body": code.scope is Scope.WITH_BODY,
        "retryable": code.retryable,
        "retry_after": code.retry_after,
        "outcome_unknown": code.outcome_unknown,
        "details": code.details,
        "provoke": code.provoke,
    }


def _print_table(codes: list[ResponseCode]) -> None:
    console = table_console()
    console.print(_table(codes, narrow=console.width < _NARROW))


def _table(codes: list[ResponseCode], *, narrow: bool) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("HTTP", no_wrap=True)
    table.add_column("code", no_wrap=True)
    if not narrow:
        table.add_column("operations", no_wrap=True)
    table.add_column("meaning")
    if not narrow:
        table.add_column("who resolves it", max_width=26)
    table.add_column("retry", no_wrap=True)
    for code in codes:
        style = "red" if code.status >= 500 else "yellow"
        told = [] if narrow else [_operations(code)]
        who = [] if narrow else [code.who.value]
        table.add_row(
            f"[{style}]{code.status}[/]", f"[bold]{code.code}[/]", *told, code.meaning, *who,
            "yes" if code.retryable else "no",
        )  # fmt: skip
    return table


def _operations(code: ResponseCode) -> str:
    match code.scope:
        case Scope.NO_OPERATION:
            return "none"
        case Scope.ANY_CALL:
            return "any"
        case Scope.WITH_BODY:
            return "any with a body"
    return ", ".join(code.operations)
