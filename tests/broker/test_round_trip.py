"""Writing, and reading what was written."""

import io
import re
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.broker.cells import WRITTEN_FOR_NOTHING
from mockpos.broker.reader import read_broker_bytes, read_broker_file
from mockpos.broker.writer import NOT_CARRIED, Written, write_broker_file
from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event, EventState, Venue
from mockpos.domain.listing import Listing, ListingType, SplitType, Stock, TicketFormat, ViewType
from mockpos.domain.seats import Numbering

TODAY = date(2026, 11, 23)
EXAMPLE = Path(__file__).parents[2] / "fixtures" / "broker.csv"

notes = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30).filter(
    lambda note: note not in WRITTEN_FOR_NOTHING
)
words = (
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda word: word and word not in WRITTEN_FOR_NOTHING and not word.startswith("#"))
)
labels = words.filter(lambda word: is_no_number(word) and not is_damaged(word))
names = words.filter(lambda name: "|" not in name)
numberings = st.builds(Numbering, st.integers(0, 10_000), st.sampled_from([1, 2]), st.sampled_from(["", "A#"]))
prices = st.integers(0, 999_999_999).map(lambda cents: Decimal(cents).scaleb(-2))
days = st.dates(date(2026, 1, 1), date(2036, 11, 23))
times = st.times().map(lambda at: at.replace(microsecond=0))


def is_no_number(word):
    """A spreadsheet's number is no id of its own: 7.0 is 7, and 7E5 has lost its digits."""
    return re.fullmatch(r"'?[+-]?\d+([.,]\d+)?(e[+-]?\d+)?|\d+\.0+", word, re.IGNORECASE) is None or word.isdecimal()


def is_damaged(word):
    """Labels that a spreadsheet made of others are refused, and so are no part of what comes back."""
    return word in ("None", "null", "undefined", "N/A") or re.fullmatch(
        r"\d+/\d+/\d+|\d+-\d+-\d+( .*)?|\d+-[a-z]{3}(-\d+)?|[a-z]{3}-\d+", word, re.IGNORECASE
    )


@st.composite
def events(draw):
    at = draw(st.none() | times.filter(lambda at: at not in (time(3, 0), time(3, 30))))
    return Event(
        event_id=draw(words),
        name=draw(words),
        venue=Venue(
            draw(words), draw(st.just("") | words), draw(st.sampled_from([None, "America/Chicago", "Europe/London"]))
        ),
        local_date=draw(days),
        local_time=at or time(0, 0),
        time_tba=at is None,
        performers=tuple(draw(st.lists(names, max_size=3))),
        state=draw(st.sampled_from(EventState)),
        category=draw(st.just("") | words),
    )


def splits(quantity):
    fitting = st.sets(st.integers(1, quantity), min_size=1, max_size=5)
    return st.builds(lambda some, more: tuple(sorted(some | more)), fitting, st.sets(st.integers(1, 99), max_size=2))


@st.composite
def listings(draw, event=st.none() | events()):
    split_type = draw(st.sampled_from(SplitType))
    quantity = draw(st.integers(2, 40_000))
    return Listing(
        remote_id=draw(labels),
        event=draw(event),
        section=draw(labels),
        row=draw(st.just("") | labels),
        quantity=quantity,
        numbering=draw(
            st.none()
            | st.builds(Numbering, st.integers(0, 10_000), st.sampled_from([1, 2]), st.sampled_from(["", "A#"]))
        ),
        wholesale_price=draw(prices),
        retail_price=draw(st.none() | prices),
        split_type=split_type,
        custom_splits=draw(splits(quantity)) if split_type is SplitType.CUSTOM else (),
        ticket_format=draw(st.sampled_from(TicketFormat)),
        in_hand=draw(st.booleans()),
        in_hand_on=draw(st.none() | days),
        internal_notes=draw(notes),
        broker_notes=draw(notes),
        external_notes=draw(notes),
        listing_type=draw(st.sampled_from(ListingType)),
        view_type=draw(st.sampled_from(ViewType)),
        broadcast=draw(st.booleans()),
        mapped=draw(st.booleans()),
    )


def text_of(*some: Listing, delimiter: str = ",") -> str:
    stream = io.StringIO(newline="")
    write_broker_file(stream, ((listing, Stock.untouched(listing)) for listing in some), delimiter)
    return stream.getvalue()


@given(
    st.lists(listings(), max_size=4, unique_by=lambda listing: listing.remote_id).filter(
        lambda some: (
            len({listing.event.event_id for listing in some if listing.event})
            == sum(listing.event is not None for listing in some)
        )
    ),
    st.sampled_from([(",", "stock.csv"), ("\t", "stock.txt")]),
)
def test_what_is_written_is_read_back(some, kind):
    delimiter, name = kind
    found = read_broker_bytes(text_of(*some, delimiter=delimiter).encode(), name, today=TODAY)
    assert found.bad_rows == []
    assert found.listings == some


def test_the_example_that_is_shipped_is_good_and_survives_the_round_trip(tmp_path):
    found = read_broker_file(EXAMPLE, today=TODAY)
    assert (found.bad_rows, found.warnings, found.ignored_columns) == ([], [], [])
    assert len(found.listings) == 12
    assert len({listing.event.event_id for listing in found.listings}) == 3
    written = write_broker_file(
        tmp_path / "out.csv", [(listing, Stock.untouched(listing)) for listing in found.listings]
    )
    assert written == Written(12, 0)
    assert read_broker_file(tmp_path / "out.csv", today=TODAY).listings == found.listings


def test_every_field_is_quoted_and_lines_end_in_lf():
    listing = read_broker_file(EXAMPLE, today=TODAY).listings[7]
    header, row, end = text_of(listing).split("\n")
    assert '"Kenny ""Babyface"" Edmonds with Special Guest Brandy"' in row
    assert end == ""
    assert "\r" not in row
    for line in (header, row):
        assert line.startswith('"')
        assert line.endswith('"')


def test_a_partly_sold_listing_is_written_whole():
    listing = read_broker_file(EXAMPLE, today=TODAY).listings[0]
    stream = io.StringIO(newline="")
    write_broker_file(stream, [(listing, Stock(listing.remote_id, 1, 1, 2, ((3, 4),)))])
    assert read_broker_bytes(stream.getvalue().encode(), "x.csv", today=TODAY).listings == [listing]


def test_retired_listings_are_left_out_and_counted():
    listing = Listing(remote_id="1", section="1", row="1", quantity=1, wholesale_price=Decimal(1), retired=True)
    stream = io.StringIO(newline="")
    assert write_broker_file(stream, [(listing, Stock.untouched(listing))]) == Written(0, 1)
    assert stream.getvalue().count("\n") == 1
    assert any("retired" in said for said in NOT_CARRIED)


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old", encoding="utf-8")

    def breaks():
        yield from ()
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match=r"out\.csv: cannot be written \(No space left"):
        write_broker_file(path, breaks())
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]
    with pytest.raises(BadInput, match="there is no folder"):
        write_broker_file(tmp_path / "nowhere" / "out.csv", [])
    with pytest.raises(BadInput, match=r"named \.csv"):
        write_broker_file(tmp_path / "out.xlsx", [])
