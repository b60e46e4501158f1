"""In which quantities a listing may be bought, for each split type and what is left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.listing import LARGEST_QUANTITY, SplitType, allows, valid_quantities


@pytest.mark.parametrize(
    ("split", "free", "valid"),
    [
        ("any", 0, []), ("any", 1, [1]), ("any", 4, [1, 2, 3, 4]),
        ("never_leave_one", 0, []), ("never_leave_one", 1, [1]), ("never_leave_one", 2, [2]),
        ("never_leave_one", 3, [1, 3]), ("never_leave_one", 5, [1, 2, 3, 5]),
        ("avoid_one_and_three", 0, []), ("avoid_one_and_three", 1, [1]), ("avoid_one_and_three", 3, [1, 3]),
        ("avoid_one_and_three", 4, [2, 4]), ("avoid_one_and_three", 6, [1, 2, 4, 6]),
        ("pairs", 0, []), ("pairs", 1, [1]), ("pairs", 2, [2]), ("pairs", 3, [2]), ("pairs", 6, [2, 4, 6]),
        ("all", 0, []), ("all", 1, [1]), ("all", 6, [6]),
        ("custom", 0, []), ("custom", 1, []), ("custom", 2, [2]), ("custom", 5, [2, 5]), ("custom", 9, [2, 5]),
    ],
)  # fmt: skip
def test_the_valid_quantities_follow_what_is_left(split: str, free: int, valid: list[int]) -> None:
    assert valid_quantities(SplitType(split), (2, 5), free) == valid


@given(st.sampled_from(SplitType), st.sets(st.integers(1, 30)), st.integers(-2, 40), st.integers(0, 30))
def test_what_is_listed_is_what_is_allowed(split: SplitType, custom: set[int], quantity: int, free: int) -> None:
    listed = valid_quantities(split, tuple(sorted(custom)), free)
    assert allows(split, tuple(sorted(custom)), quantity, free) == (quantity in listed)


@given(
    st.sampled_from(
        [SplitType.ANY, SplitType.NEVER_LEAVE_ONE, SplitType.AVOID_ONE_AND_THREE, SplitType.PAIRS, SplitType.ALL]
    ),
    st.integers(1, 99),
)
def test_no_ticket_is_stranded_but_by_custom_splits(split: SplitType, free: int) -> None:
    assert valid_quantities(split, (), free)


def test_no_more_is_listed_than_one_hold_may_ask_for() -> None:
    assert valid_quantities(SplitType.ANY, (), 1_000_000)[-1] == LARGEST_QUANTITY
    assert valid_quantities(SplitType.ALL, (), LARGEST_QUANTITY + 1) == []
