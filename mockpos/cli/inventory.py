"""``mockpos import``, ``export`` and ``seed``: inventory files, read from brokers' files, written as such, and made."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from mockpos.broker.columns import COLUMNS, Column, column_map
from mockpos.broker.reader import BrokerFile
from mockpos.cli.options import PATH, F
from mockpos.cli.table import show_json
from mockpos.cli.terminal import progress_bar, safe
from mockpos.domain.counted import are, counted
from mockpos.domain.errors import BadInput, InventoryLocked
from mockpos.inventory_files import export_file, import_file, read_file, seed_file, today
from mockpos.services.import_listings import ImportMode, ImportReport


def print_columns(*, as_json: bool) -> None:
    """Print the table, for people or for scripts."""
    if as_json:
        show_json([_document(column) for column in COLUMNS])
        return
    for column in COLUMNS:
        click.secho(f"{column.name}{'  (required)' if column.required else ''}", bold=True)
        for line in (column.meaning, _names(column), f"example: {column.example}" if column.example else ""):
            if line:
                click.echo(click.wrap_text(line, 78, "    ", "    "))


def _names(column: Column) -> str:
    return f"also: {', '.join(column.aliases)}" if column.aliases else ""


def _document(column: Column) -> dict[str, object]:
    return {
        "column": column.name,
        "also": list(column.aliases),
        "required": column.required,
        "from": column.family.value,
        "meaning": column.meaning,
        "example": column.example,
    }


_SHOWN_ROWS = 50
_SHOWN_CONFLICTS = 10


def _inventory_option(told: str) -> Callable[[F], F]:
    default = Path("inventory.json")
    return click.option(
        "--inventory", type=PATH, default=default, show_default=True, envvar="MOCKPOS_INVENTORY", help=told
    )


@click.command("import")
@click.argument("file", type=PATH, required=False)
@_inventory_option("The inventory to import into; made if missing.")
@click.option("--replace", "mode", flag_value="replace", help="The file is the whole inventory; what it lacks goes.")
@click.option("--update", "mode", flag_value="update", help="Add and change listings; what the file lacks stays.")
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="COLUMN=HEADER|FILE",
    help="Take a column from a header of another name; or a mapping file. Repeatable.",
)
@click.option(
    "--default",
    "defaults",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="What to take where a cell is empty or the column missing. Repeatable.",
)
@click.option("--skip-bad-rows", is_flag=True, help="Import the good rows of a file that has bad ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--columns", "show_columns", is_flag=True, help="List the columns that are understood, and end.")
def import_inventory(
    file: Path | None, inventory: Path, mode: str | None, maps: tuple[str, ...], defaults: tuple[str, ...],
    skip_bad_rows: bool, as_json: bool, show_columns: bool,
) -> None:  # fmt: skip
    """Read FILE, a broker's inventory (.csv, .txt or .tsv with tabs, .xlsx, .json), into an inventory file.

    CSV is TEvo's broker import format, and what brokers' tools make of it: --columns lists the headers that are
    understood. TicketID (or InventoryID, RemoteID ...) becomes the Remote ID. FILE - is standard input.
    Every bad row is reported with its line, and then nothing is imported unless --skip-bad-rows is given.
    Into an inventory that has listings, say --replace or --update. Listings with holds or sales are never dropped.

    \b
    Examples:
      mockpos import tickets.csv
      mockpos import tickets.csv --replace --inventory broker.json
      mockpos import sheet.csv --map Event=show --default Venue="Larch Hall"
    """
    if show_columns:
        print_columns(as_json=as_json)
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'; - is standard input.")
    columns = column_map(maps, defaults)
    with progress_bar("reading", 100) as show:
        read = read_file(file, columns=columns, progress=show)
    if read.bad.count and not skip_bad_rows:
        _refuse(file, read)
    if read.bad.count and not read.listings:
        raise BadInput(_bad_rows(file, read, "no row is left, so nothing was imported. Correct them"))
    try:
        report = import_file(file, read, inventory, mode=ImportMode(mode or "new"), skip=skip_bad_rows)
    except InventoryLocked as error:
        running = f"mockpos listings import {file} --mode {mode or 'update'}"
        raise BadInput(f"{error}; or import into the server that has it: {running}") from None
    if not report.applied:
        raise BadInput(_conflicts(file, report, mode))
    _tell(read, report, inventory, as_json)


def _refuse(file: Path, read: BrokerFile) -> None:
    way_out = "Correct them, or import the others with --skip-bad-rows" if read.listings else "Correct them"
    for warning in read.warnings:
        click.secho(safe(f"warning: {warning}"), fg="yellow", err=True)
    raise BadInput(_bad_rows(file, read, f"nothing was imported. {way_out}"))


def _bad_rows(file: Path, read: BrokerFile, outcome: str) -> str:
    """Name the first bad rows, count them, and say what came of it."""
    shown = [f"{file}:{row.line}: {row.reason}" for row in read.bad_rows[:_SHOWN_ROWS]]
    if read.bad.count > len(shown):
        shown.append(f"{file}: and {counted(read.bad.count - len(shown), 'more bad row')}")
    bad = read.bad.count
    shown.append(f"{file}: {bad:,} of {counted(bad + len(read.listings), 'row')} {are(bad)} bad; {outcome}")
    return "\n".join(shown)


def _conflicts(file: Path, report: ImportReport, mode: str | None) -> str:
    shown = [f"{file}: {conflict.remote_id}: {conflict.reason}" for conflict in report.conflicts[:_SHOWN_CONFLICTS]]
    if len(report.conflicts) > len(shown):
        shown.append(f"{file}: and {len(report.conflicts) - len(shown):,} more")
    way_out = "import with --update or --replace" if mode is None else "or import the others with --skip-bad-rows"
    return "\n".join([*shown, f"{file}: nothing was imported; {way_out}"])


def _tell(read: BrokerFile, report: ImportReport, inventory: Path, as_json: bool) -> None:
    for warning in read.warnings:
        click.secho(safe(f"warning: {warning}"), fg="yellow", err=True)
    if read.ignored_columns:
        names = ", ".join(read.ignored_columns)
        click.secho(safe(f"note: columns that are not used: {names} (--columns lists those that are)"), err=True)
    for row in read.bad_rows[:_SHOWN_ROWS]:
        click.secho(safe(f"skipped: line {row.line}: {row.reason}"), fg="yellow", err=True)
    for conflict in report.conflicts[:_SHOWN_ROWS]:
        click.secho(safe(f"skipped: {conflict.remote_id}: {conflict.reason}"), fg="yellow", err=True)
    counts = report.counts(read.bad.count)
    if as_json:
        click.echo(json.dumps({"inventory": str(inventory), **counts, "warnings": read.warnings}))
    else:
        click.echo(f"{inventory}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items() if count))


_KINDS = ("json", "csv", "txt")


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@_inventory_option("The inventory to export.")
@click.option("--format", "kind", type=click.Choice(_KINDS), help="By default what FILE's ending says, else json.")
def export(file: Path | None, inventory: Path, kind: str | None) -> None:
    """Write an inventory to FILE, or to standard output.

    JSON carries everything, so importing it makes the same inventory. CSV (and txt, with tabs) is TEvo's broker import
    format: it carries the listings; what it cannot carry is named.

    \b
    Examples:
      mockpos export backup.json
      mockpos export tickets.csv --inventory broker.json
    """
    kind = kind or _kind_of(file)
    listings, retired = export_file(inventory, file, kind=kind)
    click.echo(f"{file or 'standard output'}: {counted(listings, 'listing')}", err=True)
    if kind != "json":
        from mockpos.broker.writer import NOT_CARRIED

        if retired:
            click.echo(f"left out: {retired:,} retired listings", err=True)
        click.echo("not carried by this format: " + "; ".join(NOT_CARRIED), err=True)


def _kind_of(file: Path | None) -> str:
    if file is None:
        return "json"
    ending = file.suffix.lower().removeprefix(".")
    if ending not in _KINDS:
        raise BadInput(f"{file}: its ending says no format; name it .json, .csv or .txt, or give --format")
    return ending


_MOST = 10_000_000


@click.command("seed")
@click.option("--listings", "count", type=click.IntRange(1, _MOST), default=200, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed and anchor give the same bytes.")
@click.option("--anchor", metavar="DATE", help="The date that events lie ahead of: 2026-11-23.  [default: today]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def seed_world(count: int, seed: int, anchor: str | None, out: Path, force: bool) -> None:
    """Make a world of events, venues and listings with Faker, as an inventory file.

    \b
    Examples:
      mockpos seed --listings 1000 --seed 7 --out inventory.json
      mockpos seed --listings 100000 --anchor 2026-11-23 --out big.json
    """
    day = _anchor(anchor)
    if out.exists() and not force:
        raise BadInput(f"{out}: is there already; choose another name, or replace it with --force")
    with progress_bar("seeding", count) as show:
        seed_file(out, count=count, seed=seed, anchor=day, progress=show)
    click.echo(
        f"{out}: {counted(count, 'listing')}, {out.stat().st_size:,} bytes (seed {seed}, anchor {day})", err=True
    )


def _anchor(text: str | None) -> date:
    if text is None:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--anchor: {text!r} is not a date; write it as 2026-11-23") from None
