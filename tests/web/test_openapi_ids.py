"""What the document says of identifiers and quantities is what the server takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import ValidationError

from mockpos.domain.identifiers import GLOBAL_ID_PATTERN
from mockpos.web.contract.wire import read_opaque_id, read_quantity
from mockpos.web.openapi.schemas import request_field, shared_schemas


def is_taken(value) -> bool:
    try:
        read_opaque_id(value)
    except ValidationError:
        return False
    return True


@given(st.text(max_size=140).map(str.strip))
@settings(max_examples=300)
def test_a_trimmed_id_that_the_server_takes_is_one_that_the_document_allows(text):
    allowed = Draft202012Validator(shared_schemas()["OpaqueId"]).is_valid(text)
    assert allowed or not is_taken(text)
    assert not allowed or is_taken(text) or not text.isprintable()


def test_global_ids_are_anchored():
    assert shared_schemas()["GlobalId"]["pattern"] == f"^{GLOBAL_ID_PATTERN}$"


def accepts(read, value) -> bool:
    try:
        read(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("value", [1, 2.0, 1000, 1000.0, 0, 0.0, -1, 1001, 2.5, "2", True, False, None, [], {}, 10**12])
def test_a_quantity_is_what_json_schema_calls_one(value):
    from decimal import Decimal

    read = Decimal(str(value)) if isinstance(value, float) else value  # as the server reads numbers with a point
    assert Draft202012Validator(request_field("quantity")).is_valid(value) == accepts(read_quantity, read)


@pytest.mark.parametrize(
    "value", ["x", "", " x ", "x" * 128, "x" * 129, 7, -7, 0, 7.0, 7.5, True, None, [], {}, ["x"], 10**30]
)
def test_an_opaque_id_is_a_text_or_a_whole_number(value):
    from decimal import Decimal

    read = Decimal(str(value)) if isinstance(value, float) else value
    schema = shared_schemas()["OpaqueId"]
    assert Draft202012Validator(schema).is_valid(value) == accepts(read_opaque_id, read)
