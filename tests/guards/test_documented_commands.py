"""Every command that README, CHANGELOG and docs/ name is there, with the options they give it."""

import re
import shlex
from pathlib import Path

import click
import pytest

from mockpos.cli import cli
from tests.conftest import ROOT

_DEFAULTS = {"demo": "play", "conform": "run"}
_INLINE = re.compile(r"`(mockpos [^`]+)`")
_SHELL = re.compile(r"^(?:docker run .* |uvx --from \. )?(mockpos .+?)(?:\s+#.*)?$", re.M)


def commands_of(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.S))
    return [*_INLINE.findall(text), *_SHELL.findall(blocks)]


def named(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that the first words name, and the other words."""
    context, command = click.Context(cli), cli
    while isinstance(command, click.Group):
        name = words[0] if words else ""
        below = command.get_command(context, name)
        if below is None and command.name in _DEFAULTS:  # what follows is the default command's
            below = command.get_command(context, _DEFAULTS[command.name])
        elif below is None and (not name or name.startswith("-")):
            break
        else:
            words = words[1:]
        assert below is not None, f"there is no command {name}"
        command = below  # type: ignore[assignment]  # a group or a command
    return command, words


DOCUMENTED = {
    command: path.name
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
    for command in commands_of(path)
}


@pytest.mark.parametrize("text", DOCUMENTED)
def test_a_documented_command_is_there_with_its_options(text: str) -> None:
    command, words = named(shlex.split(text)[1:])
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in words[: words.index("--")] if "--" in words else words:
        if word.startswith("-"):
            assert word.partition("=")[0] in known | {"--help", "--version", "-"}, DOCUMENTED[text]


def test_the_documentation_names_many_commands() -> None:
    assert len(DOCUMENTED) > 30
