"""``mockpos conform``: judges an automator's server, and what belongs to that."""

import re
from importlib import import_module
from typing import ClassVar

import click

from mockpos.cli.options import LazyGroup

_ADDRESS_OR_OPTION = re.compile(r"-|.*[:/.]")


class ConformGroup(LazyGroup):
    """Takes an address in the place of a command's name for ``run``."""

    sections: ClassVar = {
        "Commands": {
            "run": "Judge an automator's server (the default).",
            "rules": "Show the rules.",
            "verify": "Judge a report again, offline.",
            "matrix": "Show many automators side by side.",
            "cleanup": "Give back what an interrupted run held.",
        }
    }

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``run`` before an address or an option; a plain word is the name of a command, perhaps a misspelt one."""
        is_run = args and args[0] not in ctx.help_option_names and _ADDRESS_OR_OPTION.match(args[0])
        return super().parse_args(ctx, ["run", *args] if is_run else args)

    def load(self, name: str) -> click.Command | None:
        """Load one command."""
        home = "run" if name in ("run", "cleanup") else "reports"
        command: click.Command = getattr(import_module(f"mockpos.cli.conform.{home}"), name)
        return command


@click.group("conform", cls=ConformGroup)
def command() -> None:
    """Judge whether an automator's server holds, releases and invoices as Ticket Evolution needs it.

    `mockpos conform URL` is `mockpos conform run URL`; its options: `mockpos conform run --help`.

    \b
    Examples:
      mockpos conform https://automator.example --profile quick --listing 4711:12
      mockpos conform http://127.0.0.1:8000 --listing 4711:12 --allow-invoice --html report.html
      mockpos conform verify report.html
    """
