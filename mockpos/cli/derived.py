"""Makes commands from the table of control calls, as ``tests/guards/control_commands.py`` wrote it down.

A call's path and required fields become arguments, all else options; its answer is shown as it comes.
"""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from mockpos.cli.completion import completer_of
from mockpos.cli.options import SuggestingGroup
from mockpos.cli.remote import Remote, remote_options
from mockpos.cli.table import show_answer
from mockpos.control_client import media_type_of, part
from mockpos.domain.errors import BadInput


def read_value(given: object, schema: dict[str, Any], option: str) -> object:
    """Return what a call is sent for an option. Raises BadInput that names the option."""
    if not isinstance(given, str) or schema["type"] not in ("object", "array", "number"):
        return given
    if given.startswith("@"):
        return _from_file(Path(given[1:]), option)
    if schema["type"] == "array" and not given.lstrip().startswith("["):
        return [_number_or_text(each.strip()) for each in given.split(",")]
    try:
        return json.loads(given)
    except ValueError as error:
        raise BadInput(f"{option}: {given[:60]!r} is not JSON ({error}); write it as JSON, or give @FILE") from None


def _from_file(path: Path, option: str) -> object:
    from mockpos.yaml_file import parse_yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{option}: {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{option}: {path} is no UTF-8 text") from None
    return parse_yaml(text, str(path)).content


def _number_or_text(text: str) -> object:
    return int(text) if text.isdecimal() else text


Json = dict[str, Any]


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
def table() -> dict[str, Json]:
    """Return the commands, by their name of one or two words."""
    read: dict[str, Json] = json.loads(files("mockpos.cli").joinpath("commands.json").read_bytes())
    return {name: {**_NOTHING, **call} for name, call in read.items()}


def derived_command(name: str) -> click.Command | None:
    """Return the command or group of commands of one word, or None where none is derived."""
    below = [each for each in table() if each.startswith(f"{name} ")]
    if name not in table():
        return None
    if not below:
        return _command(name, table()[name])
    group = _command(name, table()[name], group=True)
    assert isinstance(group, click.Group)
    add_derived(group, name)
    return group


def add_derived(group: click.Group, name: str) -> None:
    """Add the derived commands of two words to their group."""
    for each, call in table().items():
        first, _, second = each.partition(" ")
        if first == name and second:
            group.add_command(_command(each, call), second)


def _command(name: str, call: Json, *, group: bool = False) -> click.Command:
    parameters = call["parameters"]

    @remote_options
    def carry_out(remote: Remote, file: Path | None = None, **given: Any) -> None:
        if click.get_current_context().invoked_subcommand is None:
            _call(remote, call, {parameter: given[_dest(parameter)] for parameter in parameters}, file)

    carry_out.__doc__ = _help(call)
    for parameter in reversed([each for each in parameters if each not in call["arguments"]]):
        carry_out = _option(parameter, parameters[parameter])(carry_out)
    for parameter in reversed(call["arguments"]):
        completed = "scenario" if name.startswith("scenarios ") else parameter
        is_required = parameter in call["required"]
        carry_out = _argument(parameter, parameters[parameter], completed, is_required=is_required)(carry_out)
    if call["takes_file"]:
        carry_out = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))(carry_out)
    short = name.rpartition(" ")[2]
    if group:
        return click.group(short, cls=SuggestingGroup, invoke_without_command=True)(carry_out)
    return click.command(short)(carry_out)


def _argument(name: str, schema: Json, completed: str, *, is_required: bool) -> Any:
    return click.argument(
        _dest(name),
        metavar=name.upper(),
        type=_type(schema),
        required=is_required,
        shell_complete=completer_of(completed),
    )


def _option(name: str, schema: Json) -> Any:
    option = "--" + name.replace("_", "-")
    told = schema.get("description", _FORMS.get(schema["type"], ""))
    if schema["type"] == "boolean":
        return click.option(f"{option}/--no-{option[2:]}", _dest(name), default=None, help=told)
    kind = _type(schema)
    return click.option(option, _dest(name), type=kind, default=None, help=told, shell_complete=completer_of(name))


_FORMS = {"object": "As JSON, or @FILE with JSON or YAML.", "array": "As JSON, or values with commas between them."}


def _type(schema: Json) -> "click.ParamType[Any]":
    if "enum" in schema:
        return click.Choice(schema["enum"])
    return click.INT if schema["type"] == "integer" else click.STRING


def _dest(name: str) -> str:
    """Return a name that Python takes for an argument, whatever the field is called."""
    return f"given_{name}"


def _help(call: Json) -> str:
    """Return the help text; docs write ``code`` in backticks, a terminal does not."""
    path = call["path"]
    return f"{call['summary']}.\n\n{call['description']}\n\nIt calls {call['method']} /_mock{path}.".replace(
        "\\n", "\n"
    )


def _call(remote: Remote, call: Json, given: dict[str, Any], file: Path | None) -> None:
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
            body[name] = read_value(value, schema, f"--{name.replace('_', '-')}")
    has_body = any(schema["in"] == "body" for schema in call["parameters"].values()) or bool(body)
    if file is not None:
        answer = remote.ask(call["method"], path, _read(file), query, media_type=media_type_of(file))
    else:
        answer = remote.ask(call["method"], path, body if has_body else None, query)
    content = answer.json() if "json" in answer.header("content-type") else None
    if not isinstance(content, dict) or path == "/listings/export":
        click.echo(answer.body, nl=False)
    else:
        remote.show(content, lambda: show_answer(content, call["columns"]))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: cannot be read ({error.strerror})") from None
