"""What is printed on the seats of a row, and which seat a label is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.codecs.documents import hold_document, listing_document, read_hold, read_listing, read_stock
from mockpos.codecs.fields import BadDocument, runs_from_text, runs_to_text
from mockpos.domain.listing import Stock
from mockpos.domain.seats import MOST_NAMED, Numbering, first_seats, numbering_between, numbering_of_labels
from mockpos.store.records import read_hold as read_record
from mockpos.store.records import write
from tests.conftest import a_listing, a_live_hold


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("5", "8", "5 6 7 8"),
        ("5", "11", "5 7 9 11"),
        ("A5", "A8", "A5 A6 A7 A8"),
        ("A5", "A11", "A5 A7 A9 A11"),
        ("5A", "8A", "5A 6A 7A 8A"),
        ("5A", "5D", "5A 5B 5C 5D"),
        ("A", "D", "A B C D"),
        ("a", "d", "a b c d"),
        ("G", "K", "G H J K"),
        ("A09", "A12", "A09 A10 A11 A12"),
        ("2A5", "2A8", "2A5 2A6 2A7 2A8"),
        ("5A2", "8A2", "5A2 6A2 7A2 8A2"),
        ("A5", "", "A5 A6 A7 A8"),
        ("5A", "", "5A 6A 7A 8A"),
        ("A", "", "A B C D"),
        ("007", "010", "7 8 9 10"),
    ],
)
def test_a_row_runs_from_one_label_to_another(first: str, last: str, labels: str) -> None:
    numbering = numbering_between(4, first, last)
    assert numbering.labels(((0, 4),)) == labels.split()
    assert [numbering.position(label) for label in labels.split()] == [0, 1, 2, 3]
    assert numbering_of_labels(labels.split()) == numbering


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("A5", "B8", "one number or one letter must differ"),
        ("A5", "8", "one number or one letter must differ"),
        ("A", "5", "one number or one letter must differ"),
        ("AA", "AD", "one number or one letter must differ"),
        ("A", "d", "one number or one letter must differ"),
        ("A5", "A9", "A5 to A9 cannot be 4 seats: the last must be A8, or A11 where a row is numbered odd or even"),
        ("A", "F", "A to F are 6 letters, but the listing has 4 seats"),
        ("A8", "A5", "cannot be 4 seats"),
        ("A-5", "A-8", "'A-5' is not a seat"),
        ("A5,A6", "", "is not a seat"),
        ("#5", "#8", "is not a seat"),
        ("A" * 13, "", "is not a seat"),
        ("Ä5", "Ä8", "is not a seat"),
    ],
)
def test_anything_else_is_no_row(first: str, last: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        numbering_between(4, first, last)


def test_labels_that_follow_no_number_are_kept_up_to_a_bound() -> None:
    numbering = numbering_of_labels(["A1", "C7", "B2"])
    assert (numbering.is_named, numbering.label(1), numbering.position("B2")) == (True, "C7", 2)
    with pytest.raises(ValueError, match="named twice"):
        numbering_of_labels(["A1", "B2", "A1"])
    with pytest.raises(ValueError, match="follow no number"):
        numbering_of_labels([f"A{number * number}" for number in range(MOST_NAMED + 1)])


def test_a_row_of_lettered_seats_takes_no_more_room_than_one_of_numbers() -> None:
    assert numbering_between(40_000, "A1", "A40000") == Numbering(1, 1, "A#")


@pytest.mark.parametrize("label", ["A4", "B5", "5", "A05", "a5", "A5 ", "A", ""])
def test_a_label_that_no_seat_has_has_no_position(label: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whoever reads it names the label
        Numbering(5, 1, "A#").position(label)


numberings = st.sampled_from(
    [
        Numbering(5),
        Numbering(5, 2),
        Numbering(5, 1, "A#"),
        Numbering(1, 2, "#B"),
        numbering_of_labels(["A1", "C7", "B2", "D"]),
    ]
)


@given(numberings, st.sets(st.integers(0, 3), min_size=1))
def test_listings_and_holds_survive_files_and_logs(numbering: Numbering, seats: set[int]) -> None:
    listing = a_listing(quantity=4, numbering=numbering, event=None)
    runs = tuple((seat, seat + 1) for seat in sorted(seats))
    stock = Stock("TG-1", 4 - len(seats), held=len(seats), free=first_seats(4) ^ sum(1 << seat for seat in seats))
    document = listing_document(listing, stock)
    assert read_listing(document, {}) == listing
    assert read_stock(document, listing) == stock
    hold = a_live_hold("g", quantity=len(seats), seats=_joined(runs), numbering=numbering)
    assert read_hold(hold_document(hold)) == hold
    assert read_record(write(hold)) == hold


def _joined(runs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, stop in runs:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return tuple(joined)


@pytest.mark.parametrize("numbering", [Numbering(5, 1, "A#"), numbering_of_labels(["A5", "A9", "B1", "C"])])
def test_runs_are_written_with_labels(numbering: Numbering) -> None:
    runs = ((0, 2), (3, 4))
    document = {"seats": runs_to_text(numbering, runs)}
    assert document["seats"][0].startswith("A5-A")
    assert runs_from_text(numbering, document, "seats") == runs
    for wrong in ("A4", "X", "A5-", "5-6"):
        with pytest.raises(BadDocument, match="are not seats of this listing"):
            runs_from_text(numbering, {"seats": [wrong]}, "seats")
