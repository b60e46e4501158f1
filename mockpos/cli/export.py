"""``mockpos export``: write an inventory as JSON or as a broker's file."""

from pathlib import Path

import click

from mockpos.domain.errors import BadInput
from mockpos.inventory_files import export_file

_KINDS = ("json", "csv", "txt")


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--inventory", type=click.Path(path_type=Path), default=Path("inventory.json"), show_default=True,
    envvar="MOCKPOS_INVENTORY", help="The inventory to export.",
)  # fmt: skip
@click.option("--format", "kind", type=click.Choice(_KINDS), help="By default what FILE's ending says, else json.")
def command(file: Path | None, inventory: Path, kind: str | None) -> None:
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
    click.echo(f"{file or 'standard output'}: {listings:,} listings", err=True)
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
