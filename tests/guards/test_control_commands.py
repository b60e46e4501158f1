"""Every control call has a command, and the command line knows exactly what the table of calls says."""

import click
import pytest
from click.testing import CliRunner

from mockpos.cli import cli
from mockpos.web.control.table import CONTROL_CALLS
from tests.guards.control_commands import DERIVED, FILE, WRITTEN, as_text


def found(name: str) -> click.Command | None:
    """Return a command by its name of one or two words."""
    context, command = click.Context(cli), cli
    for word in name.split():
        assert isinstance(command, click.Group)
        below = command.get_command(context, word)
        if below is None:
            return None
        command = below  # type: ignore[assignment]  # a group or a command
    return command


def test_the_command_line_has_the_table_as_it_is() -> None:
    assert FILE.read_text(encoding="utf-8") == as_text(), "run: make format"


def test_every_control_call_has_a_command() -> None:
    carried_out = {(command.method, command.path) for command in DERIVED.values()} | set(WRITTEN.values())
    assert {(call.method, call.path) for call in CONTROL_CALLS} == carried_out


@pytest.mark.parametrize("name", [*DERIVED, *WRITTEN])
def test_every_command_is_there_and_has_help(name: str) -> None:
    assert found(name) is not None
    done = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert done.exit_code == 0, done.output
    assert "--json" in done.output or name == "scenarios check"  # which checks files, and has no server to ask


def test_the_first_help_lists_every_command_of_one_word() -> None:
    listed = cli.list_commands(click.Context(cli))
    assert {name.partition(" ")[0] for name in [*DERIVED, *WRITTEN]} <= set(listed)
