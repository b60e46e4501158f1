"""Options: those of settings, those that commands share, their variables, and what a shell completes for them.

A running server is asked for its own names, for a moment only: completion never keeps a shell waiting. Groups of
commands stand here too; they say what was probably meant.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

import click
from click.shell_completion import CompletionItem

from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.files import shipped, unwritable
from mockpos.settings import DEFAULT_API_KEY, DEFAULT_URL, SETTINGS, Setting, Settings, read_settings

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_PATIENCE_S = 0.5
_MOST = 200


def _scenario_names() -> list[str]:
    """Return the names of the shipped scenarios."""
    others = {"demos", "checkout-plans"}
    return sorted(path.stem for path in shipped("scenarios").rglob("*.yaml") if not others & {*path.parts})


def _fixture_names() -> list[str]:
    return sorted(path.stem for path in shipped("fixtures").glob("*.json"))


def _code_names() -> list[str]:
    """Return all that a call may end in."""
    from mockpos.domain.codes import CATALOGUE, MOCK_CODES

    return ["held", "released", "invoiced", *CATALOGUE.names(), *MOCK_CODES]


def complete(names: Callable[[], Iterable[str]], *, or_file: bool = False) -> Complete:
    """Return a completer of names that need no server; with ``or_file`` a shell completes files too."""

    def completed(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        found = [CompletionItem(name) for name in names() if name.startswith(begun)]
        if or_file and (not found or "/" in begun or begun.startswith(".")):
            return [CompletionItem(begun, type="file")]
        return found

    return completed


def _complete_from_server(path: str, list_name: str, member: str) -> Complete:
    """Return a completer of what a running server lists."""

    def completed(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        found: list[str] = []
        with suppress(Exception):  # whatever is wrong with the server, a shell must not be told while it completes
            found = [str(each[member]) for each in _asked(context, path)[list_name]]
        return [CompletionItem(name) for name in dict.fromkeys(found) if name.startswith(begun)][:_MOST]

    return completed


def _asked(context: click.Context, path: str) -> dict[str, Any]:
    from mockpos.control_client import ControlClient

    given = {**(context.parent.params if context.parent else {}), **context.params}
    url = given.get("url") or os.environ.get("MOCKPOS_URL") or DEFAULT_URL
    token = given.get("token") or os.environ.get("MOCKPOS_CONTROL_TOKEN")
    return ControlClient(url, token, given.get("sandbox"), timeout=_PATIENCE_S).get(path)


_complete_listing = _complete_from_server("/listings?limit=200", "listings", "remote_id")
_BY_NAME: dict[str, Complete] = {
    "scenario": complete(_scenario_names, or_file=True),
    "name": _complete_from_server("/snapshots", "snapshots", "name"),
    "fixture": complete(_fixture_names),
    "code": complete(_code_names),
    "sandbox_name": _complete_from_server("/sandboxes", "sandboxes", "name"),
    "remote_id": _complete_listing,
    "superseded_by": _complete_listing,
    "global_id": _complete_from_server("/holds?limit=200", "holds", "global_id"),
}


def completer_of(name: str) -> Complete | None:
    """Return what completes a parameter, by its name."""
    return _BY_NAME.get(name)


def _complete_path(kind: str) -> Complete:
    """Return a completer of files or folders (``file``, ``dir``), which a shell finds itself."""
    return lambda context, parameter, begun: [CompletionItem(begun, type=kind)]


F = TypeVar("F", bound=Callable[..., Any])

PATH: click.ParamType[Any] = click.Path(path_type=Path)
OPERATION = click.Choice([operation.value for operation in Operation])

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
    paths = {"FILE": _complete_path("file"), "DIR": _complete_path("dir")}
    return completer_of(setting.name) or paths.get(setting.metavar)


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
