"""The patterns of identifiers say exactly what the server takes, character by character."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import ValidationError

from mockpos.domain.identifiers import GLOBAL_ID_PATTERN, opaque_id
from mockpos.web.contract.wire import read_opaque_id, read_quantity
from mockpos.web.openapi.fields import request_field, shared_schemas
from mockpos.web.openapi.opaque_ids import opaque_id_pattern

SPACES = "".join(chr(point) for point in range(0x10000) if chr(point).isspace())


def ecma(pattern: str) -> re.Pattern[str]:
    """Python's ``$`` also matches before a last line feed; JSON Schema's does not."""
    assert pattern.endswith("$")
    return re.compile(pattern[:-1] + r"\Z")


PATTERN = ecma(opaque_id_pattern())


def is_taken(text: str) -> bool:
    try:
        opaque_id(text)
    except ValueError:
        return False
    return True


def test_every_single_character_is_judged_alike():
    # Of the planes without one assigned character, the edges are enough: they are one range.
    points = [*range(0x40000), *range(0xE0000, 0xE1000), 0x40000, 0xDFFFF, 0xE1000, 0x10FFFF]
    different = [point for point in points if bool(PATTERN.search(chr(point))) != is_taken(chr(point))]
    assert different == []


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(SPACES), st.just("a")), max_size=12))
@settings(max_examples=500)
def test_every_short_text_is_judged_alike(text):
    assert bool(PATTERN.search(text)) == is_taken(text)


@pytest.mark.parametrize("length", [1, 127, 128, 129])
@pytest.mark.parametrize("character", ["a", "é", "🎫"])
@pytest.mark.parametrize(("before", "after"), [("", ""), ("  ", "\t\n"), (SPACES, SPACES)])
def test_the_length_counts_characters_after_trimming(length, character, before, after):
    text = before + character * length + after
    assert bool(PATTERN.search(text)) == is_taken(text) == (length <= 128)


def test_a_pattern_does_not_depend_on_how_an_engine_reads_properties_or_white_space():
    pattern = opaque_id_pattern().replace("[\\s\\S]", "")
    assert re.findall(r"\\[^xu]", pattern) == []


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


@pytest.mark.parametrize("value", ["x", "", " ", " x ", 7, -7, 0, 7.0, 7.5, True, None, [], {}, ["x"], 10**30])
def test_an_opaque_id_is_a_text_or_a_whole_number(value):
    from decimal import Decimal

    read = Decimal(str(value)) if isinstance(value, float) else value
    schema = shared_schemas()["OpaqueId"]
    assert Draft202012Validator(schema).is_valid(value) == accepts(read_opaque_id, read)
