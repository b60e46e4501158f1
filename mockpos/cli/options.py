"""Options made from the table of settings, their variables, and groups that say what was probably meant."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

import click

from mockpos.cli.completion import Complete, complete_path, completer_of
from mockpos.domain.errors import BadInput
from mockpos.files import unwritable
from mockpos.settings import DEFAULT_API_KEY, SETTINGS, Setting, Settings, read_settings

F = TypeVar("F", bound=Callable[..., Any])

PATH: click.ParamType[Any] = click.Path(path_type=Path)

SCENARIO = click.option(
    "--scenario",
    metavar="NAME",
    shell_complete=completer_of("scenario"),
    help="Ask a mockpos to answer by this scenario.",
)


def api_key_option(told: str) -> Callable[[F], F]:
    """Return the option for the automator's key."""
    return click.option(
        "--api-key", envvar="MOCKPOS_API_KEY", default=DEFAULT_API_KEY, show_default=True, show_envvar=True, help=told
    )


def contract_option(told: str) -> Callable[[F], F]:
    """Return the option for the contract file."""
    return click.option("--contract", "contract_path", envvar="MOCKPOS_CONTRACT", type=PATH, help=told)


def settings_options(*names: str, defaults: Mapping[str, str] = MappingProxyType({})) -> Callable[[F], F]:
    """Add options for the named settings, or for all of them. ``defaults`` are told in place of the settings' own."""
    chosen = [setting for setting in SETTINGS if not names or setting.name in names]

    def add(function: F) -> F:
        for setting in reversed(chosen):
            default = defaults.get(setting.name, setting.default)
            shown = f"{setting.help}  [{setting.env}{f'; default {default}' if default else ''}]"
            if setting.is_flag:
                option = click.option(setting.option, setting.name, is_flag=True, default=None, help=shown)
            else:
                kind = click.Choice(setting.choices) if setting.choices else click.STRING
                option = click.option(
                    setting.option,
                    setting.name,
                    type=kind,
                    metavar=setting.metavar,
                    default=None,
                    multiple=setting.repeatable,
                    help=shown,
                    shell_complete=_completer(setting),
                )
            function = option(function)
        return function

    return add


def _completer(setting: Setting) -> Complete | None:
    """Return what completes a setting: by its name, or by what it stands for."""
    if setting.choices:
        return None
    return completer_of(setting.name) or {"FILE": complete_path("file"), "DIR": complete_path("dir")}.get(
        setting.metavar
    )


def settings_from(given: dict[str, Any]) -> Settings:
    """Return the settings for what was given on the command line. Raises BadInput."""
    separators = {setting.name: setting.separator for setting in SETTINGS}
    texts = {name: _text(value, separators.get(name, "")) for name, value in given.items()}
    return read_settings(texts, os.environ)


def _text(value: Any, separator: str) -> str | None:
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return separator.join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_file(path: Path, text: str) -> None:
    """Write a file that a command was asked for. Raises BadInput."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BadInput(unwritable(path, error)) from None


class SuggestingGroup(click.Group):
    """A group that answers a misspelt name with the nearest ones."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command. Raises UsageError that names those most alike."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0].lower()[:60], self.list_commands(ctx), n=3)
            if not near or "did you mean" in error.message.lower():
                raise
            told = f"{error.message.rstrip('.')}; did you mean {' or '.join(near)}?"
            raise click.UsageError(told, error.ctx) from None


class LazyGroup(SuggestingGroup):
    """Knows its commands by name, under headings, so that ``--help`` and completion import none of them."""

    sections: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def load(self, name: str) -> click.Command | None:
        """Load one of its commands."""
        raise NotImplementedError

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order people need them."""
        return [name for commands in self.sections.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        return self.load(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        for title, commands in self.sections.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


_SHOWN = re.compile(r"\[(MOCKPOS_[A-Z_]+)")
_SAME_MEANING = frozenset({"contract", "inventory", "scenarios", "api_key", "url"})
"""Options of client commands that mean what the server's setting of their name means. Others of such a name do not: a
variable that starts a server with a seed must not give one to every ``mockpos reset``."""


class _Several(click.types.StringParamType):
    """The values of a variable for an option that may be repeated: ``;`` between them, for they may have spaces."""

    def split_envvar_value(self, rv: str) -> list[str]:
        """Split a variable's value; words alone may have spaces between them."""
        return rv.split(";") if any(sign in rv for sign in (";", "=", ": ")) else rv.split()


def give_variables(command: click.Command) -> None:
    """Let every option of a command, and of those below it, be set by a variable, and show it in the help."""
    settings = {setting.name for setting in SETTINGS} - _SAME_MEANING
    for option in command.params:
        if not isinstance(option, click.Option) or option.is_eager or _SHOWN.search(option.help or ""):
            continue
        name = option.opts[-1].lstrip("-").replace("-", "_")
        if len(name) > 1 and name not in settings:
            if option.multiple and option.type is click.STRING:
                option.type = _Several()
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
