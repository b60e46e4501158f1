"""The command line. Each command stands in its own file and is loaded only when it is asked for."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from mockpos import __version__
from mockpos.cli.terminal import safe
from mockpos.domain.errors import MockposError

BAD_INPUT = 2
"""The exit status for anything the user can correct."""

WINDOWS = (
    "mockpos does not run on Windows itself: it serves with gunicorn and locks files as Unix does.\n"
    "Run it in WSL (`wsl --install`, then the same commands there), or in a container."
)

_COMMANDS = {
    "serve": "Serve the three operations over an inventory.",
    "demo": "Play a story for an audience in a throw-away world.",
    "exec": "Run a command, such as your tests, with a server of its own.",
    "seed": "Make a world of listings with Faker.",
    "import": "Read a broker's file into an inventory.",
    "export": "Write an inventory as JSON or as a broker's file.",
    "fsck": "Check an inventory file and its logs, and repair them.",
    "codes": "Show every response code.",
    "scenarios": "List, show, check and plan scenarios.",
    "ready": "Ask whether a server can take orders, or wait until it can.",
    "status": "Say how a running server stands.",
    "reset": "Begin a running server's world anew.",
    "clock": "Show or change a running server's clock.",
    "sandbox": "List, make, drop and switch sandboxes.",
    "requests": "Show the calls that a running server recorded.",
    "verify": "Check that calls were made.",
    "audit": "Say what the client left behind.",
    "exercise": "Meet every documented response of a running mock.",
    "buy": "Buy tickets as a correct checkout does.",
    "mcp": "Serve tools to an agent, by the Model Context Protocol.",
    "conform": "Judge an automator's server.",
    "contract": "Show or check a wire contract.",
    "openapi": "Print the OpenAPI document.",
}


class LazyGroup(click.Group):
    """Knows its commands by name, so that ``--help`` and completion import none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order people need them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"mockpos.cli.{cmd_name}_command" if cmd_name == "import" else f"mockpos.cli.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="mockpos", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Play the automator that Ticket Evolution calls to confirm an order.

    \b
    Start it, hold two tickets, see what is documented:
      mockpos serve
      curl localhost:8000/v1/holds -H 'X-API-Key: mockpos-dev-key' \\
        --json '{"remote_id": "TG-5000", "quantity": 2, "global_id": "demo-'$RANDOM'"}'
      open http://localhost:8000/docs

    Every option is also an environment variable: --hold-ttl is MOCKPOS_HOLD_TTL.
    Completion for your shell: eval "$(_MOCKPOS_COMPLETE=bash_source mockpos)"
    """
    context.color = _colour()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what mockpos says no to becomes one message and exit status 2."""
    if sys.platform == "win32":
        click.echo(WINDOWS, err=True)
        sys.exit(BAD_INPUT)
    try:
        cli.main(args=None if arguments is None else list(arguments), prog_name="mockpos", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except MockposError as error:
        prefix = click.style("error:", fg="red", bold=True) + " "
        for line in str(error).splitlines():
            click.echo(prefix + safe(line), err=True, color=_colour())
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        sys.exit(141)


def _colour() -> bool | None:
    """Return how colours are decided: never under NO_COLOR (https://no-color.org), else by whether it is a terminal."""
    return False if os.environ.get("NO_COLOR") else None
