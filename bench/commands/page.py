"""``bench page``: render the results for people."""

import sys

import click

from bench.page.page import render
from bench.results import FOLDER, SPEED, judge_again


@click.command("page")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when the page is not what the results say.")
def command(check: bool) -> None:
    """Judge the results by the table of goals as it is now, and render bench/results/*.json as pages."""
    if not check and SPEED.exists():
        judge_again(SPEED)
    pages = render(FOLDER)
    if check:
        stale = [path.name for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
        click.echo(f"stale: {', '.join(stale)}; run `python -m bench page`" if stale else "the pages are up to date")
        sys.exit(1 if stale else 0)
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"{path.name} is written", err=True)
