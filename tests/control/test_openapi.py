"""The control plane's OpenAPI document is a valid one, and says of every call what the table says."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockpos.contract.loader import load_contract
from mockpos.domain.codes import MOCK_CODES
from mockpos.web.control.openapi import control_document
from mockpos.web.control.table import CONTROL_CALLS

DOCUMENT = control_document(load_contract(None).key, "http://localhost", needs_token=False)
named = pytest.mark.parametrize("call", CONTROL_CALLS, ids=lambda call: call.endpoint)


def operation(call):
    return DOCUMENT["paths"]["/_mock" + call.path][call.method.lower()]


def test_the_document_is_valid():
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_it_is_served(bed):
    answer = bed.client.get("/_mock/openapi.json")
    assert answer.status_code == 200
    assert answer.json == DOCUMENT
    assert bed.client.get("/_mock/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_every_call_has_a_name_of_its_own():
    names = [call.endpoint for call in CONTROL_CALLS]
    assert len(set(names)) == len(names)


@named
def test_every_call_says_what_it_is_for_and_how_its_success_looks(call):
    there = operation(call)
    assert there["summary"] == call.summary
    assert next(iter(there["responses"][str(call.status)]["content"])) == call.media_type


@named
def test_every_call_names_the_errors_of_the_guard(call):
    text = str(operation(call)["responses"])
    for code in ("mock_token_missing", "mock_token_invalid", "mock_host_not_allowed", "api_key_invalid", *call.errors):
        assert f"`{code}`" in text
    assert ("`mock_cross_site`" in text) == (call.method != "GET")


@named
def test_every_example_of_a_path_has_the_form_the_document_asks(call):
    for parameter in operation(call).get("parameters", ()):
        if parameter["in"] == "path" and "example" in parameter:
            assert re.search(parameter["schema"]["pattern"], parameter["example"])


def test_every_error_of_a_call_is_documented():
    assert {code for call in CONTROL_CALLS for code in call.errors} <= set(MOCK_CODES)


def test_a_field_and_its_limits_are_written_as_the_server_checks_them():
    made = operation(next(call for call in CONTROL_CALLS if call.endpoint == "post_sandboxes"))
    schema = made["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False
    seed = schema["properties"]["seed"]
    assert (seed["type"], seed["minimum"], seed["maximum"]) == ("integer", -(10**18), 10**18)
    assert schema["properties"]["from"]["properties"]["sandbox"]["pattern"] == "^(?:[A-Za-z0-9][A-Za-z0-9_-]{0,63})$"
    assert made["requestBody"]["required"] is False


def test_the_token_is_asked_for_beyond_loopback_only():
    assert {} in DOCUMENT["security"]
    beyond = control_document(load_contract(None).key, "http://localhost", needs_token=True)
    assert all("controlToken" in way for way in beyond["security"])
