import pytest

from mockpos.broker.event_columns import performers_in
from mockpos.domain.event import EventState


def test_rows_of_one_event_share_one_object(read):
    found = read({}, {"Event": "ATLANTA  Falcons at New Orleans Saints"}, {"EventTime": "06:05 pm"})
    assert len(found.listings) == 3
    assert len({id(listing.event) for listing in found.listings}) == 1


def test_the_same_event_in_two_files_has_the_same_id_and_others_have_others(read):
    same = read({}).listings[0].event.event_id
    assert same == read({"Section": "GA", "City": "New Orleans"}).listings[0].event.event_id
    for column, cell in {"Event": "x", "Venue": "y", "EventDate": "12/14/2026", "EventTime": "TBA"}.items():
        assert read({column: cell}).listings[0].event.event_id != same


def test_midnight_and_tba_are_different_events(read):
    midnight, tba = (read({"EventTime": time}).listings[0].event for time in ("12:00AM", "TBA"))
    assert midnight.event_id != tba.event_id


@pytest.mark.parametrize(
    ("name", "performers"),
    [
        ("Atlanta Hawks at New Orleans Saints", ("New Orleans Saints", "Atlanta Hawks")),
        ("Atlanta Hawks AT New Orleans Saints", ("New Orleans Saints", "Atlanta Hawks")),
        ("New Orleans Saints", ("New Orleans Saints",)),
        ("Day at the Races at Ascot", ("Ascot", "Day at the Races")),
        ("Phish at The Sphere", ("Phish",)),
        ("Matt & Kim", ("Matt & Kim",)),
    ],
)
def test_the_home_team_comes_first(name, performers):
    assert performers_in(name, "The Sphere") == performers


def test_performers_may_be_given(read):
    event = read({"Performers": "Brandy | Kenny"}).listings[0].event
    assert event.performers == ("Brandy", "Kenny")


def test_the_event_can_be_described_further(read):
    event = (
        read({"City": "New Orleans", "TimeZone": "America/Chicago", "EventState": "Cancelled", "Category": "NFL"})
        .listings[0]
        .event
    )
    assert (event.venue.city, event.venue.time_zone) == ("New Orleans", "America/Chicago")
    assert (event.state, event.category) == (EventState.CANCELED, "NFL")


def test_rows_that_contradict_each_other_about_an_event_are_bad(read):
    found = read({"City": "New Orleans"}, {"City": ""}, {"City": "Boston", "EventState": "canceled"})
    assert len(found.listings) == 2
    [bad] = found.bad_rows
    assert bad.reason == "The row describes its event otherwise than line 2 does, in City, EventState."


def test_an_event_id_is_taken_and_cannot_mean_two_events(read):
    found = read({"EventID": "77"}, {"EventID": "77", "EventDate": "12/14/2026"})
    assert found.listings[0].event.event_id == "77"
    assert found.bad_rows[0].reason == "The row describes its event otherwise than line 2 does, in EventDate."


def test_a_row_that_says_whether_it_is_mapped_may_have_no_event(read):
    empty = {"Event": "", "Venue": "", "EventDate": "", "EventTime": ""}
    assert read({**empty, "Mapped": "N"}).listings[0].event is None
    [bad] = read(empty).bad_rows
    assert bad.reason == "Event is empty. Venue is empty. EventDate is empty."
