from datetime import date, time

import pytest

from mockpos.broker.times import furthest_date, local_time, moment_in, us_date, write_date, write_time

TBA = (
    "T.B.A.", "TBC", "Time TBD", "To be announced",
    "", "TBA", "tba", "TBD", "tbd", "N/A", "None", "nan", "-", "03:00", "03:30", "0:00",
    "Tba", "NULL", "null", "00:00:00", "00:00",
    "3:00 am", "3:30 am", "03:30 am", "03:00 am", "3:00 AM", "3:30AM", "03:00AM", "3:00:00 am",
)  # fmt: skip


@pytest.mark.parametrize("text", TBA)
def test_every_spelling_of_tba_is_a_time_to_be_announced(read, text):
    event = read({"EventTime": text}).listings[0].event
    assert event.time_tba
    assert event.local_time == time(0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6:05PM", time(18, 5)),
        ("6:05 pm", time(18, 5)),
        ("06:05pm", time(18, 5)),
        ("12:00AM", time(0, 0)),
        ("12:30 PM", time(12, 30)),
        ("11:59:30PM", time(23, 59, 30)),
        ("3:00PM", time(15, 0)),
        ("3:15 am", time(3, 15)),
        ("18:05", time(18, 5)),
        ("18:05:30", time(18, 5, 30)),
        ("07:30", time(7, 30)),
        ("7:30 p.m.", time(19, 30)),
        ("7:30 P.M.", time(19, 30)),
        ("07:30:00 PM", time(19, 30)),
        ("7PM", time(19, 0)),
        ("7 pm", time(19, 0)),
        ("7:30 PM EST", time(19, 30)),
        ("19:30:00.000", time(19, 30)),
        ("12/30/1899 19:30", time(19, 30)),
        ("1805", time(18, 5)),
        ("0730", time(7, 30)),
        ("730PM", time(19, 30)),
        ("7:30P", time(19, 30)),
        ("7:30 a", time(7, 30)),
        ("7.30pm", time(19, 30)),
        ("7.30 p.m.", time(19, 30)),
        ("19.30", time(19, 30)),
        ("7:30\u202fPM", time(19, 30)),
        ("7:30\u00a0PM", time(19, 30)),
        ("7:30 PM (EST)", time(19, 30)),
        ("19:30Z", time(19, 30)),
        ("19:30:00-05:00", time(19, 30)),
        ("19:30:00+00", time(19, 30)),
        ("7:30 PM Local", time(19, 30)),
        ("19:30 local time", time(19, 30)),
        ("Noon", time(12, 0)),
        ("12:00 noon", time(12, 0)),
    ],
)
def test_times_have_twelve_hours_or_twenty_four(text, expected):
    assert local_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "730",
        "18",
        "24:00",
        "13:00PM",
        "0:30AM",
        "6:60PM",
        "18:61",
        "evening",
        "6:05PMx",
        "6:05 XM",
        "05/14/2027",
        "Midnight",
    ],
)
def test_anything_else_is_no_time(text):
    with pytest.raises(ValueError, match="6:05PM"):
        local_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "02/30/2026",
        "13/01/2026",
        "14/05/2027",
        "01/01/0000",
        "1/2/2026 x",
        "x",
        "2027-14-05",
        "05/14-2027",
        "46521",
        "14.05.2027",
        "Smarch 4, 2027",
        "05.14.2027",
        "20271405",
        "05/14/2027 19",
        "5/14",
    ],
)
def test_other_dates_than_month_day_and_year_are_refused(text):
    with pytest.raises(ValueError, match="mm/dd/yyyy"):
        us_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "05/14/2027", "5/14/2027", "5/14/27", "05-14-2027", "2027-05-14", "2027/05/14", "2027/5/14", "May 14, 2027",
        "Fri, May 14, 2027", "Friday May 14 2027", "14-May-27", "14 May 2027", "14-MAY-2027", "May 14th, 2027",
        "2027.05.14", "20270514", "Fri 05/14/2027", "05/14/2027 (Fri)", "14th May 2027", "Friday, 14 May 2027",
        "2027-May-14", "May-14-2027", "May 14\u202f2027",
    ],
)  # fmt: skip
def test_dates_that_leave_no_doubt_are_read(text):
    assert us_date(text) == date(2027, 5, 14)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("05/14/2027 7:30 PM", "7:30 PM"),
        ("5/14/27 19:30", "19:30"),
        ("2027-05-14T19:30:00", "19:30:00"),
        ("2027-05-14 19:30:00.000Z", "19:30:00.000"),
        ("2027-05-14T19:30:00-05:00", "19:30:00"),
        ("2027-05-14 19:30:00+00", "19:30:00"),  # as PostgreSQL writes it
        ("May 14, 2027 at 7:30 pm", "7:30 pm"),
        ("05/14/2027 0:00", "0:00"),
        ("05/14/2027 7:30p", "7:30p"),
        ("05/14/2027 7PM", "7PM"),
        ("05/14/2027 @ 7:30PM", "7:30PM"),
        ("05/14/2027 - 7:30 PM", "7:30 PM"),
        ("05/14/2027 TBA", "TBA"),
        ("2027.05.14 19.30", "19.30"),
        ("20270514T193000Z", "193000"),
        ("2027-05-14T19:30:00-04:00[America/New_York]", "19:30:00"),
    ],
)
def test_a_date_may_have_its_time_behind_it(text, at):
    assert (moment_in(text).day, moment_in(text).time) == (date(2027, 5, 14), at)


def test_the_time_behind_a_date_counts_where_there_is_no_other(read):
    found = read({"EventDate": "12/13/2026 7:30 PM"}, without=("EventTime",))
    assert found.listings[0].event.local_time == time(19, 30)
    found = read({"EventDate": "12/13/2026 0:00"}, without=("EventTime",))
    assert found.listings[0].event.time_tba
    found = read({"EventDate": "12/13/2026 0:00", "EventTime": "8:00 PM"})
    assert found.listings[0].event.local_time == time(20, 0)


def test_a_date_without_a_time_is_a_bad_row_where_the_others_have_one(read):
    found = read({"EventDate": "12/13/2026 7:30 PM"}, {"EventDate": "12/13/2026"}, without=("EventTime",))
    assert [bad.reason for bad in found.bad_rows] == ["EventDate has no time behind it, and the file has no EventTime."]


def test_a_time_that_may_be_evening_is_read_and_told(read):
    cells = ("7:30", "19:30", "07:30", "12:30", "0:30")
    found = read(*({"EventTime": cell} for cell in cells))
    hours = [listing.event.local_time.hour for listing in found.listings]
    assert hours == [7, 19, 7, 12, 0]
    assert found.warnings == ["A time without AM or PM was read as one of 24 hours (line 2, such as '7:30')."]


def test_leading_zeros_of_a_date_may_be_missing():
    assert us_date("1/2/2027") == us_date("01/02/2027") == date(2027, 1, 2)


def test_ten_years_after_a_leap_day_is_the_last_of_february():
    assert furthest_date(date(2028, 2, 29)) == date(2038, 2, 28)


def test_what_is_written_is_read_back():
    for minute in set(range(24 * 60)) - {3 * 60, 3 * 60 + 30}:
        at = time(*divmod(minute, 60))
        assert local_time(write_time(at)) == at
    assert us_date(write_date(date(927, 1, 2))) == date(927, 1, 2)
