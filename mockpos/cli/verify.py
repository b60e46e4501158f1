"""``mockpos verify``: check that the calls were made that a test says."""

import sys

import click

from mockpos.cli.completion import completer_of
from mockpos.cli.remote import Remote, remote_options, show_json
from mockpos.cli.terminal import safe
from mockpos.domain.catalogue import Operation

DIFFERENT = 1
"""The exit status when other calls were made."""

_CONFLICT = 409


@click.command("verify")
@click.option("--operation", type=click.Choice([each.value for each in Operation]), help="Calls of this operation.")
@click.option(
    "--code",
    shell_complete=completer_of("code"),
    help="Calls that ended so: held, released, invoiced, or an error's code.",
)
@click.option("--global-id", help="Calls with this Global ID.")
@click.option("--remote-id", help="Calls with this Remote ID.")
@click.option("--order-id", help="Calls with this Order ID.")
@click.option("--scenario", shell_complete=completer_of("scenario"), help="Calls that a scenario decided.")
@click.option("--count", type=click.IntRange(0), help="Exactly so many of them.")
@click.option("--min", "lowest", type=click.IntRange(0), help="At least so many.")
@click.option("--max", "highest", type=click.IntRange(0), help="At most so many.")
@remote_options
def command(remote: Remote, count: int | None, lowest: int | None, highest: int | None, **pattern: str | None) -> None:
    """Check that calls were made; without a number, that there was at least one.

    Exit status 0 when it is so, 1 when not (with the nearest calls and how they differ), 2 when the server cannot
    be asked.

    \b
    Examples:
      mockpos verify --operation hold --code held --count 2
      mockpos verify --operation invoice --global-id checkout-17 --max 1
    """
    if count is not None and (lowest, highest) != (None, None):
        raise click.UsageError("give --count, or --min and --max, not both")
    limits = {name: value for name, value in (("min", lowest), ("max", highest)) if value is not None}
    asked = {name: value for name, value in pattern.items() if value is not None}
    answer = remote.send("POST", "/verify", {**asked, "count": count if count is not None else limits or {"min": 1}})
    found = answer.json()
    if answer.status != _CONFLICT or not isinstance(found, dict) or "satisfied" not in found:
        found = remote.body_of(answer)
    if remote.as_json:
        show_json(found)
    else:
        click.echo("\n".join(safe(line) for line in found["text"].splitlines()))
    sys.exit(0 if found["satisfied"] else DIFFERENT)
