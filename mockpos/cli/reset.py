"""``mockpos reset``: begin a sandbox of a running server anew."""

import click

from mockpos.cli.completion import completer_of
from mockpos.cli.remote import Remote, remote_options, say
from mockpos.cli.terminal import shown


@click.command("reset")
@click.option(
    "--fixture",
    metavar="NAME",
    shell_complete=completer_of("fixture"),
    help="Begin with a shipped world instead of the listings it began with.",
)
@click.option("--seed", type=int, metavar="N", help="Begin with another seed.")
@remote_options
def command(remote: Remote, fixture: str | None, seed: int | None) -> None:
    """Begin a sandbox of a running server anew: no holds, invoices or journal, the machine's clock.

    When it returns, the world is new.

    \b
    Examples:
      mockpos reset
      mockpos reset --fixture tiny --seed 7 --sandbox checkout-17
    """
    given = {"fixture": fixture, "seed": seed}
    answer = remote.change("POST", "/reset", {name: value for name, value in given.items() if value is not None})
    woken = f", {answer['sleepers_woken']} delayed calls woken" if answer["sleepers_woken"] else ""
    new = f"{answer['sandbox']} is new: {shown(answer['listings'])} listings, seed {answer['seed']}{woken}"
    say(remote, answer, new)
