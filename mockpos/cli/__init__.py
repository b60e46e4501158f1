"""The command line. Each command is loaded from its file only when it is asked for."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from io import StringIO

import click
from click.core import ParameterSource

from mockpos import __version__
from mockpos.cli.options import LazyGroup, give_variables
from mockpos.cli.terminal import colour, guard_streams, make_sure_of_files, safe, show_error
from mockpos.domain.errors import MockposError
from mockpos.settings import error_text, shortened

_LONGEST_PATH = 500
BAD_INPUT = 2
"""The exit status for anything the user can correct."""

WINDOWS = (
    "mockpos does not run on Windows itself: it serves with gunicorn and locks files as Unix does.\n"
    "Run it in WSL (`wsl --install`, then the same commands there), or in a container."
)

_SECTIONS = {
    "Serve, and the files behind it": {
        "serve": "Serve the three operations over an inventory.",
        "demo": "Play a story for an audience in a throw-away world.",
        "exec": "Run a command, such as your tests, with a server of its own.",
        "ready": "Ask whether a server can take orders, or wait until it can.",
        "seed": "Make a world of listings with Faker.",
        "import": "Read a broker's file into an inventory.",
        "export": "Write an inventory as JSON or as a broker's file.",
        "fsck": "Check an inventory file and its logs, and repair them.",
    },
    "Call it as Ticket Evolution does": {
        "buy": "Buy tickets as a correct checkout does.",
        "hold": "Hold tickets of a listing.",
        "release": "Release a hold.",
        "invoice": "Sell held tickets under an order.",
        "mcp": "Serve tools to an agent, by the Model Context Protocol.",
    },
    "See what a running server did": {
        "status": "Say how a running server stands.",
        "requests": "Show the calls that a running server recorded.",
        "events": "Show everything that happens, as it happens.",
        "audit": "Say what the client left behind.",
        "verify": "Check that calls were made.",
        "timing": "Say how long callers waited, against five seconds.",
        "coverage": "Say which documented answers were met.",
        "holds": "List holds, live and ended ones, or show one.",
        "invoices": "List invoices.",
    },
    "Change what a running server is": {
        "listings": "List, show, add, change, delete, import and export a running server's listings.",
        "sell": "Sell tickets to somebody else, as the broker may.",
        "steal": "Sell tickets from under a live hold.",
        "retire": "Take a listing off sale.",
        "reprice": "Change a listing's wholesale price.",
        "expire": "End a live hold now.",
        "clock": "Show or change a running server's clock.",
        "reset": "Begin a running server's world anew.",
        "sandbox": "List, make, drop and switch sandboxes.",
        "snapshots": "List, take, restore and delete snapshots of a sandbox.",
    },
    "How it answers": {
        "codes": "Show every response code.",
        "scenarios": "List, show, check and plan scenarios; choose the one that is played.",
        "magic": "List the magic Remote IDs.",
        "contract": "Show, check or propose a wire contract.",
        "openapi": "Print the OpenAPI document.",
        "exercise": "Meet every documented response of a running mock.",
        "conform": "Judge an automator's server.",
        "checkout-plan": "Judge a checkout, while mockpos plays the automator.",
    },
}

_HOMES = {
    "import": "inventory.import_inventory",
    "export": "inventory.export",
    "seed": "inventory.seed_world",
    "buy": "product.buy",
    "hold": "product.hold",
    "release": "product.release",
    "invoice": "product.invoice",
    "mcp": "product.mcp",
    "audit": "status.audit",
    "verify": "requests.verify",
    "reset": "sandbox.reset",
    "clock": "sandbox.clock",
    "events": "status.events",
    "codes": "contract.codes",
    "openapi": "contract.openapi",
}
"""Commands that do not stand alone in a file of their name."""


class Commands(LazyGroup):
    """All commands: each stands in a file, most in one of their own, or is derived from a control call."""

    sections = _SECTIONS

    def load(self, name: str) -> click.Command | None:
        """Load one command."""
        module, _, attribute = _HOMES.get(name, f"{name.replace('-', '_')}.command").partition(".")
        if find_spec(f"mockpos.cli.{module}") is None:
            from mockpos.cli.remote import derived_command

            return derived_command(name)
        command = getattr(import_module(f"mockpos.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        give_variables(command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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

    What stands in brackets behind an option is its environment variable: --hold-ttl is MOCKPOS_HOLD_TTL.
    Completion for your shell: eval "$(_MOCKPOS_COMPLETE=bash_source mockpos)"
    """
    context.color = colour()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what mockpos says no to becomes one message and exit status 2."""
    if sys.platform == "win32":
        click.echo(WINDOWS, err=True)
        sys.exit(BAD_INPUT)
    make_sure_of_files()
    guard_streams()
    if not _is_somewhere():
        show_error("the folder that this was started in is gone; go to one that is there")
        sys.exit(BAD_INPUT)
    try:
        cli.main(args=None if arguments is None else list(arguments), prog_name="mockpos", standalone_mode=False)
    except click.ClickException as error:
        _name_variable(error)
        shown = StringIO()
        error.show(shown)
        click.echo(shortened(shown.getvalue()), err=True, nl=False)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except MockposError as error:
        text = error_text(str(error), sys.argv[1:] if arguments is None else arguments, os.environ)
        for line in text.splitlines():
            show_error(safe(line))
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:  # a path that no file can have, or that this user may not look at
        if not isinstance(error.filename, str | bytes | os.PathLike):
            raise
        show_error(f"{safe(os.fsdecode(error.filename)[:_LONGEST_PATH])}: {error.strerror}")
        sys.exit(BAD_INPUT)


def _is_somewhere() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _name_variable(error: click.ClickException) -> None:
    """Blame the variable rather than the option that it set."""
    if not isinstance(error, click.BadParameter) or not isinstance(error.param, click.Option) or error.ctx is None:
        return
    if error.ctx.get_parameter_source(error.param.name or "") is ParameterSource.ENVIRONMENT:
        error.param_hint = f"'{error.param.envvar}'"
