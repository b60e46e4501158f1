"""``bench page``: render the results for people."""

import sys

import click

from bench.page.page import PAGE, render
from bench.results import FOLDER, SPEED, judge_again


@click.command("page")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when the page is not what the results say.")
def command(check: bool) -> None:
    """Judge the results by the table of goals as it is now, and render bench/results/*.json to bench/RESULTS.md."""
    if not check and SPEED.exists():
        judge_again(SPEED)
    page = render(FOLDER)
    if check:
        fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
        click.echo(f"{PAGE.name} is {'up to date' if fresh else 'stale: run `python -m bench page`'}")
        sys.exit(0 if fresh else 1)
    PAGE.write_text(page, encoding="utf-8")
    click.echo(f"{PAGE.name} is written", err=True)
