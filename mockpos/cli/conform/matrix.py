"""``mockpos conform matrix``: many automators side by side."""

from pathlib import Path

import click

from mockpos.cli.options import write_file


@click.command("matrix")
@click.argument("reports", metavar="REPORT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--html", "html_file", metavar="FILE", type=click.Path(path_type=Path), help="Write it as a page.")
def command(reports: tuple[Path, ...], html_file: Path | None) -> None:
    """Show reports side by side: one row a rule, one column an automator.

    \b
    Example:
      mockpos conform matrix reports/*.json
    """
    from mockpos.cli.remote.remote import show_table
    from mockpos.conformance.matrix import as_html, matrix
    from mockpos.conformance.verify import read_report

    read = [(path.stem, read_report(path)) for path in reports]
    headings, rows = matrix(read)
    show_table([dict(zip(headings, row, strict=True)) for row in rows], headings, keep=headings)
    click.echo("\n✓ pass  ! passed with a remark  ✗ fail  ? cannot test  - not offered; empty: not asked for")
    if html_file is not None:
        write_file(html_file, as_html(read))
