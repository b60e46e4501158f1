"""When an event is over, and moments as text."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockpos.domain.clock import Millis, from_datetime, parse_rfc3339, rfc3339, to_datetime
from mockpos.domain.event import Event, Venue, end_of_day


@pytest.mark.parametrize(
    ("day", "zone", "ends"),
    [
        ("2026-11-23", None, "2026-11-24T00:00:00.000Z"),
        ("2026-11-23", "UTC", "2026-11-24T00:00:00.000Z"),
        ("2026-11-23", "America/New_York", "2026-11-24T05:00:00.000Z"),
        ("2026-07-04", "America/New_York", "2026-07-05T04:00:00.000Z"),
        ("2026-03-08", "America/New_York", "2026-03-09T04:00:00.000Z"),  # 23 hours long
        ("2026-11-01", "America/New_York", "2026-11-02T05:00:00.000Z"),  # 25 hours long
        ("2026-12-05", "Pacific/Auckland", "2026-12-05T11:00:00.000Z"),
        ("2026-12-05", "Asia/Kathmandu", "2026-12-05T18:15:00.000Z"),
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"),  # midnight itself was skipped there
        ("9999-12-31", None, "9999-12-31T00:00:00.000Z"),  # there is no day after it
    ],
)
def test_an_events_day_ends_at_midnight_of_its_venue(day: str, zone: str | None, ends: str) -> None:
    assert rfc3339(end_of_day(date.fromisoformat(day), zone)) == ends


@pytest.mark.parametrize(
    "zone", ["", " ", ".", "America", "Nowhere/Land", "../etc/passwd", "/etc/passwd", "a\0b", "é", "x" * 300, "\udc80"]
)
def test_an_unknown_zone_counts_as_utc(zone: str) -> None:
    assert rfc3339(end_of_day(date(2026, 11, 23), zone)) == "2026-11-24T00:00:00.000Z"


@pytest.mark.parametrize("tba", [True, False])
def test_an_event_is_over_when_its_day_is_whatever_its_hour(tba: bool) -> None:
    event = Event("E", "Final", Venue("Hall", time_zone="America/New_York"), date(2026, 11, 23), time(19, 30), tba)
    ends = parse_rfc3339("2026-11-24T05:00:00.000Z")
    assert not event.is_over(Millis(ends - 1))
    assert event.is_over(ends)


@given(st.integers(-60_000_000_000_000, 250_000_000_000_000))
def test_a_moment_reads_as_it_was_written(at: int) -> None:
    text = rfc3339(Millis(at))
    assert parse_rfc3339(text) == at
    assert from_datetime(to_datetime(Millis(at))) == at
    assert len(text) == len("2026-11-23T14:02:07.120Z")


@pytest.mark.parametrize("text", ["", "soon", "2026-11-23", "2026-11-23T12:00:00", "2026-02-30T00:00:00Z"])
def test_what_names_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"nvalid isoformat|no time zone|in range|out of range"):
        parse_rfc3339(text)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        from_datetime(datetime(2026, 1, 1))  # noqa: DTZ001  # that is what is tested
