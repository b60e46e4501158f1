"""Seats as runs of positions and as bits, against plain sets of positions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.seats import (
    Numbering,
    Runs,
    SeatSet,
    first_seats,
    give_back,
    remove,
    runs_of,
    seat_set,
    size,
    take,
)  # fmt: skip

positions = st.sets(st.integers(0, 40))


def bits(seats: set[int]) -> SeatSet:
    return sum(1 << seat for seat in seats)


def runs(seats: set[int]) -> Runs:
    found: list[tuple[int, int]] = []
    for seat in sorted(seats):
        if found and found[-1][1] == seat:
            found[-1] = (found[-1][0], seat + 1)
        else:
            found.append((seat, seat + 1))
    return tuple(found)


@pytest.mark.parametrize(
    ("free", "quantity", "taken", "rest"),
    [
        ("0-7", 2, "0-1", "2-7"),
        ("0-7", 8, "0-7", ""),
        ("0 2-3 5-9", 2, "2-3", "0 5-9"),
        ("0 2-3 5-9", 3, "5-7", "0 2-3 8-9"),
        ("0 2-3 5-6", 3, "0 2-3", "5-6"),
        ("0 2-3 5-6", 4, "0 2-3 5", "6"),
        ("0 2 4", 3, "0 2 4", ""),
        ("1", 1, "1", ""),
    ],
)
def test_a_hold_takes_the_lowest_neighbours_that_fit_or_else_the_lowest_seats(
    free: str, quantity: int, taken: str, rest: str
) -> None:
    def read(text: str) -> set[int]:
        pairs = [part.partition("-") for part in text.split()]
        return {seat for low, _, high in pairs for seat in range(int(low), int(high or low) + 1)}

    assert take(bits(read(free)), quantity) == (runs(read(taken)), bits(read(rest)))


@given(positions, st.data())
def test_taking_is_choosing_from_a_set(free: set[int], data: st.DataObject) -> None:
    quantity = data.draw(st.integers(1, max(1, len(free))))
    if quantity > len(free):
        with pytest.raises(ValueError, match="seats asked"):
            take(bits(free), quantity)
        return
    neighbours = [low for low in sorted(free) if set(range(low, low + quantity)) <= free]
    expected = set(range(neighbours[0], neighbours[0] + quantity)) if neighbours else set(sorted(free)[:quantity])

    assert take(bits(free), quantity) == (runs(expected), bits(free - expected))


@given(positions, positions)
def test_giving_back_is_a_union_that_refuses_what_is_free_already(free: set[int], returned: set[int]) -> None:
    if free & returned:
        with pytest.raises(ValueError, match=f"position {min(free & returned)} is free already"):
            give_back(bits(free), runs(returned))
    else:
        assert give_back(bits(free), runs(returned)) == bits(free | returned)


@given(positions, positions)
def test_removing_is_a_difference_that_refuses_what_is_not_free(free: set[int], wanted: set[int]) -> None:
    expected = bits(free - wanted) if wanted <= free else None
    assert remove(bits(free), runs(wanted)) == expected


@given(positions, st.integers(1, 10))
def test_what_was_taken_can_be_given_back_and_taken_again(free: set[int], quantity: int) -> None:
    if quantity > len(free):
        return
    taken, rest = take(bits(free), quantity)
    assert size(taken) == quantity
    assert give_back(rest, taken) == bits(free)
    assert remove(bits(free), taken) == rest


@given(positions)
def test_runs_and_bits_are_the_same_seats(seats: set[int]) -> None:
    assert runs_of(bits(seats)) == runs(seats)
    assert seat_set(runs(seats)) == bits(seats)
    assert size(runs(seats)) == bits(seats).bit_count() == len(seats)
    assert first_seats(len(seats)) == bits(set(range(len(seats))))


def test_seats_are_numbered_one_by_one_or_by_twos() -> None:
    assert Numbering(5).labels(((0, 2), (4, 5))) == ["5", "6", "9"]
    assert Numbering(101, 2).labels(((0, 3),)) == ["101", "103", "105"]
    assert Numbering(0).labels(((0, 1),)) == ["0"]
