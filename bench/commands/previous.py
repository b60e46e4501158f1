"""``bench previous``: install the earlier mockpos that the goals compare with."""

import subprocess
import sys

import click

from bench.servers import previous


@click.command("previous")
def command() -> None:
    """Install mockpos as it was before the redesign, beside this one (needs git history and a C compiler)."""
    try:
        previous.install()
    except subprocess.CalledProcessError as error:
        click.echo(
            f"error: {error}; is the commit in this clone (git fetch --unshallow), and a C compiler here?", err=True
        )
        sys.exit(2)
    click.echo(f"mockpos at {previous.COMMIT} is installed", err=True)
