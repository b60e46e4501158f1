"""Commands that talk to a running mockpos: their options, the control plane as they see it, those made from a table.

``commands.json`` is that table: of control calls, as ``tests/guards/control_commands.py`` wrote it down. A call's path
and required fields become arguments, all else options; its answer is shown as it comes.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from mockpos.cli.options import SuggestingGroup, completer_of
from mockpos.cli.table import show_answer, show_json
from mockpos.control_client import ControlClient, media_type_of, part
from mockpos.domain.errors import BadInput
from mockpos.settings import DEFAULT_URL, is_yes

Json = dict[str, Any]


class Remote(ControlClient):
    """One sandbox of one server. ``as_json`` is how its answers are wanted."""

    def __init__(self, url: str, sandbox: str | None, token: str | None, *, as_json: bool) -> None:
        super().__init__(url, token, sandbox)
        self.as_json = as_json

    def show(self, answer: Mapping[str, Any], told: str | Callable[[], object]) -> None:
        """Print an answer as JSON where that is wanted, else a sentence about it, or what ``told`` prints."""
        if self.as_json:
            show_json(answer)
        elif isinstance(told, str):
            click.echo(told)
        else:
            told()


def remote_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --url, --sandbox, --token and --json; the function gets a Remote in their place, as its first argument.

    In a group they may stand before the name of the command or after it.
    """

    @click.option("--url", metavar="URL", help=f"The running server.  [MOCKPOS_URL; default {DEFAULT_URL}]")
    @click.option(
        "--sandbox",
        metavar="NAME",
        help="The sandbox; else the default one.  [MOCKPOS_SANDBOX]",
        shell_complete=completer_of("sandbox_name"),
    )
    @click.option("--token", metavar="TOKEN", help="The control token, if one is asked for.  [MOCKPOS_CONTROL_TOKEN]")
    @click.option("--json", "as_json", is_flag=True, help="Print what the server answers, as JSON.  [MOCKPOS_JSON]")
    @wraps(function)
    def reach(url: str | None, sandbox: str | None, token: str | None, as_json: bool, **given: Any) -> Any:
        context = click.get_current_context()
        above = context.parent.find_object(Remote) if context.parent else None
        context.obj = Remote(
            url or (above.url if above else None) or os.environ.get("MOCKPOS_URL") or DEFAULT_URL,
            sandbox or (above.sandbox if above else None) or os.environ.get("MOCKPOS_SANDBOX"),
            token or (above.token if above else None) or os.environ.get("MOCKPOS_CONTROL_TOKEN"),
            as_json=as_json or bool(above and above.as_json) or is_yes(os.environ.get("MOCKPOS_JSON") or ""),
        )
        return function(context.obj, **given)

    return reach


_NOTHING: Json = {
    "description": "",
    "takes_file": False,
    "columns": {},
    "preset": {},
    "arguments": [],
    "required": [],
    "parameters": {},
}


@cache
def _table() -> dict[str, Json]:
    """Return the derived commands, by their name of one or two words."""
    read: dict[str, Json] = json.loads(files("mockpos.cli").joinpath("commands.json").read_bytes())
    return {name: {**_NOTHING, **call} for name, call in read.items()}


def derived_command(name: str) -> click.Command | None:
    """Return the command or group of commands of one word, or None where none is derived."""
    if name not in _table():
        return None
    command = _command(name)
    if isinstance(command, click.Group):
        add_derived(command, name)
    return command


def add_derived(group: click.Group, name: str) -> None:
    """Add the derived commands of two words to their group."""
    for each in _names_below(name):
        group.add_command(_command(each))


def _names_below(name: str) -> list[str]:
    return [each for each in _table() if each.startswith(f"{name} ")]


def _command(name: str) -> click.Command:
    call = _table()[name]
    parameters = call["parameters"]

    @remote_options
    def carry_out(remote: Remote, file: Path | None = None, **given: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            _call(remote, call, {parameter: given[_dest(parameter)] for parameter in parameters}, file)

    completed = {"name": "scenario"} if name.startswith("scenarios ") else {}
    taken: list[click.Parameter] = []
    if call["takes_file"]:
        taken.append(click.Argument(["file"], type=click.Path(path_type=Path, dir_okay=False)))
    for each in call["arguments"]:
        argument = click.Argument(
            [_dest(each)],
            metavar=each.upper(),
            type=_type(parameters[each]),
            required=each in call["required"],
            shell_complete=completer_of(completed.get(each, each)),
        )
        taken.append(argument)
    taken += [_option(each, schema) for each, schema in parameters.items() if each not in call["arguments"]]
    short, told = name.rpartition(" ")[2], _help(call)
    if _names_below(name):
        group = click.group(short, cls=SuggestingGroup, params=taken, help=told, invoke_without_command=True)
        return group(carry_out)
    return click.command(short, params=taken, help=told)(carry_out)


def _option(name: str, schema: Json) -> click.Option:
    option, destination = "--" + name.replace("_", "-"), _dest(name)
    told = schema.get("description", _FORMS.get(schema["type"], ""))
    if schema["type"] == "boolean":
        return click.Option([f"{option}/--no-{option[2:]}", destination], default=None, help=told)
    return click.Option([option, destination], type=_type(schema), help=told, shell_complete=completer_of(name))


_FORMS = {"object": "As JSON, or @FILE with JSON or YAML.", "array": "As JSON, or values with commas between them."}


def _type(schema: Json) -> "click.ParamType[Any]":
    if "enum" in schema:
        return click.Choice(schema["enum"])
    return click.INT if schema["type"] == "integer" else click.STRING


def _dest(name: str) -> str:
    """Return a name that Python takes for an argument, whatever the field is called."""
    return f"given_{name}"


def _help(call: Json) -> str:
    told = f"{call['summary']}.\n\n{call['description']}\n\nIt calls {call['method']} /_mock{call['path']}."
    return told.replace("\\n", "\n")


def _call(remote: Remote, call: Json, given: Json, file: Path | None) -> None:
    path, query, body = call["path"], {}, dict(call["preset"])
    for name, value in given.items():
        schema = call["parameters"][name]
        if value is None:
            continue
        if schema["in"] == "path":
            path = path.replace(f"{{{name}}}", part(value))
        elif schema["in"] == "query":
            query[name] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            body[name] = _read_value(value, schema, f"--{name.replace('_', '-')}")
    has_body = any(schema["in"] == "body" for schema in call["parameters"].values()) or bool(body)
    if file is not None:
        answer = remote.ask(call["method"], path, _read_file(file), query, media_type=media_type_of(file))
    else:
        answer = remote.ask(call["method"], path, body if has_body else None, query)
    content = answer.json() if "json" in answer.header("content-type") else None
    if not isinstance(content, dict) or path == "/listings/export":
        click.echo(answer.body, nl=False)
    else:
        remote.show(content, lambda: show_answer(content, call["columns"]))


def _read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: cannot be read ({error.strerror})") from None


def _read_value(given: object, schema: Json, option: str) -> object:
    """Return what a call is sent for an option. Raises BadInput that names the option."""
    if not isinstance(given, str) or schema["type"] not in ("object", "array", "number"):
        return given
    if given.startswith("@"):
        return _value_in_file(Path(given[1:]), option)
    if schema["type"] == "array" and not given.lstrip().startswith("["):
        texts = [text.strip() for text in given.split(",")]
        return [int(text) if text.isdecimal() else text for text in texts]
    try:
        return json.loads(given)
    except ValueError as error:
        raise BadInput(f"{option}: {given[:60]!r} is not JSON ({error}); write it as JSON, or give @FILE") from None


def _value_in_file(path: Path, option: str) -> object:
    from mockpos.yaml_file import parse_yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{option}: {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{option}: {path} is no UTF-8 text") from None
    return parse_yaml(text, str(path)).content
