"""``mockpos openapi``: the served document, without a server."""

import json

import pytest
from click.testing import CliRunner

from mockpos.cli.contract import openapi as command
from mockpos.contract.loader import load_contract
from mockpos.domain.errors import BadInput
from mockpos.web.openapi.document import openapi_document
from tests.conftest import ROOT

DIFFERENT = ROOT / "fixtures" / "contracts" / "everything-different.yaml"


def run(*arguments):
    return CliRunner().invoke(command, [str(each) for each in arguments])


def test_it_prints_the_document_of_the_default_contract():
    assert json.loads(run().stdout_bytes) == json.loads(json.dumps(openapi_document(load_contract())))


def test_it_prints_the_document_of_another_contract():
    assert "/automation/reservations" in json.loads(run("--contract", DIFFERENT).stdout_bytes)["paths"]


def test_it_writes_to_a_file(tmp_path):
    output = tmp_path / "openapi.json"
    result = run("-o", output)
    assert (result.stdout, result.stderr) == ("", f"wrote {output}\n")
    assert json.loads(output.read_text("utf-8"))["openapi"] == "3.1.0"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    result = run("-o", tmp_path)
    assert isinstance(result.exception, BadInput)
    assert str(result.exception) == f"{tmp_path}: cannot be written (Is a directory)"


def test_a_bad_contract_writes_nothing(tmp_path):
    bad, output = tmp_path / "bad.yaml", tmp_path / "openapi.json"
    bad.write_text("nam: x\n")
    result = run("--contract", bad, "-o", output)
    assert isinstance(result.exception, BadInput)
    assert not output.exists()


@pytest.mark.parametrize("option", ["--help"])
def test_the_help_shows_how_it_is_used(option):
    assert "mockpos openapi -o openapi.json" in run(option).output
