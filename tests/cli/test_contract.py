"""``mockpos contract``: what is active, and whether files can be used."""

import json

import pytest
from click.testing import CliRunner

from mockpos.cli.contract import command
from mockpos.contract.loader import DEFAULT_CONTRACT
from mockpos.domain.errors import BadInput
from tests.conftest import ROOT

EXAMPLES = sorted(str(path) for path in (ROOT / "fixtures" / "contracts").glob("*.yaml"))


def run(*arguments, **environment):
    return CliRunner().invoke(command, [str(each) for each in arguments], env=environment)


def changed(tmp_path, old, new):
    path = tmp_path / "mine.yaml"
    path.write_text(DEFAULT_CONTRACT.read_text().replace(old, new, 1))
    return path


def test_show_prints_the_default_contract_as_the_file_is():
    assert run("show").output == DEFAULT_CONTRACT.read_text()


def test_what_show_prints_is_a_contract(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(run("show").output)
    assert run("check", path).exit_code == 0


def test_show_prints_the_contract_that_is_asked_for():
    assert run("show", "--contract", EXAMPLES[0]).output.startswith("# A contract unlike the default")
    assert run("show", MOCKPOS_CONTRACT=EXAMPLES[0]).output.startswith("# A contract unlike the default")


def test_show_as_json_has_the_form_of_the_file():
    shown = json.loads(run("show", "--json", "--contract", EXAMPLES[0]).output)
    assert shown["operations"]["hold"]["path"] == "/automation/reservations"
    assert shown["operations"]["hold"]["request"]["quantity"] == "data.reservation.count"
    assert shown["operations"]["hold"]["response"]["available_quantity"] is None


def test_show_refuses_a_file_that_is_no_contract(tmp_path):
    result = run("show", "--contract", changed(tmp_path, "method: DELETE", "method: GET"))
    assert isinstance(result.exception, BadInput)
    assert result.output == ""


def test_check_has_one_line_for_every_good_file():
    result = run("check", *EXAMPLES)
    assert result.exit_code == 0
    assert [line[0] for line in result.output.splitlines()] == ["✓"] * len(EXAMPLES)


def test_check_names_every_fault_with_its_line(tmp_path):
    path = changed(tmp_path, "path: /v1/invoices", "path: /docs/invoices")
    path.write_text(path.read_text().replace("statuses: {}", "statuses: {listing_retird: 404}"))
    result = run("check", path, EXAMPLES[0])
    assert isinstance(result.exception, BadInput)
    assert str(result.exception) == "1 of 2 contract files cannot be used"
    lines = result.output.splitlines()
    numbered = {text: number for number, text in enumerate(path.read_text().splitlines(), 1)}
    route = numbered["    path: /docs/invoices"]
    status = numbered[next(text for text in numbered if "listing_retird" in text)]
    assert lines[0] == f"✗ {path}"
    assert lines[1].startswith(f"  {path}:{route}: ")
    assert lines[2].startswith(f"  {path}:{status}: ")
    assert "did you mean listing_retired?" in lines[2]
    assert lines[3].startswith("✓")


def test_check_shows_a_warning_and_lets_the_file_pass(tmp_path):
    text = DEFAULT_CONTRACT.read_text().replace("path: /v1/holds/{global_id}", "path: /v1/holds")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("global_id_in: path", "global_id_in: body"))
    result = run("check", path)
    assert result.exit_code == 0
    assert result.output.splitlines()[0].startswith("✓")
    assert "warning" in result.output.splitlines()[1]
    assert "proxies" in result.output


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- a\n", b"a: [", None])
def test_check_survives_any_file(tmp_path, content):
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_bytes(content)
    result = run("check", path)
    assert isinstance(result.exception, BadInput)
    assert result.output.startswith("✗")
    if content is not None:
        assert path.read_bytes() == content


def test_check_wants_a_file():
    assert run("check").exit_code == 2
