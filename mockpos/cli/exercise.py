"""``mockpos exercise``: meet every documented response of a running mock, and show the matrix."""

import secrets
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click

from mockpos.cli.options import OPERATION, settings_from, settings_options
from mockpos.cli.table import show_json
from mockpos.cli.terminal import handled, progress_bar, table_console
from mockpos.contract.loader import load_contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.exercise.case_run import Targets, our_own, there_already
from mockpos.exercise.matrix import LEGEND, Matrix, cases_of, exercise, explanations, summary, table_of, write_junit
from mockpos.exercise.matrix import as_json as jsonable
from mockpos.settings import Settings

NOT_WHOLE = 1
"""The exit status when a pair was missed or a way failed."""

_NARROW = 126


@click.command("exercise")
@click.option(
    "--url", metavar="URL", help="A running mock; without it one is started for the run and stopped after it."
)
@settings_options("api_key", "contract")
@click.option(
    "--only",
    type=OPERATION,
    multiple=True,
    help="Only this operation; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit XML.")
def command(
    url: str | None, api_key: str | None, contract: str | None, only: Sequence[str], as_json: bool, junit: Path | None
) -> None:
    """Meet every documented (operation, code) pair over HTTP, in every documented way.

    By plain state: ordinary calls against the listings of the shipped worlds. By magic Remote ID: MOCK-... listings.
    By the header X-Mockpos-Scenario. Ids are new in each run, and what a run holds it releases; it sells a few tickets.
    What another inventory has no listing for is shown with a question mark and is no failure.

    Exit status 0 when every pair was met and every way tried worked, 1 when not, 2 when nothing could be tried.

    \b
    Examples:
      mockpos exercise
      mockpos exercise --url http://127.0.0.1:8000 --only invoice
      mockpos exercise --contract mine.yaml --json | jq '.pairs[] | select(.met | not)'
      mockpos exercise --junit exercise.xml
    """
    if junit is not None and not junit.parent.is_dir():
        raise BadInput(f"--junit {junit}: there is no folder {junit.parent}")
    settings = settings_from({"api_key": api_key, "contract": contract})
    matrix = _exercised(url, settings, [Operation(name) for name in only])
    if junit is not None:
        write_junit(matrix, junit)
    _show(matrix, as_json=as_json)
    if not matrix.is_whole:
        sys.exit(NOT_WHOLE)


def _exercised(url: str | None, settings: Settings, only: Sequence[Operation]) -> Matrix:
    contract = load_contract(settings.contract)
    prefix = f"ex-{secrets.token_hex(5)}"
    cases = cases_of(contract, only)
    targets: AbstractContextManager[Targets]
    if url is None:
        needed = {case.needs for case in cases}
        targets = our_own(settings.contract, contract, settings.api_key, prefix, needed)
    else:
        targets = nullcontext(there_already(url, settings.api_key, contract, prefix))
    with handled(_unwind, (signal.SIGTERM,)), progress_bar("exercising", len(cases)) as on_progress, targets as ready:
        return exercise(contract, ready, only, on_progress)


def _unwind(number: int, frame: object) -> None:
    """End the run in good order, so that servers of our own do not outlive it."""
    sys.exit(128 + number)


def _show(matrix: Matrix, *, as_json: bool) -> None:
    from rich.console import Console

    # rich obeys NO_COLOR; click does not
    verdict = f"[{'green' if matrix.is_whole else 'red'}]{'✓' if matrix.is_whole else '✗'}[/] {summary(matrix)}"
    if as_json:
        show_json(jsonable(matrix))
        Console(stderr=True, highlight=False).print(verdict, soft_wrap=True)
        return
    console = table_console()
    console.print(table_of(matrix, narrow=console.width < _NARROW))
    click.echo("\n".join(["", LEGEND, "", *explanations(matrix)]))
    console.print(verdict, soft_wrap=True)
