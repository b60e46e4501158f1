from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from mockpos.cli import cli


def every_command() -> Iterator[tuple[str, ...]]:
    with click.Context(cli) as context:
        for name in cli.list_commands(context):
            yield (name,)
            command = cli.get_command(context, name)
            if isinstance(command, click.Group):
                yield from ((name, inner) for inner in command.list_commands(context))


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_the_help_of_every_command_keeps_its_examples_a_line_each(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, [*words, "--help"])
    assert done.exit_code == 0
    assert "\\b" not in done.output, "the docstring is raw, so click does not see the marker in it"
