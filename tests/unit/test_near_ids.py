"""Guessing which identifier was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.identifiers import near_ids


@pytest.mark.parametrize(
    "wrong",
    ["tg-1042", "TG-1O42", "TG_1042", "TG 1042", "TG-I042", "TG-1024", "TG-10042", "TG-104", "TG-1043", "TG1042"],
)
def test_one_slip_is_found(wrong: str) -> None:
    assert "TG-1042" in near_ids(wrong)


def test_what_was_not_typed_by_hand_gets_no_guesses() -> None:
    assert list(near_ids("x" * 25)) == []
    assert list(near_ids("x" * 128)) == []


@given(st.text(max_size=24))
def test_the_work_is_bounded(wrong: str) -> None:
    assert sum(1 for _ in near_ids(wrong)) < 3000
