"""``mockpos import``: read a broker's file into an inventory."""

import json
from pathlib import Path

import click

from mockpos.broker.broker_file import BrokerFile
from mockpos.cli.progress import progress_bar
from mockpos.domain.errors import BadInput
from mockpos.inventory_files import import_file, read_file
from mockpos.services.import_listings import ImportMode, ImportReport

_SHOWN_ROWS = 50
_SHOWN_CONFLICTS = 10


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--inventory", type=click.Path(path_type=Path), default=Path("inventory.json"), show_default=True,
    envvar="MOCKPOS_INVENTORY", help="The inventory to import into; made if missing.",
)  # fmt: skip
@click.option("--replace", "mode", flag_value="replace", help="The file is the whole inventory; what it lacks goes.")
@click.option("--update", "mode", flag_value="update", help="Add and change listings; what the file lacks stays.")
@click.option("--skip-bad-rows", is_flag=True, help="Import the good rows of a file that has bad ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(file: Path, inventory: Path, mode: str | None, skip_bad_rows: bool, as_json: bool) -> None:
    """Read FILE, a broker's inventory (.csv, .txt with tabs, or .json), into an inventory file.

    CSV is TEvo's broker import format; TicketID (or TicketGroupID, RemoteID) becomes the Remote ID.
    Every bad row is reported with its line, and then nothing is imported unless --skip-bad-rows is given.
    Into an inventory that has listings, say --replace or --update. Listings with holds or sales are never dropped.

    \b
    Examples:
      mockpos import tickets.csv
      mockpos import tickets.csv --replace --inventory broker.json
    """
    with progress_bar("reading", 100) as show:
        read = read_file(file, progress=show)
    if read.bad_rows and not skip_bad_rows:
        _refuse(file, read)
    report = import_file(file, read, inventory, mode=ImportMode(mode or "new"), skip=skip_bad_rows)
    if not report.applied:
        raise BadInput(_conflicts(file, report, mode))
    _tell(read, report, inventory, as_json)


def _refuse(file: Path, read: BrokerFile) -> None:
    shown = [f"{file}:{row.line}: {row.reason}" for row in read.bad_rows[:_SHOWN_ROWS]]
    if len(read.bad_rows) > len(shown):
        shown.append(f"{file}: and {len(read.bad_rows) - len(shown):,} more bad rows")
    counted = f"{len(read.bad_rows):,} of {len(read.bad_rows) + len(read.listings):,} rows are bad"
    shown.append(f"{file}: {counted}; nothing was imported. Correct them, or import the others with --skip-bad-rows")
    raise BadInput("\n".join(shown))


def _conflicts(file: Path, report: ImportReport, mode: str | None) -> str:
    shown = [f"{file}: {conflict.remote_id}: {conflict.reason}" for conflict in report.conflicts[:_SHOWN_CONFLICTS]]
    if len(report.conflicts) > len(shown):
        shown.append(f"{file}: and {len(report.conflicts) - len(shown):,} more")
    way_out = "import with --update or --replace" if mode is None else "or import the others with --skip-bad-rows"
    return "\n".join([*shown, f"{file}: nothing was imported; {way_out}"])


def _tell(read: BrokerFile, report: ImportReport, inventory: Path, as_json: bool) -> None:
    for warning in read.warnings:
        click.secho(f"warning: {warning}", fg="yellow", err=True)
    for row in read.bad_rows[:_SHOWN_ROWS]:
        click.secho(f"skipped: line {row.line}: {row.reason}", fg="yellow", err=True)
    for conflict in report.conflicts[:_SHOWN_ROWS]:
        click.secho(f"skipped: {conflict.remote_id}: {conflict.reason}", fg="yellow", err=True)
    counts = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "dropped": report.dropped,
        "retired": report.retired,
        "skipped": len(read.bad_rows) + len(report.conflicts),
    }
    if as_json:
        click.echo(json.dumps({"inventory": str(inventory), **counts, "warnings": read.warnings}))
    else:
        click.echo(f"{inventory}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items() if count))
