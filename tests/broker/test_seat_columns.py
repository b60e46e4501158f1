"""Seats and splits: from the cells of a row to a listing's numbering and how it is split."""

import pytest

from mockpos.domain.listing import SplitType
from mockpos.domain.seats import Numbering
from tests.broker.conftest import listing_of


@pytest.mark.parametrize(
    ("quantity", "seat_from", "seat_thru", "numbering"),
    [
        ("12", "3", "14", Numbering(3)),
        ("5", "1", "9", Numbering(1, 2)),
        ("4", "2", "8", Numbering(2, 2)),
        ("1", "7", "7", Numbering(7)),
        ("2", "5", "7", Numbering(5, 2)),
        ("2", "0", "1", Numbering(0)),
        ("4", "003", "006", Numbering(3)),
        ("4", " 3 ", "6", Numbering(3)),
        ("4", "3", "", Numbering(3)),
        ("4", "3", "N/A", Numbering(3)),
        ("1", "3", "", Numbering(3)),
        ("4", "", "", None),
        ("4", "*", "*", None),
        ("4", "N/A", "n/a", None),
        ("4", " ", "NULL", None),
        ("4", "null", "", None),
        ("4", "GA", "GA", None),
        ("4", "General Admission", "", None),
        ("4", "-", "-", None),
        ("4", "NA", "nan", None),
        ("4", "None", "none", None),
        ("4", "3.0", "6.0", Numbering(3)),
        ("4", "Seat 3", "Seat 6", Numbering(3)),
        ("4", "#3", "#6", Numbering(3)),
        ("2", "Seat A3", "seat A4", Numbering(3, 1, "A#")),
        ("4", "6", "3", Numbering(3)),
        ("4", "9", "3", Numbering(3, 2)),
        ("4", "3-6", "", Numbering(3)),
        ("4", "3 - 6", "3 - 6", Numbering(3)),
        ("4", "3 to 6", "", Numbering(3)),
        ("4", "6\u20133", "", Numbering(3)),
        ("4", "3,4,5,6", "", Numbering(3)),
        ("4", "6; 5; 4; 3", "", Numbering(3)),
        ("4", "3 5 7 9", "", Numbering(3, 2)),
        ("4", "3-4, 5-6", "", Numbering(3)),
        ("4", "3,4,5,6", "3,4,5,6", Numbering(3)),
        ("1", "7", "7.0", Numbering(7)),
        ("4", "A5", "A8", Numbering(5, 1, "A#")),
        ("4", "A8", "A5", Numbering(5, 1, "A#")),
        ("4", "A5", "", Numbering(5, 1, "A#")),
        ("4", "A5-A8", "", Numbering(5, 1, "A#")),
        ("4", "A5-8", "", Numbering(5, 1, "A#")),
        ("4", "A5, A6, A7, A8", "", Numbering(5, 1, "A#")),
        ("4", "5A", "8A", Numbering(5, 1, "#A")),
        ("4", "5A", "5D", Numbering(1, 1, "5A,5B,5C,5D")),
        ("3", "A1,B1,C2", "", Numbering(1, 1, "A1,B1,C2")),
        ("4", "5-7,8", "", Numbering(5)),
        ("4", "5, 6-8", "", Numbering(5)),
        ("4", "5\u20148", "", Numbering(5)),
        ("4", "5,6,7 and 8", "", Numbering(5)),
        ("4", "[5, 6, 7, 8]", "", Numbering(5)),
        ("4", '["5", "6", "7", "8"]', "", Numbering(5)),
        ("4", "5,,6,7,8,", "", Numbering(5)),
        ("4", "5\n6\n7\n8", "", Numbering(5)),
        ("4", "Seats 5-8", "", Numbering(5)),
        ("2", "BOX 5", "BOX 6", Numbering(5, 1, "BOX #")),
        ("1", "BOX 5", "BOX 5", Numbering(5, 1, "BOX #")),
        ("2", "BOX 5 - BOX 6", "", Numbering(5, 1, "BOX #")),
        ("4", "G.A.", "n.a.", None),
        ("4", "[]", "", None),
        ("4", "No Seats", "", None),
        ("4", "Unassigned", "*", None),
    ],
)
def test_seats_count_up_by_one_or_by_twos_or_are_not_numbered(read, quantity, seat_from, seat_thru, numbering):
    assert listing_of(read, Quantity=quantity, SeatFrom=seat_from, SeatThru=seat_thru).numbering == numbering


@pytest.mark.parametrize(
    ("quantity", "seat_from", "seat_thru"),
    [
        ("4", "3", "7"),
        ("4", "3", "3"),
        ("4", "3", "12"),
        ("1", "3", "4"),
        ("1", "3", "5"),
        ("4", "", "6"),
        ("4", "*", "6"),
        ("4", "A1", "B4"),
        ("4", "A1", "A5"),
        ("4", "-3", "0"),
        ("4", "3", "six"),
        ("4", "3,4,5", ""),
        ("4", "3,4,5,9", ""),
        ("4", "3-9999999", ""),
        ("2", "3-Mar", ""),
        ("2", "Mar-3", ""),
        ("2", "2027-03-04", ""),
        ("4", "A-5", ""),
        ("4", "5-6-7-8", ""),
        ("2", "5/6/2027", ""),
        ("4", "٣", "٦"),  # digits elsewhere
    ],
)
def test_any_other_seats_are_a_bad_row(read, quantity, seat_from, seat_thru):
    found = read({"Quantity": quantity, "SeatFrom": seat_from, "SeatThru": seat_thru})
    assert found.listings == []
    assert "Seat" in found.bad_rows[0].reason


@pytest.mark.parametrize(
    ("kind", "values", "expected", "quantities"),
    [
        ("", "", SplitType.ANY, ()),
        ("any", "", SplitType.ANY, ()),
        ("DEFAULT", "", SplitType.ANY, ()),
        ("NeverLeaveOne", "", SplitType.NEVER_LEAVE_ONE, ()),
        ("NEVER_LEAVE_ONE", "", SplitType.NEVER_LEAVE_ONE, ()),
        ("Pairs", "", SplitType.PAIRS, ()),
        ("ALL", "", SplitType.ALL, ()),
        ("CUSTOM", "1:2:3:4", SplitType.CUSTOM, (1, 2, 3, 4)),
        ("custom", "4, 2,2", SplitType.CUSTOM, (2, 4)),
        ("", "2|4", SplitType.CUSTOM, (2, 4)),
        ("ANY", "1,2,3", SplitType.ANY, ()),
        ("NEVERLEAVEONE", "2,4", SplitType.NEVER_LEAVE_ONE, ()),
        ("NOSPLIT", "", SplitType.ALL, ()),
        ("NONE", "", SplitType.ALL, ()),
        ("AVOIDONE", "", SplitType.NEVER_LEAVE_ONE, ()),
        ("AVOIDONEANDTHREE", "", SplitType.AVOID_ONE_AND_THREE, ()),
        ("CUSTOM", "[2, 4]", SplitType.CUSTOM, (2, 4)),
        ("CUSTOM", "4,9", SplitType.CUSTOM, (4, 9)),
        ("Never leave 1", "", SplitType.NEVER_LEAVE_ONE, ()),
        ("Avoid leaving one", "", SplitType.NEVER_LEAVE_ONE, ()),
        ("Avoid 1 & 3", "", SplitType.AVOID_ONE_AND_THREE, ()),
        ("Do not split", "", SplitType.ALL, ()),
        ("Pairs only", "", SplitType.PAIRS, ()),
        ("", "NOSPLIT", SplitType.ALL, ()),
        ("", "never leave one", SplitType.NEVER_LEAVE_ONE, ()),
        ("", "n/a", SplitType.ANY, ()),
    ],
)
def test_splits_are_read_in_every_spelling(read, kind, values, expected, quantities):
    listing = listing_of(read, SplitType=kind, SplitValue=values)
    assert (listing.split_type, listing.custom_splits) == (expected, quantities)


@pytest.mark.parametrize("nothing", ["", "nan", "NONE", "-", "n/a"])
def test_a_custom_split_without_a_value_is_a_bad_row_whatever_a_program_wrote_for_nothing(read, nothing):
    [bad] = read({"SplitType": "CUSTOM", "SplitValue": nothing}).bad_rows
    assert bad.reason == "SplitType is CUSTOM, but SplitValue is empty: list the quantities, as 1:2:4."


def test_the_column_that_lists_the_seats_is_named(read):
    [bad] = read({"Quantity": "4", "Seats": "Piggyback"}, without=("SeatFrom", "SeatThru")).bad_rows
    assert bad.reason.startswith("Seats: Piggyback to Piggyback are no row of seats")


def test_a_range_in_a_list_has_a_thousand_seats_at_most(read):
    (listing,) = read({"Quantity": "1000", "Seats": "1-1000"}, without=("SeatFrom", "SeatThru")).listings
    assert listing.numbering == Numbering(1)
    [bad] = read({"Quantity": "1000", "Seats": "1-1001"}, without=("SeatFrom", "SeatThru")).bad_rows
    assert bad.reason == "Seats: 1-1001 is more than 1000 seats."
