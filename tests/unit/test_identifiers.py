"""What may be an identifier."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.identifiers import is_global_id, opaque_id


@pytest.mark.parametrize(
    ("text", "kept"),
    [("TG-1", "TG-1"), ("  TG-1\t", "TG-1"), ("\u00a0TG\u3000", "TG"), ("a b", "a b"), ("199401-473339",) * 2,
     ("é漢🎫",) * 2, ("a\u00a0b",) * 2, ("x" * 128,) * 2, (" " + "x" * 128 + " ", "x" * 128), ("0", "0")],
)  # fmt: skip
def test_an_opaque_id_is_trimmed_and_otherwise_kept(text: str, kept: str) -> None:
    assert opaque_id(text) == kept


@pytest.mark.parametrize("text", ["", " ", "\n\t", "x" * 129, "x" * 10_000])
def test_an_opaque_id_has_1_to_128_characters(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 128 characters"):
        opaque_id(text)


def is_opaque(text: str) -> bool:
    try:
        return opaque_id(text) == text
    except ValueError:
        return False


def test_characters_of_category_c_are_refused_and_all_others_taken() -> None:
    for point in (*range(0x3000), *range(0xD700, 0x11000), *range(0x11000, sys.maxunicode + 1, 97)):
        character = chr(point)
        assert is_opaque(f"a{character}b") == (unicodedata.category(character)[0] != "C"), hex(point)


@given(st.text(max_size=140))
def test_an_accepted_id_is_accepted_again_unchanged(text: str) -> None:
    try:
        kept = opaque_id(text)
    except ValueError:
        return
    assert opaque_id(kept) == kept


@pytest.mark.parametrize("text", ["g", "0", "a-b.c:d_e", "A" * 128, "550e8400-e29b-41d4-a716-446655440000"])
def test_global_ids(text: str) -> None:
    assert is_global_id(text)


@pytest.mark.parametrize("text", ["", "-a", ".a", "_a", ":a", "a b", "a/b", "a\n", "é", "٣", "a" * 129, "a%20", " a"])
def test_what_is_no_global_id(text: str) -> None:
    assert not is_global_id(text)
