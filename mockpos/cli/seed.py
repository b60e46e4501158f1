"""``mockpos seed``: make a world of listings."""

from datetime import date
from pathlib import Path

import click

from mockpos.cli.terminal import progress_bar
from mockpos.domain.errors import BadInput
from mockpos.inventory_files import seed_file, today

_MOST = 10_000_000


@click.command("seed")
@click.option("--listings", "count", type=click.IntRange(1, _MOST), default=200, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed and anchor give the same bytes.")
@click.option("--anchor", metavar="DATE", help="The date that events lie ahead of: 2026-11-23.  [default: today]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def command(count: int, seed: int, anchor: str | None, out: Path, force: bool) -> None:
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
    click.echo(f"{out}: {count:,} listings, {out.stat().st_size:,} bytes (seed {seed}, anchor {day})", err=True)


def _anchor(text: str | None) -> date:
    if text is None:
        return today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--anchor: {text!r} is not a date; write it as 2026-11-23") from None
