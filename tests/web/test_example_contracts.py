"""The worked examples of contracts: they load without a warning, and differ where they say they do."""

import pytest

from mockpos.contract.loader import load_contract
from tests.conftest import ROOT

FOLDER = ROOT / "fixtures" / "contracts"
DEFAULT = load_contract()
DIFFERENT = load_contract(FOLDER / "everything-different.yaml")
HTTPARTY = load_contract(FOLDER / "httparty.yaml")


@pytest.mark.parametrize("contract", [DIFFERENT, HTTPARTY], ids=lambda contract: contract.name)
def test_an_example_has_nothing_to_warn_of(contract):
    assert contract.warnings == ()


@pytest.mark.parametrize("operation", DEFAULT.operations, ids=str)
def test_everything_different_is_different_in_every_operation(operation):
    ours, theirs = DEFAULT.operations[operation], DIFFERENT.operations[operation]
    for aspect in ("operation_id", "method", "path", "global_id_in", "success"):
        if (operation, aspect) != ("hold", "global_id_in"):  # of three places, three are shown
            assert getattr(ours, aspect) != getattr(theirs, aspect), aspect
    for name, path in theirs.request.items():
        assert path != ours.request[name]
    for name, path in theirs.response.items():
        assert path != ours.response[name]


def test_everything_different_shows_all_three_places_of_a_global_id():
    assert {rule.global_id_in for rule in DIFFERENT.operations.values()} == {"path", "query", "body"}


def test_everything_different_has_another_key_and_other_errors():
    assert (DIFFERENT.key.header, DIFFERENT.key.scheme, DIFFERENT.key.bearer) == ("Authorization", "Token", False)
    assert DIFFERENT.refuse_unknown_fields
    assert DIFFERENT.errors.shape == "template"
    assert len(DIFFERENT.errors.statuses) >= 5


def test_httparty_differs_in_the_media_type_of_errors_alone():
    assert HTTPARTY.errors.media_type == "application/json"
    assert HTTPARTY.errors.shape == DEFAULT.errors.shape
    assert HTTPARTY.errors.statuses == DEFAULT.errors.statuses
    assert HTTPARTY.operations == DEFAULT.operations
    assert HTTPARTY.key == DEFAULT.key
    assert HTTPARTY.refuse_unknown_fields == DEFAULT.refuse_unknown_fields
