"""A file without an id column: ids made from the rows."""

import cProfile

import pytest

from mockpos.broker.reader import read_broker_bytes


@pytest.fixture
def ids(read):
    def ids(*rows):
        found = read(*rows, without=("TicketID",))
        assert found.bad_rows == []
        return [listing.remote_id for listing in found.listings]

    return ids


def test_the_same_rows_get_the_same_ids_and_a_warning(read, ids):
    rows = {"Section": "1"}, {"Section": "2"}, {"SeatFrom": "3", "SeatThru": "6"}
    assert ids(*rows) == ids(*rows)
    assert len(set(ids(*rows))) == 3
    [warning] = read({}, without=("TicketID",)).warnings
    assert "no TicketID column" in warning


def test_the_ids_stay_as_they_are_from_release_to_release(ids):
    assert ids({}, {}) == ["row-a9a124bc44f8be14115f", "row-aae29eb15d488f2c1124"]


def test_rows_that_are_alike_get_ids_of_their_own(ids):
    alike = ids({}, {}, {})
    assert len(set(alike)) == 3
    assert ids({}, {"Section": "x"}, {})[::2] == alike[:2]


def test_a_price_or_a_note_changes_no_id_but_tickets_do(ids):
    [plain] = ids({})
    assert ids({"Cost": "99", "Notes": "new", "SplitType": "ALL"}) == [plain]
    for change in ({"Quantity": "3"}, {"Section": "x"}, {"Row": "x"}, {"SeatFrom": "1"}, {"EventDate": "12/14/2026"}):
        assert ids(change) != [plain]


def test_bad_rows_take_no_id_away(read):
    found = read({"Cost": "?"}, {}, without=("TicketID",))
    assert found.listings[0].remote_id == read({}, without=("TicketID",)).listings[0].remote_id


@pytest.mark.parametrize(
    ("rows", "without"), [(10_000, ()), (50_000, ("TicketID",))], ids=["given ids", "made ids, all rows alike"]
)
def test_the_work_grows_with_the_rows_and_no_faster(written, today, rows, without):
    def calls(rows: int) -> int:
        raw = written(*[{}] * rows, without=without).encode()
        with cProfile.Profile() as profile:
            found = read_broker_bytes(raw, "stock.csv", today=today)
        assert len({listing.remote_id for listing in found.listings}) == rows
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(rows) < 1.01 * calls(1_000) * rows / 1_000
