"""``python -m mockpos.testing.job_summary URL``: adds a server's summary to the job summary of GitHub Actions.

The action of the repository runs it when a job is over.
"""

import os
import sys
from pathlib import Path

import click

from mockpos.domain.errors import MockposError
from mockpos.testing.server import Server
from mockpos.testing.summary import add_github_summary, github_summary, summary_lines, summary_of

FOUND = 3
"""The exit status when something was left behind and ``--audit error`` was given."""


@click.command()
@click.argument("url")
@click.option("--audit", type=click.Choice(["off", "warn", "error"]), default="warn")
def command(url: str, audit: str) -> None:
    """Print what is to be said of a server's calls, and add it to the file that GITHUB_STEP_SUMMARY names."""
    try:
        server = Server(url, token=os.environ.get("MOCKPOS_CONTROL_TOKEN"))
        summary = summary_of(server)
        server.stop()
        for line in summary_lines(summary, audit=audit != "off"):
            click.echo(line)
        path = os.environ.get("GITHUB_STEP_SUMMARY")
        if path:
            add_github_summary(github_summary(summary, "mockpos serve"), Path(path))
    except MockposError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    sys.exit(FOUND if audit == "error" and not summary.audit.clean else 0)


if __name__ == "__main__":
    command()
