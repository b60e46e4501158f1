"""Every option that shows a variable in its help is set by it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mockpos.cli import cli
from mockpos.settings import SETTINGS, error_text

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


LONG = "x" * 300


@pytest.mark.parametrize(
    ("variable", "value", "words", "said"),
    [
        ("FIXTURE", "nope", "serve", "MOCKPOS_FIXTURE: there is no world called 'nope'"),
        ("CONTRACT", "nope.yaml", "serve", "MOCKPOS_CONTRACT: nope.yaml: there is no such file"),
        ("CONTRACT", "nope.yaml", "contract show", "MOCKPOS_CONTRACT: nope.yaml: there is no such file"),
        ("SCENARIO", "brownot", "serve", "MOCKPOS_SCENARIO: there is no scenario called 'brownot'; did you mean"),
        ("SCENARIOS", "nowhere", "serve", "MOCKPOS_SCENARIOS: nowhere: there is no such folder"),
        ("INVENTORY", "nope.json", "serve --memory", "MOCKPOS_INVENTORY: nope.json: there is no such file"),
        ("INVENTORY", "nope.json", "export out.csv", "MOCKPOS_INVENTORY: nope.json:"),
        ("HOST", "nowhere.invalid", "serve", "MOCKPOS_HOST: host nowhere.invalid: it has no address here"),
        ("PORT", "70000", "serve", "MOCKPOS_PORT: '70000' is not a port"),
        ("READY_FILE", "no/where", "serve", "MOCKPOS_READY_FILE"),
        ("ALLOWED_HOST", "a:80", "serve", "error: MOCKPOS_ALLOWED_HOST: 'a:80' is not the name of a host"),
        ("DEFAULT", "Venue=", "import in.csv", "MOCKPOS_DEFAULT Venue=: write it as"),
        ("URL", "nope", "status", "MOCKPOS_URL: nope: write the address as"),
        ("API_KEY", "€", "hold TG-1042 1", "MOCKPOS_API_KEY: the API key: printable ASCII characters only"),
        ("API_KEY", "€", "buy TG-1042 1", "MOCKPOS_API_KEY: the API key: printable ASCII characters only"),
        ("CONTROL_TOKEN", "€", "status", "MOCKPOS_CONTROL_TOKEN: the control token: printable ASCII characters only"),
        ("WAIT", "soon", "ready", "MOCKPOS_WAIT: 'soon' is not a duration"),
        ("LIMIT", "many", "requests", "Invalid value for 'MOCKPOS_LIMIT': 'many'"),
        ("LISTINGS", "many", "seed", "Invalid value for 'MOCKPOS_LISTINGS': 'many'"),
    ],
)
def test_an_error_names_the_variable_it_comes_from(
    variable: str, value: str, words: str, said: str, tmp_path: Path
) -> None:
    ended = run(words, tmp_path, {f"MOCKPOS_{variable}": value})
    assert ended.returncode == 2
    assert said in ended.stderr


@pytest.mark.parametrize(
    "variable", ["FIXTURE", "CONTRACT", "SCENARIO", "SCENARIOS", "INVENTORY", "HOST", "READY_FILE", "SEED", "DATES"]
)
def test_a_long_value_is_not_echoed_whole(variable: str, tmp_path: Path) -> None:
    ended = run("serve --memory", tmp_path, {f"MOCKPOS_{variable}": LONG})
    assert ended.returncode == 2
    assert f"MOCKPOS_{variable}" in ended.stderr
    assert LONG not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_values_with_spaces_stand_in_one_variable(tmp_path: Path) -> None:
    sheet = "show,Date,Time,Qty,Sec,Row,Seats,Price\nOwls,05/14/2036,7PM,2,1,1,1-2,5\n"
    (tmp_path / "in.csv").write_text(sheet)
    variables = {"MOCKPOS_MAP": "Event=show", "MOCKPOS_DEFAULT": "Venue=Larch Hall;City=Cedar Rapids"}
    ended = run("import in.csv --inventory made.json", tmp_path, variables)
    assert ended.returncode == 0, ended.stderr
    assert '"Larch Hall"' in (tmp_path / "made.json").read_text()
    assert '"Cedar Rapids"' in (tmp_path / "made.json").read_text()


def test_what_the_command_line_says_is_not_blamed_on_a_variable() -> None:
    environment = {"MOCKPOS_FIXTURE": "tiny", "MOCKPOS_URL": "http://127.0.0.1:1", "MOCKPOS_SEED": "1", "HOME": "nope"}
    message = "--fixture: there is no world called 'nope'"
    assert error_text(message, ["serve", "--fixture", "nope"], environment) == message
    assert error_text("http://127.0.0.1:12 does not answer", [], environment) == "http://127.0.0.1:12 does not answer"
    assert error_text("line 1: bad", [], environment) == "line 1: bad"
    of_a_token = "the control token: printable ASCII characters only"
    assert error_text(of_a_token, ["status", "--token", "€"], {"MOCKPOS_CONTROL_TOKEN": "secret"}) == of_a_token


def run(words: str, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockpos", *words.split()], capture_output=True, text=True, cwd=folder, timeout=60,
        check=False, env={**os.environ, "MOCKPOS_PORT": "0", **variables},
    )  # fmt: skip
