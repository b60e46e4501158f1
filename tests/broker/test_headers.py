"""Headers as brokers' tools write them: aliases, mappings, defaults, doubled columns, titles above, other files."""

from pathlib import Path

import pytest

from mockpos.broker.columns import COLUMNS, column_called, column_map, near_columns
from mockpos.broker.reader import BrokerFile, read_broker_bytes
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import SplitType
from mockpos.domain.seats import Numbering
from tests.broker.conftest import TODAY

SKYBOX = """\
inventory_id,event_name,venue_name,event_date,event_id,quantity,section,row,seats,internal_notes,public_notes,tags,\
list_price,face_price,taxed_cost,cost,in_hand,in_hand_date,split_type,custom_split,stock_type
71,Larch Owls,Larch Hall,2027-05-14T19:30:00.000Z,41,4,Court 7,D,"3,4,5,6",-tnow,Together,RESALE,\
188.56,93.00,129.66,129.66,N,2027-05-12,CUSTOM,"2,4",MOBILE_TRANSFER
72,Larch Owls,Larch Hall,2027-05-14T19:30:00.000Z,41,6,Floor,GA3,,-tnow,,STANDARD,\
75.5,60.00,66.00,66.00,Y,,NEVERLEAVEONE,,MOBILE_TRANSFER
"""
PLAIN = "K1,Larch Owls,Larch Hall,05/14/2027,7:30PM,4,110,C,5,8,45.00"
HEAD = "TicketID,Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost"


def read(
    text: str, name: str = "sheet.csv", *, maps: tuple[str, ...] = (), defaults: tuple[str, ...] = ()
) -> BrokerFile:
    return read_broker_bytes(text.encode(), name, today=TODAY, columns=column_map(maps, defaults))


def refusal(text: str, name: str = "sheet.csv", **how: tuple[str, ...]) -> str:
    with pytest.raises(BadInput) as caught:
        read(text, name, **how)
    return str(caught.value)


def test_an_export_of_a_point_of_sale_is_read_as_it_is() -> None:
    found = read(SKYBOX)
    assert found.bad_rows == []
    first, second = found.listings
    assert (first.remote_id, first.numbering, first.external_notes) == ("71", Numbering(3), "Together")
    assert (str(first.wholesale_price), str(first.retail_price)) == ("129.66", "188.56")
    assert (first.split_type, first.custom_splits, second.split_type) == (
        SplitType.CUSTOM, (2, 4), SplitType.NEVER_LEAVE_ONE,
    )  # fmt: skip
    assert first.event is second.event
    assert first.event is not None
    assert first.event.local_time.isoformat() == "19:30:00"
    assert found.ignored_columns == ["tags", "face_price"]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Event Name", "Event"), ("event_name", "Event"), ("EVENT-NAME", "Event"), ("Venue Name", "Venue"),
        ("Date", "EventDate"), ("Event Date/Time", "EventDate"), ("Time", "EventTime"), ("QTY", "Quantity"),
        ("Qty.", "Quantity"), ("Sec", "Section"), ("Seat Start", "SeatFrom"), ("Seat End", "SeatThru"),
        ("low_seat", "SeatFrom"), ("HighSeat", "SeatThru"), ("Seat(s)", "Seats"), ("seats", "Seats"),
        ("Price ($)", "Cost"), ("Cost (USD)", "Cost"), ("taxed_cost", "Cost"), ("list_price", "RetailPrice"),
        ("custom_split", "SplitValue"), ("in_hand", "InHand"), ("in_hand_date", "InHandDate"),
        ("stock_type", "StockType"), ("Delivery Method", "StockType"), ("inventory_id", "TicketID"),
        ("# Tickets", "Quantity"), ("Avail. Qty", "Quantity"), ("Low", "SeatFrom"), ("High", "SeatThru"),
        ("Ext. Notes", "Notes"), ("Int. Notes", "InternalNotes"), ("Ticket Group", "TicketID"),
        ("EVENT DATE/TIME (LOCAL)", "EventDate"), ("Splits Allowed", "SplitValue"), ("Game Date", "EventDate"),
        ("Purchase Price", "Cost"), ("Asking Price", "RetailPrice"),
        ("# of Tickets", "Quantity"), ("Seats From", "SeatFrom"), ("Seats Thru", "SeatThru"), ("Seats To", "SeatThru"),
        ("Ticket Stock Type", "StockType"),
        ("Ticket Group ID", "TicketID"), ("RemoteID", "TicketID"), ("E-Ticket", "Eticket"),
    ],
)  # fmt: skip
def test_headers_of_other_tools_mean_a_column(header: str, column: str) -> None:
    assert column_called(header) == column


def test_the_performer_is_the_event_only_where_no_header_names_one() -> None:
    assert read(f"{HEAD.replace('Event,', 'Headliner,')}\n{PLAIN}\n").listings[0].event.name == "Larch Owls"
    beside = read(f"{HEAD},Performer\n{PLAIN},Somebody\n")
    assert beside.listings[0].event.name == "Larch Owls"
    assert (beside.ignored_columns, beside.warnings) == (["Performer"], [])
    assert "the column" not in str(read(f"{HEAD.replace('Event,', 'Show Name,')},Artist\n{PLAIN},x\n").warnings)


def test_no_two_columns_share_a_header() -> None:
    for column in COLUMNS:
        assert all(column_called(name) == column.name for name in (column.name, *column.aliases))


def test_any_header_can_be_mapped_and_what_a_sheet_lacks_be_given() -> None:
    text = f"{HEAD},Show\n{PLAIN},The Real Show\n".replace("Venue", "Nothing")
    found = read(text, maps=("Event=show", "venue name=Nothing"), defaults=("City=Larchville", "Notes=None too many"))
    [listing] = found.listings
    assert listing.event is not None
    assert (listing.event.name, listing.event.venue.name) == ("The Real Show", "Larch Hall")
    assert (listing.event.venue.city, listing.external_notes) == ("Larchville", "None too many")
    assert found.ignored_columns == ["Event"]


def test_a_default_fills_empty_cells_and_no_other() -> None:
    text = f"{HEAD}\n{PLAIN}\n{PLAIN.replace('K1', 'K2').replace('Larch Hall', '')}\n"
    venues = [
        listing.event.venue.name for listing in read(text, defaults=("Venue=Elm Hall",)).listings if listing.event
    ]
    assert venues == ["Larch Hall", "Elm Hall"]


def test_a_mapping_file_says_the_same(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("columns:\n  Event: show\n  TicketID: no\ndefaults:\n  Venue: Larch Hall\n  SeatFrom: GA\n")
    text = "no,show,EventDate,EventTime,Qty,Section,Row,SeatThru,Cost\n7,Owls,05/14/2027,7PM,4,110,C,,45\n"
    [listing] = read(text, maps=(str(mapping),)).listings
    assert (listing.remote_id, listing.numbering) == ("7", None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("colums:\n  Event: show\n", "mapping.yaml:1: colums: is no section of a mapping file; it has `columns:`"),
        ("columns:\n  Evnt: show\n", "mapping.yaml:2: columns.Evnt: there is no column 'Evnt'; did you mean Event"),
        ("columns: show\n", "mapping.yaml:1: columns: must have a column and its text on each line"),
        ("defaults:\n  Venue: [1]\n", "mapping.yaml:2: defaults.Venue: must be a text"),
        ("columns: [\n", "mapping.yaml:2: not YAML"),
    ],
)
def test_a_bad_mapping_file_is_refused_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(content)
    assert said in refusal(f"{HEAD}\n", maps=(str(mapping),))


@pytest.mark.parametrize(
    ("maps", "defaults", "said"),
    [
        (("Evnt=show",), (), "--map Evnt=show: there is no column 'Evnt'; did you mean Event"),
        (("Zzzz=show",), (), "--map Zzzz=show: there is no column 'Zzzz'; there are Event, Venue,"),
        (("Event=show",), (), "line 1: there is no header 'show' to take Event from. Found: TicketID, Event,"),
        (("Event=",), (), "--map Event=: write it as --map Event=event_name"),
        (("nothing.yaml",), (), "nothing.yaml: there is no such file"),
        ((), ("Venue",), '--default Venue: write it as --default Venue="Larch Hall"'),
    ],
)
def test_a_bad_option_is_refused_by_its_name(maps: tuple[str, ...], defaults: tuple[str, ...], said: str) -> None:
    assert said in refusal(f"{HEAD}\n{PLAIN}\n", maps=maps, defaults=defaults)


def test_a_missing_column_names_the_headers_that_may_mean_it() -> None:
    said = refusal(f"{HEAD}\n{PLAIN}\n".replace("Event,", "Evnt title,").replace("Section", "Sectoin"))
    assert "2 required columns are missing: Event, Section." in said
    assert '--map Event="Evnt title" --map Section="Sectoin"' in said
    said = refusal(f"{HEAD}\n{PLAIN}\n".replace("Cost", "list_price"))
    assert "a required column is missing: Cost." in said
    assert '--map Cost="list_price"' in said
    said = refusal(f"{HEAD}\n{PLAIN}\n".replace("Event,", "Name,").replace("Section", "Area"))
    assert '--map Event="Name";' in said  # and not the same header for Section as well
    said = refusal(f"{HEAD}\n{PLAIN}\n".replace("Venue", "Q"))
    assert "--default Venue=VALUE where the sheet leaves it out" in said


def test_near_columns_are_found() -> None:
    assert near_columns("Evnt")[0] == "Event"
    assert near_columns("Internal Nots")[0] == "InternalNotes"
    assert near_columns("qwertz") == []


def test_of_a_column_under_two_names_the_filled_one_counts() -> None:
    text = (
        f"{HEAD},Notes,Public_Notes\n{PLAIN},xfer,\n{PLAIN.replace('K1', 'K2')},,aisle\n{PLAIN.replace('K1', 'K3')},,\n"
    )
    found = read(text)
    assert [listing.external_notes for listing in found.listings] == ["xfer", "aisle", ""]
    assert not any("Notes" in warning for warning in found.warnings)


@pytest.mark.parametrize("order", ["Notes,Public_Notes", "Public_Notes,Notes"])
def test_where_both_are_filled_and_differ_the_exact_name_counts_and_it_is_told(order: str) -> None:
    cells = "exact,other" if order.startswith("Notes") else "other,exact"
    found = read(f"{HEAD},{order}\n{PLAIN},{cells}\n")
    assert found.listings[0].external_notes == "exact"
    assert found.warnings == ["Notes stands under Notes and Public_Notes, and differs: Notes was taken (line 2)."]


def test_titles_above_the_header_are_passed_over() -> None:
    text = f"Larch Tickets inventory\n\nas of,05/01/2027\n{HEAD}\n{PLAIN}\n{PLAIN.replace('4,110', 'x,110')}\n"
    found = read(text)
    assert [listing.remote_id for listing in found.listings] == ["K1"]
    assert [bad.line for bad in found.bad_rows] == [6]
    assert found.warnings == ["The rows above the header, which is on line 4, were passed over."]


def test_a_header_that_comes_again_is_passed_over() -> None:
    found = read(f"{HEAD}\n{PLAIN}\n{HEAD}\n{PLAIN.replace('K1', 'K2')}\n")
    assert [listing.remote_id for listing in found.listings] == ["K1", "K2"]
    assert "The header came again, and was passed over (line 3)." in found.warnings


@pytest.mark.parametrize(
    ("line", "sign"), [("sep=,", ","), ("sep=;", ";"), ('"sep=,"', ","), ("sep=\t", "\t"), ("SEP=|", "|")]
)
def test_a_line_may_name_the_separator(line: str, sign: str) -> None:
    text = f"{line}\r\n{HEAD}\r\n{PLAIN}\r\n{PLAIN.replace('4,110', 'x,110')}\r\n".replace(",", sign)
    found = read(text)
    assert [listing.remote_id for listing in found.listings] == ["K1"]
    assert [bad.line for bad in found.bad_rows] == [4]


def test_a_tsv_file_has_tabs_and_a_text_without_a_name_has_what_it_has() -> None:
    tabs = f"{HEAD}\n{PLAIN}\n".replace(",", "\t")
    assert read(tabs, "sheet.tsv").listings == read(tabs, "standard input").listings
    assert read(f"{HEAD}\n{PLAIN}\n", "standard input").listings == read(tabs, "sheet.tsv").listings


@pytest.mark.parametrize("quoted", [True, False])
def test_a_file_that_lost_its_line_breaks_is_refused(quoted: bool) -> None:
    text = f"{HEAD},Notes\n{PLAIN},aisle\n"
    if quoted:
        text = "".join('"' + line.replace(",", '","') + '"\n' for line in text.splitlines())
    for sent in (
        text,
        text.replace(",Notes", "").replace(",aisle", "").replace(',"Notes"', "").replace(',"aisle"', ""),
    ):
        assert "its line breaks may be lost: curl -d drops them" in refusal(sent.replace("\n", ""))
    assert read(f"{HEAD}\n").listings == []


def test_a_file_of_bad_rows_only_is_given_up_in_good_time() -> None:
    said = refusal(HEAD + "\n" + ",,,x\n" * 100_001)
    assert "line 2: TicketID is empty." in said
    assert "More than 100,000 rows are bad, and the rest was not read: is this an inventory?" in said


def test_of_many_bad_rows_the_first_are_kept_and_all_are_counted() -> None:
    found = read(HEAD + "\n" + "".join(f"K{number},,,x\n" for number in range(12_000)))
    assert (len(found.bad_rows), found.bad.count, len(found.bad.remote_ids)) == (10_000, 12_000, 12_000)
