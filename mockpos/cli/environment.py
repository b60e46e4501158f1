"""Environment variables of the command line: each option has one."""

import re
from collections.abc import Iterator

import click

from mockpos.settings import SETTINGS

_SHOWN = re.compile(r"\[(MOCKPOS_[A-Z_]+)")
_SAME_MEANING = frozenset({"contract", "inventory", "scenarios", "api_key", "url"})
"""Options of client commands that mean what the server's setting of their name means. Others of such a name do not: a
variable that starts a server with a seed must not give one to every ``mockpos reset``."""


def give_variables(command: click.Command) -> None:
    """Let every option of a command, and of those below it, be set by a variable, and show it in the help."""
    settings = {setting.name for setting in SETTINGS} - _SAME_MEANING
    for option in command.params:
        if not isinstance(option, click.Option) or option.is_eager or _SHOWN.search(option.help or ""):
            continue
        name = option.opts[-1].lstrip("-").replace("-", "_")
        if len(name) > 1 and name not in settings:
            option.envvar = option.envvar or f"MOCKPOS_{name.upper()}"
            option.help = f"{option.help}  [{option.envvar}]" if option.help else f"[{option.envvar}]"
    if isinstance(command, click.Group):
        for below in _below(command):
            give_variables(below)


def variables_of(command: click.Command) -> Iterator[str]:
    """Yield the variables that the options of a command read, and of those below it."""
    for option in command.params:
        if isinstance(option, click.Option) and isinstance(option.envvar, str):
            yield option.envvar
    if isinstance(command, click.Group):
        for below in _below(command):
            yield from variables_of(below)


def _below(group: click.Group) -> Iterator[click.Command]:
    """Yield the commands of a group, those too that it loads when they are asked for."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None:
            yield command
