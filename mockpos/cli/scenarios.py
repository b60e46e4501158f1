"""``mockpos scenarios``: list, show and check scenario files, and tell beforehand what each Global ID will meet."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import click

from mockpos.cli import BAD_INPUT
from mockpos.cli.options import OPERATION, PATH, SuggestingGroup, completer_of
from mockpos.cli.remote import add_derived
from mockpos.cli.table import show_json
from mockpos.cli.terminal import check_files, table_console, wrapped
from mockpos.domain.catalogue import Operation
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.domain.identifiers import is_global_id
from mockpos.scenario.engine import PlannedCall, dry_run, order_dependent, unknown_conditions
from mockpos.scenario.loader import load_scenario
from mockpos.scenario.model import Facts, Scenario
from mockpos.scenario.refusals import documented_pairs, pair_name
from mockpos.scenario.registry import ScenarioRegistry

_WIDE = 200

_folders = click.option(
    "--scenarios",
    "folders",
    type=PATH,
    multiple=True,
    metavar="DIR",
    help="A folder of your own scenarios; may be given again.",
)


@click.group("scenarios", cls=SuggestingGroup)
def command() -> None:
    """List, show, check and try out scenarios.

    \b
    Examples:
      mockpos scenarios list
      mockpos scenarios show lost-answers > mine.yaml
      mockpos scenarios check mine.yaml
      mockpos scenarios plan brownout --global-ids ids.txt
    """


@command.command("list")
@_folders
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_scenarios(folders: Sequence[Path], as_json: bool) -> None:
    """List the scenarios that can be chosen by name."""
    from rich.table import Table  # loaded when it is needed

    registry = ScenarioRegistry(folders)
    scenarios = sorted((registry.get(name) for name in registry.names()), key=_answers_one_code)
    if as_json:
        show_json([_listed(registry, scenario) for scenario in scenarios])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "rules", "summary"):
        table.add_column(heading, no_wrap=heading != "summary", justify="right" if heading == "rules" else "left")
    for scenario in scenarios:
        table.add_row(scenario.name, str(len(scenario.rules)), scenario.summary)
    table_console(_WIDE).print(table)
    hint = "Hint: `mockpos scenarios show NAME` prints one; `mockpos serve --scenario NAME` plays it."
    click.echo(f"\n{wrapped(hint)}", err=True)


@command.command("show")
@click.argument("name", shell_complete=completer_of("scenario"))
@_folders
def show(name: str, folders: Sequence[Path]) -> None:
    """Print the file of one scenario, to read, or to start your own from."""
    click.echo(ScenarioRegistry(folders).path(name).read_text(encoding="utf-8"), nl=False)


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE...")
def check(files: Sequence[Path]) -> None:
    """Check scenario files in full: a tick or a cross for each, and a line for each fault.

    Exit status 0 when all can be used, 2 when one cannot. A warning is no fault.
    """
    bad = check_files(files, _told, indent="    ")
    if bad:
        click.echo(f"{bad} of {counted(len(files), 'file')} cannot be used", err=True)
        sys.exit(BAD_INPUT)


def _told(path: Path) -> Iterator[str]:
    scenario = load_scenario(path)
    yield f"({scenario.name}, {counted(len(scenario.rules), 'rule')})"
    for warning in (*scenario.warnings, *_misnamed(scenario, path)):
        yield f"{click.style('warning:', fg='yellow')} {warning}"


@command.command("plan")
@click.argument("name", metavar="NAME|FILE", shell_complete=completer_of("scenario"))
@click.option(
    "--global-ids",
    type=click.File(encoding="utf-8", errors="replace"),
    required=True,
    metavar="FILE|-",
    help="One a line.",
)
@click.option(
    "--operation",
    "operations",
    type=OPERATION,
    multiple=True,
    help="May be given again; all that the scenario has rules for, if left out.",
)
@click.option("--remote-id", help="The listing that they hold.")
@click.option("--quantity", type=click.IntRange(1, 1000), help="How many tickets they hold.")
@click.option("--order-id", help="The order of their invoices.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="A request header; may be given again.")
@click.option("--attempts", type=click.IntRange(1, 1000), default=1, show_default=True, help="Calls of each id.")
@click.option("--sandbox-seed", type=int, default=0, show_default=True, help="The seed of the sandbox.")
@_folders
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plan(
    name: str,
    global_ids: IO[str],
    operations: Sequence[str],
    headers: Sequence[str],
    attempts: int,
    sandbox_seed: int,
    folders: Sequence[Path],
    as_json: bool,
    **known: Any,
) -> None:
    """Tell beforehand what each Global ID will meet, and what of it depends on the order of arrival.

    Draws follow from the scenario's seed, the sandbox's seed and the Global ID: the running mock decides the same,
    however many callers there are. What depends on order is marked with an asterisk.
    """
    scenario = ScenarioRegistry(folders).open(name)
    chosen = [Operation(given) for given in operations] or [each for each in Operation if scenario.rules_for(each)]
    calls = _calls(chosen, _read_ids(global_ids), dict(_header(text) for text in headers), **known)
    fates = dry_run(scenario, calls, attempts, sandbox_seed)
    notes = list(_notes(scenario, calls))
    if as_json:
        told = {"scenario": scenario.name, "notes": notes, "calls": [fate.document() for fate in fates]}
        show_json(told)
        return
    _print_fates(fates)
    for line in notes:
        click.echo(line)


def _calls(
    operations: Sequence[Operation],
    ids: Sequence[str],
    headers: dict[str, str],
    *,
    remote_id: str | None,
    quantity: int | None,
    order_id: str | None,
) -> list[Facts]:
    return [
        Facts(each, global_id, remote_id, quantity, order_id if each is Operation.INVOICE else None, headers)
        for each in operations
        for global_id in ids
    ]


def _read_ids(lines: IO[str]) -> list[str]:
    """Return the ids, one a line; empty lines are passed over. Raises BadInput with the line."""
    ids = []
    try:
        read = lines.readlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{_source(lines)}: cannot be read ({error})") from None
    for number, line in enumerate(read, 1):
        text = line.strip()
        if text and not is_global_id(text):
            raise BadInput(
                f"{_source(lines)}:{number}: {text[:60]!r} is not a Global ID: "
                "1 to 128 letters, digits and . _ : -, the first a letter or digit"
            )
        if text:
            ids.append(text)
    if not ids:
        raise BadInput(f"{_source(lines)}: there is no Global ID in it; write one a line")
    return ids


def _source(lines: IO[str]) -> str:
    name = getattr(lines, "name", None)
    return name if isinstance(name, str) else "<stdin>"


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise BadInput(f"--header {text!r}: write it as NAME:VALUE")
    return name.strip(), value.strip()


def _notes(scenario: Scenario, calls: Sequence[Facts]) -> Iterator[str]:
    for rule, reasons in order_dependent(scenario):
        because = " and ".join(reasons)
        yield f"* rule {rule.id} depends on the order of arrival ({because}): exact in number, not in whom it hits"
    if any(rule.when.attempt is not None for rule in scenario.rules):
        yield "note: attempts of one Global ID that arrive together are numbered as they arrive"
    for missing in unknown_conditions(scenario, calls):
        option = f"--{missing.replace('_', '-')}"
        yield f"note: rules that ask for {missing} pass these calls by; tell it with {option}"


def _print_fates(fates: Sequence[PlannedCall]) -> None:
    from rich.table import Table  # loaded when it is needed

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("operation", "global id", "attempt", "rule", "meets"):
        table.add_column(heading, no_wrap=True, justify="right" if heading == "attempt" else "left")
    for fate in fates:
        order = "" if fate.certain else " *"
        rule = fate.plan.rule_id if fate.plan else "-"
        meets = str(fate.plan) if fate.plan else "no rule"
        table.add_row(fate.facts.operation.value, fate.facts.global_id, str(fate.attempt), rule + order, meets)
    table_console(_WIDE).print(table, markup=False)


def _answers_one_code(scenario: Scenario) -> bool:
    """Tell the shipped scenarios for one (operation, code) pair from the stories, which people look for first."""
    return scenario.name in {pair_name(*pair) for pair in documented_pairs()}


def _listed(registry: ScenarioRegistry, scenario: Scenario) -> dict[str, object]:
    return {
        "name": scenario.name,
        "summary": scenario.summary,
        "seed": scenario.seed,
        "rules": [rule.id for rule in scenario.rules],
        "file": str(registry.path(scenario.name)),
    }


def _misnamed(scenario: Scenario, path: Path) -> list[str]:
    if scenario.name == path.stem:
        return []
    return [f"{path}: name: is {scenario.name}; in a folder of scenarios the file must be called {scenario.name}.yaml"]


add_derived(command, "scenarios")
