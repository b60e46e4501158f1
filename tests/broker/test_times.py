from datetime import date, time

import pytest

from mockpos.broker.times import furthest_date, local_time, us_date, write_date, write_time

TBA = (
    "", "TBA", "tba", "Tba", "NULL", "null", "00:00:00", "00:00",
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
    ],
)
def test_times_have_twelve_hours(text, expected):
    assert local_time(text) == expected


@pytest.mark.parametrize("text", ["18:05", "6:05", "13:00PM", "0:30AM", "6:60PM", "6PM", "evening", "6:05PMx", "TBD"])
def test_anything_else_is_no_time(text):
    with pytest.raises(ValueError, match="6:05PM"):
        local_time(text)


@pytest.mark.parametrize("text", ["2026-12-13", "12/13/26", "02/30/2026", "13/01/2026", "01/01/0000", "1/2/2026 ", "x"])
def test_other_dates_than_month_day_and_year_are_refused(text):
    with pytest.raises(ValueError, match="mm/dd/yyyy"):
        us_date(text)


def test_leading_zeros_of_a_date_may_be_missing():
    assert us_date("1/2/2027") == us_date("01/02/2027") == date(2027, 1, 2)


def test_ten_years_after_a_leap_day_is_the_last_of_february():
    assert furthest_date(date(2028, 2, 29)) == date(2038, 2, 28)


def test_what_is_written_is_read_back():
    for minute in set(range(24 * 60)) - {3 * 60, 3 * 60 + 30}:
        at = time(*divmod(minute, 60))
        assert local_time(write_time(at)) == at
    assert us_date(write_date(date(927, 1, 2))) == date(927, 1, 2)
