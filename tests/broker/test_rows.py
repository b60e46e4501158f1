"""What each column of a good row becomes."""

from datetime import date
from decimal import Decimal

import pytest

from mockpos.domain.listing import ListingType, SplitType, TicketFormat, ViewType
from mockpos.domain.seats import Numbering
from tests.broker.conftest import listing_of


def test_a_plain_row_is_a_listing_with_the_usual_values(read):
    listing = listing_of(read)
    assert (listing.remote_id, listing.section, listing.row, listing.quantity) == ("1", "109", "22", 4)
    assert listing.wholesale_price == Decimal("122.00")
    assert listing.retail_price is None
    assert (listing.split_type, listing.ticket_format) == (SplitType.ANY, TicketFormat.ETICKET)
    assert listing.in_hand
    assert listing.broadcast
    assert listing.mapped
    assert not listing.retired
    assert read({}).warnings == []


@pytest.mark.parametrize(
    ("stock_type", "eticket", "expected"),
    [
        ("", "", TicketFormat.ETICKET),
        ("", "Y", TicketFormat.ETICKET),
        ("", "N", TicketFormat.PHYSICAL),
        ("HARD", "", TicketFormat.PHYSICAL),
        ("ELECTRONIC", "N", TicketFormat.ETICKET),
        ("mobile transfer", "Y", TicketFormat.TM_MOBILE),
        ("MOBILE_TRANSFER", "", TicketFormat.TM_MOBILE),
        ("Electronic Transfer", "", TicketFormat.TM_MOBILE),
        ("TM_mobile", "", TicketFormat.TM_MOBILE),
        ("FLASH", "", TicketFormat.FLASH_SEATS),
        ("Flash_seats", "", TicketFormat.FLASH_SEATS),
        ("paperless", "", TicketFormat.PAPERLESS),
        ("Guest List", "", TicketFormat.GUEST_LIST),
        ("E-Ticket", "", TicketFormat.ETICKET),
    ],
)
def test_the_stock_type_decides_the_format_and_else_whether_it_is_an_e_ticket(read, stock_type, eticket, expected):
    assert listing_of(read, StockType=stock_type, Eticket=eticket).ticket_format is expected


def test_an_unknown_stock_type_is_passed_over_with_one_warning_for_all_rows(read):
    found = read({"StockType": "carrier pigeon"}, {"StockType": "carrier pigeon"})
    assert [listing.ticket_format for listing in found.listings] == [TicketFormat.ETICKET] * 2
    assert found.warnings == [
        "StockType is a word that mockpos does not know, and was passed over "
        "(2 rows, the first on line 2, such as 'carrier pigeon')."
    ]


@pytest.mark.parametrize(
    ("in_hand", "in_hand_date", "expected"),
    [
        ("", "", (True, None)),
        ("", "12/01/2026", (False, date(2026, 12, 1))),
        ("", "11/23/2026", (True, date(2026, 11, 23))),
        ("Y", "12/01/2026", (True, date(2026, 12, 1))),
        ("N", "", (False, None)),
    ],
)
def test_tickets_are_in_hand_by_their_date_unless_the_row_says_so(read, in_hand, in_hand_date, expected):
    listing = listing_of(read, InHand=in_hand, InHandDate=in_hand_date)
    assert (listing.in_hand, listing.in_hand_on) == expected


def test_the_other_columns_are_read_too(read):
    listing = listing_of(
        read,
        RetailPrice="152.5",
        Notes=' two "aisle" seats\nside by side ',
        InternalNotes="from Joe",
        BrokerNotes="no consignment",
        Broadcast="n",
        Mapped="No",
        Type="PARKING",
        ViewType="partially obstructed",
    )
    assert listing.retail_price == Decimal("152.50")
    assert listing.external_notes == ' two "aisle" seats\nside by side '
    assert (listing.internal_notes, listing.broker_notes) == ("from Joe", "no consignment")
    assert not listing.broadcast
    assert not listing.mapped
    assert (listing.listing_type, listing.view_type) == (ListingType.PARKING, ViewType.PARTIALLY_OBSTRUCTED)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("TicketID", "", "TicketID is empty."),
        ("TicketID", "x" * 129, "TicketID: Must have 1 to 128 characters."),
        ("TicketID", "a\x07b", "TicketID: Must not contain control"),
        ("Event", " ", "Event is empty."),
        ("Venue", "", "Venue is empty."),
        ("EventDate", "", "EventDate is empty."),
        (
            "EventDate",
            "46369",
            "EventDate: '46369' is not a date; write it as mm/dd/yyyy, not as a spreadsheet's number.",
        ),
        ("EventDate", "12/13/2026 at noon", "EventDate: '12/13/2026 at noon' is not a date"),
        ("EventDate", "13/12/2026", "EventDate: there is no 13/12/2026; write dates as mm/dd/yyyy."),
        ("EventTime", "730", "EventTime: '730' is not a time; write it as 6:05PM, or TBA."),
        ("EventTime", "25:05", "EventTime: there is no 25:05; write times as 6:05PM, or TBA."),
        ("Quantity", "", "Quantity is empty."),
        ("Quantity", "0", "Quantity: must be at least 1."),
        ("Quantity", "-1", "Quantity: '-1' is not a whole number."),
        ("Quantity", "2.5", "Quantity: '2.5' is not a whole number."),
        ("Quantity", "four", "Quantity: 'four' is not a whole number."),
        ("Quantity", "9" * 5000, "Quantity: '9999"),
        ("Section", "", "Section is empty."),
        ("Cost", "", "Cost is empty."),
        ("Cost", "free", "Cost: 'free' is not a price; write it as 122.00."),
        ("Cost", "25,00", "Cost: '25,00' is not a price; write it as 122.00."),
        ("Cost", "CA$45", "Cost: 'CA$45' is not a price in US dollars; write it as 122.00."),
        ("Cost", "€45.00", "Cost: '€45.00' is not a price in US dollars; write it as 122.00."),
        ("Cost", "1.200,00", "Cost: '1.200,00' is not a price"),
        ("Cost", "1,2345", "Cost: '1,2345' is not a price"),
        ("Cost", "1.2E+03", "Cost: '1.2E+03' is not a price"),
        ("Cost", "45 EUR", "Cost: '45 EUR' is not a price"),
        ("Cost", "(45.00)", "Cost: '(45.00)' is not a price"),
        ("Cost", "-1", "Cost: '-1' is not a price between"),
        ("Cost", "NaN", "Cost is empty."),
        ("RetailPrice", "$", "RetailPrice: '$' is not a price"),
        ("InHandDate", "soon", "InHandDate: 'soon' is not a date"),
        ("SplitType", "SOMETIMES", "SplitType: 'SOMETIMES' is not one of ANY,"),
        ("SplitType", "CUSTOM", "SplitType is CUSTOM, but SplitValue is empty"),
        ("SplitValue", "9", "SplitValue: none of 9 fits a Quantity of 4, so nothing could be bought."),
        ("TicketID", "6.05696E+11", "TicketID: '6.05696E+11' is a number whose digits a spreadsheet dropped"),
        ("TicketID", "6,05696e11", "TicketID: '6,05696e11' is a number whose digits a spreadsheet dropped"),
        *(("TicketID", word, "TicketID is empty.") for word in ("nan", "NULL")),
        *(
            ("TicketID", word, f"TicketID: '{word}' is what programs write for nothing")
            for word in ("None", "null", "N/A")
        ),
        *(
            (column, error, f"{column}: {error} is a spreadsheet's error, and no value")
            for column in ("TicketID", "Event", "Venue", "EventDate", "Quantity", "Section", "Cost")
            for error in ("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "########")
        ),
        *(
            (column, cell, f"{column}: '{cell}' is a date that a spreadsheet made of it")
            for column in ("TicketID", "Section", "Row")
            for cell in ("8-May", "May-08", "2027-05-08")
        ),
        ("Section", "1.00E+05", "Section: '1.00E+05' is a number that a spreadsheet shortened"),
        ("Row", "1E+05", "Row: '1E+05' is a number that a spreadsheet shortened"),
        ("Event", "nan", "Event is empty."),
        ("SplitValue", "1:0", "SplitValue: must be at least 1; write the quantities as 1:2:4."),
        ("SplitValue", "1:many", "SplitValue: 'many' is not a whole number"),
        ("Broadcast", "perhaps", "Broadcast: 'perhaps' is not Y or N."),
        ("Type", "camping", "Type: 'camping' is not event or parking."),
        ("ViewType", "Splendid", "ViewType: 'Splendid' is not one of Full, Obstructed, Partially Obstructed."),
        ("TimeZone", "America", "TimeZone: 'America' is not a time zone"),
        ("TimeZone", "../../etc/passwd", "TimeZone: '../../etc/passwd' is not a time zone"),
        ("EventState", "maybe", "EventState: 'maybe' is not one of shown, postponed, canceled."),
        ("Barcodes", "A|B|C|D", "Barcodes need both SeatFrom and SeatThru."),
    ],
)
def test_a_bad_cell_is_reported_with_its_line_and_column(read, column, cell, reason):
    found = read({}, {column: cell})
    assert len(found.listings) == 1
    [bad] = found.bad_rows
    assert bad.line == 3
    assert bad.reason.startswith(reason)
    assert len(bad.reason) < 500


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("TicketID", "605,696,419", "605696419"),
        ("TicketID", "12,34", "12,34"),
        ("TicketID", "2027-05-14-7", "2027-05-14-7"),
        ("Section", "109.0", "109"),
        ("Section", "1E5", "1E5"),
        ("Row", "12.0", "12"),
        ("Row", "NULL", ""),
    ],
)
def test_labels_that_a_spreadsheet_took_for_numbers_are_read_as_they_were(read, column, cell, expected):
    listing = listing_of(read, **{column: cell})
    assert {"TicketID": listing.remote_id, "Section": listing.section, "Row": listing.row}[column] == expected


def test_all_faults_of_a_row_are_reported_at_once(read):
    [bad] = read({"Quantity": "none", "Cost": "", "EventDate": "?", "Section": ""}).bad_rows
    for column in ("Quantity", "Cost", "EventDate", "Section"):
        assert bad.reason.count(column) == 1
    assert bad.remote_id == "1"


def test_barcodes_must_be_one_a_ticket(read):
    seats = {"Quantity": "2", "SeatFrom": "3", "SeatThru": "4"}
    assert read({**seats, "Barcodes": "A|B"}).bad_rows == []
    [bad] = read({**seats, "Barcodes": "A|B|C"}).bad_rows
    assert bad.reason == "Barcodes: 3 are given for a Quantity of 2."
    [bad] = read({**seats, "SeatThru": "", "Barcodes": "A|B"}).bad_rows
    assert bad.reason == "Barcodes need both SeatFrom and SeatThru."


def test_a_remote_id_that_comes_again_is_refused_naming_the_first_line(read):
    found = read({"TicketID": "7"}, {"TicketID": "8"}, {"TicketID": " 7 "}, {"TicketID": "k1"}, {"TicketID": "K1"})
    assert [listing.remote_id for listing in found.listings] == ["7", "8", "k1", "K1"]
    assert [(bad.line, bad.reason) for bad in found.bad_rows] == [(4, "The Remote ID 7 is on line 2 already.")]


def test_rows_more_than_ten_years_ahead_are_ignored_as_tevo_does(read):
    found = read({"EventDate": "11/23/2036"}, {"EventDate": "11/24/2036", "Quantity": "rubbish"})
    assert [listing.remote_id for listing in found.listings] == ["1"]
    assert found.bad_rows == []
    assert found.warnings == ["Ignored, as TEvo does, for an event more than 10 years ahead (line 3)."]


def test_a_past_event_and_an_empty_row_are_imported_with_a_warning(read):
    found = read({"EventDate": "11/22/2026", "Row": ""}, {"EventDate": "11/23/2026"})
    assert found.listings[0].row == ""
    assert found.warnings == [
        "Row is empty, which TEvo itself does not accept (line 2).",
        "The event is past, so the listing is imported but cannot be held (line 2).",
    ]


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("$45.00", "45.00"),
        ("$1,200.00", "1200.00"),
        ("1,200", "1200.00"),
        ("1,234,567.89", "1234567.89"),
        ("45 USD", "45.00"),
        ("USD 45.5", "45.50"),
        ("US$45", "45.00"),
        ("45.00 $", "45.00"),
        (".5", "0.50"),
        ('="45.00"', "45.00"),
        ("'45.00", "45.00"),
        ("45.000", "45.00"),
    ],
)
def test_prices_are_dollars_however_they_are_written(read, cell, price):
    assert listing_of(read, Cost=cell).wholesale_price == Decimal(price)


def test_fractions_of_a_cent_are_rounded_and_told(read):
    found = read({"Cost": "129.665"}, {"Cost": "0.004"}, {"RetailPrice": "10.999999999"})
    assert [listing.wholesale_price for listing in found.listings[:2]] == [Decimal("129.67"), Decimal("0.00")]
    assert found.listings[2].retail_price == Decimal("11.00")
    assert found.warnings == [
        "Cost has fractions of a cent, and was rounded to the cent (2 rows, the first on line 2, such as '129.665').",
        "RetailPrice has fractions of a cent, and was rounded to the cent (line 4, such as '10.999999999').",
    ]


@pytest.mark.parametrize("cell", ["4.0", "4.00", " 4 ", '="4"', "'4"])
def test_a_whole_number_is_read_as_a_spreadsheet_writes_it(read, cell):
    assert listing_of(read, Quantity=cell).quantity == 4


@pytest.mark.parametrize("cell", ["605696419", "605696419.0", '="605696419"', "'605696419", " 605696419 "])
def test_a_remote_id_survives_a_spreadsheet(read, cell):
    assert listing_of(read, TicketID=cell).remote_id == "605696419"


@pytest.mark.parametrize("cell", ["1.5", "12E4X", "1E", "A-1.0", "'Til Tuesday"])
def test_a_remote_id_that_no_spreadsheet_made_stays_as_it_is(read, cell):
    assert listing_of(read, TicketID=cell).remote_id == cell


@pytest.mark.parametrize("cell", ["nan", "NULL", "N/A", "None", "-"])
def test_what_programs_write_for_nothing_is_nothing(read, cell):
    cells = {"RetailPrice": cell, "InHandDate": cell, "SplitValue": cell, "InHand": cell, "TimeZone": cell}
    listing = listing_of(read, **cells)
    assert (listing.retail_price, listing.in_hand_on, listing.split_type) == (None, None, SplitType.ANY)


@pytest.mark.parametrize("column", ["Row", "Notes", "InternalNotes"])
def test_nan_in_a_text_is_nothing(read, column):
    listing = listing_of(read, **{column: "nan"})
    assert (listing.row, listing.external_notes, listing.internal_notes).count("") == (3 if column == "Row" else 2)


def test_a_split_value_beside_another_split_type_is_told(read):
    found = read({"SplitType": "ANY", "SplitValue": "2"}, {"SplitType": "NEVERLEAVEONE", "SplitValue": "2,4"})
    assert [listing.custom_splits for listing in found.listings] == [(), ()]
    assert found.warnings == [
        "SplitValue counts for CUSTOM only, and was passed over beside another SplitType "
        "(2 rows, the first on line 2, such as 'ANY beside 2')."
    ]


def test_seats_may_stand_in_one_column(read):
    found = read({"Seats": "3,4,5,6"}, {"Seats": "GA"}, {"Seats": "7-10"}, without=("SeatFrom", "SeatThru"))
    assert [listing.numbering for listing in found.listings] == [Numbering(3), None, Numbering(7)]


def test_a_spreadsheets_date_made_of_seats_is_named(read):
    [bad] = read({"Quantity": "4", "SeatFrom": "8-May"}).bad_rows
    assert "'8-May' is a date that a spreadsheet made of seats; format the column as text" in bad.reason


def test_listings_that_share_seats_are_told(read):
    seats = {"Quantity": "4", "SeatThru": ""}
    found = read({**seats, "SeatFrom": "5"}, {**seats, "SeatFrom": "7"}, {**seats, "SeatFrom": "11"})
    assert found.warnings == [
        "2 has seats that 1 has too (section 109, row 22, seats 7, 8): these seats can be sold twice."
    ]
    elsewhere = read({**seats, "SeatFrom": "5"}, {**seats, "SeatFrom": "7", "Row": "23"})
    odd_and_even = read({**seats, "SeatFrom": "5", "SeatThru": "11"}, {**seats, "SeatFrom": "6", "SeatThru": "12"})
    assert elsewhere.warnings == odd_and_even.warnings == []


def test_of_many_listings_that_share_seats_a_few_are_told(read):
    found = read(*[{"SeatFrom": "5", "SeatThru": "8"}] * 60)
    assert len(found.warnings) == 6
    assert found.warnings[-1] == "And 995 more pairs of listings share seats."
