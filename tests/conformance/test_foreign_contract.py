"""An automator with a contract of its own is judged through its file, and through one proposed from its OpenAPI."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from mockpos.cli import cli
from mockpos.conformance.run import Run
from mockpos.contract.loader import load_contract
from tests.conformance import broken_holds as holds
from tests.conformance import broken_invoices as invoices
from tests.conformance.foreign import CONTRACT, foreign_app
from tests.conformance.good import Automator, served
from tests.conformance.kit import conform, failed, told, words


@pytest.fixture(scope="module", params=["its file", "proposed from its OpenAPI"])
def contract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contract")
    path = folder / "foreign.yaml"
    path.write_text(CONTRACT)
    if request.param == "its file":
        return path

    def run(*arguments: str) -> str:
        return CliRunner().invoke(cli, arguments, catch_exceptions=False).output

    openapi, proposed = folder / "openapi.json", folder / "proposed.yaml"
    openapi.write_text(run("openapi", "--contract", str(path)))
    run("contract", "from-openapi", str(openapi), "-o", str(proposed))
    text = proposed.read_text()
    assert "scheme: null" in text, "what a person has to decide"
    proposed.write_text(text.replace("scheme: null", "scheme: Token"))
    return proposed


def judged(automator: Automator, contract: Path) -> Run:
    with served(foreign_app(automator)) as url:
        return conform(url, contract=load_contract(contract), contract_text=contract.read_text(), codes=None)


def test_a_correct_one_passes(contract: Path) -> None:
    run = judged(Automator(), contract)
    assert failed(run) == [], told(run)
    assert [name for name, word in words(run).items() if word == "cannot test"] == ["DOC-01"], told(run)
    assert run.left_behind == []


@pytest.mark.parametrize(
    ("automator", "check"),
    [
        (holds.TakesAgainOnReplay, "HOLD-03"),
        (holds.ReleaseLeaks, "REL-02"),
        (holds.OversellsWhenHoldsRace, "RACE-01"),
        (invoices.UnSells, "REL-06"),
        (invoices.TwoOrders, "INV-06"),
    ],
)
def test_a_broken_one_is_caught_by_the_check_made_for_it(
    contract: Path, automator: type[Automator], check: str
) -> None:
    assert failed(judged(automator(), contract)) == [check]


def test_a_key_that_is_sent_in_another_way_is_told_with_how_it_was_sent(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(CONTRACT.replace("scheme: Token", "scheme: Key"))
    run = judged(Automator(), path)
    assert "the key was refused (401 API_KEY_INVALID); it was sent as `Authorization: Key ...`" in str(run.failed)
