"""The OpenAPI document: valid, complete, and true to the code that makes the answers."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from mockpos.contract.loader import load_contract
from mockpos.contract.model import RESPONSE_FIELDS
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.web.contract.wire import ResponseWriter
from mockpos.web.openapi.document import openapi_document
from tests.conftest import ROOT

CONTRACTS = [None, *sorted((ROOT / "fixtures" / "contracts").glob("*.yaml"))]
BY_NAME = {"argvalues": CONTRACTS, "ids": lambda path: path.stem if path else "default"}
ENVELOPE = "shape: problem", "shape: envelope"


def document_of(path: Path | None):
    return openapi_document(load_contract(path))


def edited(tmp_path: Path, *edits: tuple[str, str]):
    """The default contract with some lines changed."""
    text = (ROOT / "mockpos/contract/default.yaml").read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "edited.yaml"
    path.write_text(text)
    return load_contract(path)


def operations(document):
    return {each["operationId"]: each for item in document["paths"].values() for each in item.values()}


def bodies(document):
    """Every (where, schema, example) of requests and answers."""
    for name, operation in operations(document).items():
        request = operation.get("requestBody", {}).get("content", {})
        for media in request.values():
            yield f"{name} request", media["schema"], media["example"]
        for status, response in operation["responses"].items():
            for media in response["content"].values():
                for key, example in media["examples"].items():
                    yield f"{name} {status} {key}", media["schema"], example["value"]


def faults(document, schema, instance):
    whole = {"$defs": {}, **schema, "components": document["components"]}
    checker = Draft202012Validator.FORMAT_CHECKER
    return [error.message for error in Draft202012Validator(whole, format_checker=checker).iter_errors(instance)]


@pytest.mark.parametrize("path", **BY_NAME)
def test_the_document_is_valid_openapi(path):
    validate(document_of(path))


@pytest.mark.parametrize("path", **BY_NAME)
def test_every_example_fits_its_schema(path):
    document = document_of(path)
    for where, schema, example in bodies(document):
        assert faults(document, schema, example) == [], where


@pytest.mark.parametrize("path", **BY_NAME)
def test_every_operation_lists_exactly_the_codes_it_may_answer(path):
    contract, document = load_contract(path), document_of(path)
    for operation, rule in contract.operations.items():
        answers = operations(document)[rule.operation_id]["responses"]
        listed = {
            (int(status), key)
            for status, response in answers.items()
            for media in response["content"].values()
            for key in media["examples"]
        }
        expected = {(contract.status(code), code.code) for code in contract.codes_of(CATALOGUE, operation)}
        assert listed - {(rule.success, "first"), (rule.success, "replayed")} == expected
        assert (rule.success, "first") in listed


@pytest.mark.parametrize("path", **BY_NAME)
def test_errors_have_the_media_type_of_the_contract_and_successes_are_json(path):
    contract, document = load_contract(path), document_of(path)
    for rule in contract.operations.values():
        for status, response in operations(document)[rule.operation_id]["responses"].items():
            expected = "application/json" if int(status) == rule.success else contract.errors.media_type
            assert list(response["content"]) == [expected]


def test_an_envelope_is_described_as_one(tmp_path):
    document = openapi_document(edited(tmp_path, ENVELOPE))
    conflict = operations(document)["holdInventory"]["responses"]["409"]["content"]["application/problem+json"]
    shared, own = conflict["schema"]["allOf"]
    assert shared == {"$ref": "#/components/schemas/Problem"}
    assert document["components"]["schemas"]["Problem"]["required"] == ["error"]
    error = own["properties"]["error"]
    assert "listing_sold_out" in error["properties"]["code"]["enum"]
    for where, schema, example in bodies(document):
        assert faults(document, schema, example) == [], where


def test_a_code_answered_with_the_status_of_success_stands_beside_it(tmp_path):
    contract = edited(tmp_path, ("statuses: {}", "statuses: {listing_sold_out: 200}"))
    document = openapi_document(contract)
    answer = operations(document)["holdInventory"]["responses"]["200"]["content"]
    assert list(answer) == ["application/json", "application/problem+json"]
    same = edited(
        tmp_path,
        ("statuses: {}", "statuses: {listing_sold_out: 200}"),
        ("application/problem+json", "application/json"),
    )
    shared = operations(openapi_document(same))["holdInventory"]["responses"]["200"]["content"]["application/json"]
    assert list(shared["examples"]) == ["first", "replayed", "listing_sold_out"]
    for where, schema, example in bodies(openapi_document(same)):
        assert faults(openapi_document(same), schema, example) == [], where


@pytest.mark.parametrize("path", **BY_NAME)
def test_success_schemas_have_the_fields_and_the_order_of_the_answers(path):
    contract, document = load_contract(path), document_of(path)
    for operation, rule in contract.operations.items():
        answer = ResponseWriter(rule).write(dict.fromkeys(RESPONSE_FIELDS[operation], 0))
        schema = document["components"]["schemas"][f"{operation.value.capitalize()}Answer"]
        assert names(schema) == names_of(answer)


def names(schema):
    assert schema["required"] == list(schema["properties"])
    return {key: names(value) if "properties" in value else None for key, value in schema["properties"].items()}


def names_of(body):
    return {key: names_of(value) if isinstance(value, dict) else None for key, value in body.items()}


def test_unknown_fields_are_forbidden_at_every_level_only_where_the_contract_refuses_them():
    open_schema = document_of(None)["components"]["schemas"]["HoldRequest"]
    assert "additionalProperties" not in open_schema
    closed = document_of(ROOT / "fixtures/contracts/everything-different.yaml")["components"]["schemas"]["HoldRequest"]
    for level in (closed, closed["properties"]["data"], closed["properties"]["data"]["properties"]["reservation"]):
        assert level["additionalProperties"] is False


def test_the_key_is_a_header_and_a_bearer_token_by_default():
    document = document_of(None)
    assert document["security"] == [{"apiKey": []}, {"bearer": []}]
    assert document["components"]["securitySchemes"]["apiKey"]["name"] == "X-API-Key"


def test_the_word_before_a_key_is_described():
    schemes = document_of(ROOT / "fixtures/contracts/everything-different.yaml")["components"]["securitySchemes"]
    assert list(schemes) == ["apiKey"]
    assert schemes["apiKey"]["name"] == "Authorization"
    assert "`Token KEY`" in schemes["apiKey"]["description"]


def test_a_key_that_is_a_bearer_token_anyway_is_one_scheme(tmp_path):
    contract = edited(
        tmp_path, ("header: X-API-Key", "header: Authorization"), ("scheme: null", "scheme: Bearer"),
        ("bearer: true", "bearer: false"),
    )  # fmt: skip
    assert list(openapi_document(contract)["components"]["securitySchemes"]) == ["bearer"]


def test_a_global_id_in_the_query_is_a_parameter():
    document = document_of(ROOT / "fixtures/contracts/everything-different.yaml")
    release = operations(document)["cancelReservation"]
    assert [(each["in"], each["name"], each["required"]) for each in release["parameters"]] == [
        ("query", "reference", True)
    ]
    assert "requestBody" not in release


def test_every_answer_documents_its_headers():
    answers = operations(document_of(None))["holdInventory"]["responses"]
    assert all("X-Request-Id" in answer["headers"] for answer in answers.values())
    assert [status for status, answer in answers.items() if "Retry-After" in answer["headers"]] == ["429", "503"]
    assert [status for status, answer in answers.items() if "WWW-Authenticate" in answer["headers"]] == ["401"]


def test_the_documented_pages_are_linked_from_every_error():
    for operation in operations(document_of(None)).values():
        text = " ".join(response["description"] for response in operation["responses"].values())
        for response in operation["responses"].values():
            for media in response["content"].values():
                for key in set(media["examples"]) - {"first", "replayed"}:
                    assert f"(/docs/codes#{key})" in text


def test_all_three_operations_are_there():
    assert list(operations(document_of(None))) == ["holdInventory", "releaseHold", "createInvoice"]
    assert len(Operation) == 3
