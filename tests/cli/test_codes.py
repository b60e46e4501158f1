"""``mockpos codes``: the whole catalogue, for people and for scripts."""

import json
import re

import pytest
from click.testing import CliRunner

from mockpos.cli.contract import codes
from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE


def run(*arguments: str, **environment: str):
    result = CliRunner().invoke(codes, arguments, env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def test_every_code_stands_in_the_table():
    table = run()
    for code in CATALOGUE:
        assert re.search(rf"^{code.status} +{code.code} ", table, re.MULTILINE)


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_a_pipe_gets_plain_text_that_is_not_cut(columns):
    table = run(COLUMNS=columns, TERM="xterm-256color")
    assert "\x1b" not in table
    assert "…" not in table


def test_a_narrow_terminal_gets_fewer_columns_and_every_code_whole():
    table = run(COLUMNS="70", FORCE_COLOR="1", TERM="xterm-256color")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", table)
    assert all(len(line) <= 70 for line in plain.splitlines())
    assert all(code.code in plain for code in CATALOGUE)
    assert "who resolves it" not in plain


def test_no_color_is_respected_in_a_terminal():
    colored = re.compile(r"\x1b\[(?:[0-9]+;)*3[0-9]")
    assert colored.search(run(COLUMNS="120", FORCE_COLOR="1", TERM="xterm-256color"))
    assert not colored.search(run(COLUMNS="120", FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1"))


@pytest.mark.parametrize("operation", Operation, ids=str)
def test_one_operation_has_its_codes_alone(operation):
    listed = {code["code"] for code in json.loads(run("--operation", operation.value, "--json"))}
    expected = {c.code for c in CATALOGUE if operation in c.operations and c.scope is not Scope.NO_OPERATION}
    assert listed == expected


def test_json_says_everything_the_catalogue_knows():
    codes = json.loads(run("--json"))
    assert [code["code"] for code in codes] == CATALOGUE.names()
    by_name = {code["code"]: code for code in codes}
    assert by_name["hold_not_found"]["operations"] == ["release", "invoice"]
    assert by_name["unknown_endpoint"]["operations"] == []
    assert by_name["pos_timeout"]["outcome_unknown"] is True


def test_an_unknown_operation_is_refused():
    assert CliRunner().invoke(codes, ["--operation", "refund"]).exit_code == 2
