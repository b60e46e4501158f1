"""Catalogue, OpenAPI, docs pages, magic table, shipped scenarios and exercise tell of the same pairs."""

from collections.abc import Iterator

import pytest

from mockpos.contract.loader import load_contract
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.exercise.cases import Kind, Mutation
from mockpos.exercise.matrix import cases_of, pairs_of
from mockpos.scenario.magic import MAGIC
from mockpos.scenario.registry import SHIPPED_FOLDERS
from mockpos.web.docs.commands import SITUATIONS, Commands, Offer
from mockpos.web.docs.reference import reference
from mockpos.web.openapi.document import openapi_document
from tests.conftest import KEY, ROOT

Pair = tuple[str, str]
CONTRACTS = {
    "default": load_contract(),
    "everything-different": load_contract(ROOT / "fixtures" / "contracts" / "everything-different.yaml"),
}
every_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)

NO_PLAIN_WAY = {"internal_error", "pos_unavailable", "pos_timeout", "invoice_rejected"}
NOWHERE = {code.code for code in CATALOGUE if code.scope is Scope.NO_OPERATION}


def catalogue(contract: Contract) -> set[Pair]:
    return {
        (operation.value, code.code)
        for operation in Operation
        for code in CATALOGUE
        if operation in code.operations
        and code.code not in NOWHERE
        and (code.scope is not Scope.WITH_BODY or contract.operations[operation].has_body)
    }


def openapi(contract: Contract) -> Iterator[Pair]:
    document = openapi_document(contract)
    for rule in contract.operations.values():
        answers = document["paths"][rule.path][rule.method.lower()]["responses"]  # type: ignore[index]  # plain JSON
        for answer in answers.values():
            for content in answer["content"].values():
                for code in set(content["examples"]) - {"first", "replayed"}:
                    yield rule.operation.value, code


def commands_of(contract: Contract) -> Commands:
    return Commands(contract, KEY, "http://mock.test", Offer("TG-1042", 2, SITUATIONS))


def docs(contract: Contract) -> Iterator[Pair]:
    for part in reference(contract, commands_of(contract))["operations"]:
        for code in (*part["codes"], *part["shared"]):
            yield part["name"], code["code"].code


def magic_table() -> Iterator[Pair]:
    for row in MAGIC:
        for step in row.how_to_try:
            if step.code is not None:
                yield step.operation.value, step.code


def shipped_scenarios() -> Iterator[Pair]:
    for path in (path for folder in SHIPPED_FOLDERS for path in folder.glob("*.yaml")):
        operation, _, code = path.stem.partition("-")
        if code in CATALOGUE:
            yield operation, code


def exercised(contract: Contract, kind: Kind) -> set[Pair]:
    return {(way.operation.value, way.code) for way in cases_of(contract) if way.operation and way.kind is kind}


@every_contract
def test_the_openapi_document_has_the_pairs_of_the_catalogue(contract: Contract) -> None:
    found = list(openapi(contract))
    assert set(found) == catalogue(contract)
    assert len(found) == len(set(found))


@every_contract
def test_the_docs_pages_have_the_pairs_of_the_catalogue(contract: Contract) -> None:
    found = list(docs(contract))
    assert set(found) == catalogue(contract)
    assert len(found) == len(set(found))


@every_contract
def test_the_magic_table_and_the_shipped_scenarios_have_the_pairs_of_the_catalogue(contract: Contract) -> None:
    assert set(magic_table()) == set(shipped_scenarios()) == catalogue(contract)


@every_contract
def test_the_exercise_has_the_pairs_of_the_catalogue_in_every_way_there_is(contract: Contract) -> None:
    expected = catalogue(contract)
    assert pairs_of(contract)[: len(expected)] == sorted(expected, key=pairs_of(contract).index)  # type: ignore[arg-type]  # an Operation equals its value
    assert exercised(contract, Kind.MAGIC) == exercised(contract, Kind.HEADER) == expected
    assert exercised(contract, Kind.PLAIN_STATE) == {pair for pair in expected if pair[1] not in NO_PLAIN_WAY}


@every_contract
def test_the_codes_of_no_operation_are_exercised_and_documented_too(contract: Contract) -> None:
    assert {code for operation, code in pairs_of(contract) if operation is None} == NOWHERE
    assert {way.code for way in cases_of(contract) if way.operation is None} == NOWHERE
    assert {part["code"].code for part in reference(contract, commands_of(contract))["codes"]} == set(CATALOGUE.names())


def test_every_way_is_listed_once_and_ends_at_its_operation() -> None:
    ways = cases_of(CONTRACTS["default"])
    names = [(way.operation, way.code, way.kind, way.by) for way in ways]
    assert len(names) == len(set(names))
    for way in ways:
        assert way.operation is None or way.calls[-1].operation is way.operation
        assert way.operation is not None or way.calls[-1].mutation in (Mutation.OTHER_PATH, Mutation.OTHER_METHOD)


def test_every_code_says_how_to_provoke_it() -> None:
    assert [code.code for code in CATALOGUE if not code.provoke or code.provoke.startswith("Not")] == []
