"""``mockpos contract``, ``openapi`` and ``codes``: wire contracts, what OpenAPI makes of one, every response code."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockpos.cli.options import OPERATION, PATH, SuggestingGroup, contract_option, write_file
from mockpos.cli.table import show_json
from mockpos.cli.terminal import check_files, table_console
from mockpos.domain.catalogue import Operation, ResponseCode, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput

if TYPE_CHECKING:
    from rich.table import Table

    from mockpos.contract.model import Contract

_output = click.option("--output", "-o", type=PATH, help="Write to a file instead of the terminal.")
_ONE_BAD = "the contract file cannot be used"


@click.group("contract", cls=SuggestingGroup)
def command() -> None:
    """Show, check or propose a wire contract.

    A contract file says how the three operations look on the wire: paths, methods, field names, statuses, the shape
    of errors. Serve one with `mockpos serve --contract FILE`.

    \b
    Write down your automator's own specification:
      mockpos contract show > mine.yaml
      mockpos contract check mine.yaml
      mockpos serve --contract mine.yaml
    """


@command.command("show")
@contract_option("Another contract than the default.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, as it was understood.")
def show(contract_path: Path | None, as_json: bool) -> None:
    """Print the active contract: the file as it stands, comments and all.

    A file that is no valid contract is refused, with its faults.

    \b
    Examples:
      mockpos contract show > mine.yaml
      mockpos contract show --contract mine.yaml --json | jq .operations.hold.path
    """
    from mockpos.contract.loader import DEFAULT_CONTRACT, load_contract

    contract = load_contract(contract_path)
    if as_json:
        show_json(_as_json(contract))
    else:
        click.echo((contract_path or DEFAULT_CONTRACT).read_text("utf-8"), nl=False)


@command.command("check")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATH)
def check(files: tuple[Path, ...]) -> None:
    """Check contract files: one line a file, then each fault with its line, or each default that it takes.

    Exit status 0 when all are valid (warnings allowed), 2 when one is not.

    \b
    Example:
      mockpos contract check contracts/*.yaml
    """
    bad = check_files(files, _told)
    if bad:
        raise BadInput(f"{bad} of {len(files)} contract files cannot be used" if len(files) > 1 else _ONE_BAD)


@command.command("from-openapi")
@click.argument("file", type=PATH)
@_output
def from_openapi(file: Path, output: Path | None) -> None:
    """Propose a contract from an OpenAPI 3 document: an automator's, or TEvo's own.

    It looks for the three calls, their fields, states, codes and errors by the words that specifications of the
    trade use. What it cannot decide is marked: look for `# ?`.

    \b
    From a specification to its mock:
      mockpos contract from-openapi automator.yaml -o mine.yaml
      mockpos contract check mine.yaml
      mockpos serve --contract mine.yaml
    """
    from mockpos.contract.from_openapi import propose, read_openapi, written
    from mockpos.contract.loader import contract_from_text

    lines = propose(read_openapi(file))
    text = written(lines)
    if output is None:
        click.echo(text.encode(), nl=False)
    else:
        write_file(output, text)
    marked = sum(line.open for line in lines)
    told = (
        f"{marked} {'line is' if marked == 1 else 'lines are'} marked `# ?`" if marked else "nothing is left to decide"
    )
    click.echo(f"{output or 'proposed'}: {told}", err=True)
    try:
        contract_from_text(text, str(output or "proposed"))
    except BadInput as error:
        click.echo(f"It cannot be served yet:\n{error}", err=True)


def _as_json(contract: "Contract") -> dict[str, object]:
    """Return a contract in the form of its file, with the paths of fields dotted as they are there."""
    operations = {
        operation.value: {
            **asdict(rule),
            "request": {name: ".".join(path) for name, path in rule.request.items()},
            "response": {name: path and ".".join(path) for name, path in rule.response.items()},
            "request_constants": {".".join(path): value for path, value in rule.request_constants.items()},
            "response_constants": {".".join(path): value for path, value in rule.response_constants.items()},
        }
        for operation, rule in contract.operations.items()
    }
    return {**asdict(contract), "operations": operations}


def _told(path: Path) -> Iterator[str]:
    from mockpos.contract.loader import load_contract

    contract = load_contract(path)
    yield f"{contract.name} {contract.version}"
    yield from (f"{click.style('warning', fg='yellow')} {warning}" for warning in contract.warnings)
    yield from (f"{click.style('default', dim=True)} {left_out}" for left_out in contract.defaults)


@click.command("openapi")
@contract_option("Another contract than the default.")
@click.option(
    "--version",
    type=click.Choice(["3.0", "3.1"]),
    default="3.1",
    show_default=True,
    help="Of OpenAPI; 3.0 for tools that read no 3.1.",
)
@_output
def openapi(contract_path: Path | None, version: str, output: Path | None) -> None:
    """Print the OpenAPI document of a contract.

    The same document a running mock serves at /openapi.json; only the address in it is that of a mock which was
    started without options.

    \b
    Examples:
      mockpos openapi -o openapi.json
      mockpos openapi --contract mine.yaml | npx openapi-typescript -o client.d.ts
      mockpos openapi --version 3.0 -o openapi-3.0.json
    """
    from mockpos.contract.loader import load_contract
    from mockpos.web.openapi.document import as_3_0, openapi_document

    document = openapi_document(load_contract(contract_path))
    if version == "3.0":
        document = as_3_0(document)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text.encode(), nl=False)  # bytes: a pipe's encoding may not be UTF-8, but JSON is
        return
    write_file(output, text)
    click.echo(f"wrote {output}", err=True)


_NARROW = 100


@click.command("codes")
@click.option("--operation", type=OPERATION, help="Only its codes.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array, for scripts.")
def codes(operation: str | None, as_json: bool) -> None:
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
        show_json([_code_document(code) for code in codes])
    else:
        _print_table(codes)


def _may_answer(code: ResponseCode, operation: Operation) -> bool:
    return code.scope is not Scope.NO_OPERATION and operation in code.operations


def _code_document(code: ResponseCode) -> dict[str, object]:
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
