"""Every option that shows a variable in its help is set by it."""

import re

import click
import pytest

from mockpos.cli import cli
from mockpos.settings import SETTINGS

SHOWN = re.compile(r"\[(MOCKPOS_[A-Z_]+)")
SETTING_VARIABLES = {setting.env for setting in SETTINGS}


def options(command: click.Command, path: str = "") -> list[tuple[str, click.Option]]:
    found = [(path, param) for param in command.params if isinstance(param, click.Option)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found += options(below, f"{path} {name}")
    return found


OWN = [
    (path, option) for path, option in options(cli)
    if isinstance(option.envvar, str) and path not in ("", " serve", " exec")
]  # fmt: skip


@pytest.mark.parametrize(("path", "option"), OWN, ids=lambda value: getattr(value, "name", value))
def test_an_option_is_set_by_its_variable(path: str, option: click.Option, monkeypatch: pytest.MonkeyPatch) -> None:
    assert option.envvar in (option.help or "")
    context = click.Context(click.Command("x"))
    monkeypatch.setenv(str(option.envvar), "1")
    assert option.resolve_envvar_value(context) == "1"
    monkeypatch.setenv(str(option.envvar), "")
    assert option.resolve_envvar_value(context) is None


def test_the_usual_ones_are_there() -> None:
    variables = {option.envvar for _, option in OWN}
    assert {"MOCKPOS_LISTINGS", "MOCKPOS_LIMIT", "MOCKPOS_URL", "MOCKPOS_API_KEY", "MOCKPOS_CONTRACT"} <= variables


def test_a_variable_of_the_server_changes_no_other_command() -> None:
    """MOCKPOS_SEED starts a server with a seed; it must not give one to every reset."""
    same = {"MOCKPOS_CONTRACT", "MOCKPOS_INVENTORY", "MOCKPOS_SCENARIOS", "MOCKPOS_API_KEY"}
    assert {str(option.envvar) for _, option in OWN} & SETTING_VARIABLES <= same
