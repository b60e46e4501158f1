"""A world with an anchor sells at every start, however old its file is; a broker's own dates stay."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import mockpos.bootstrap
from mockpos.bootstrap import Mock, build
from mockpos.domain.clock import Millis, from_datetime, to_datetime
from mockpos.domain.errors import Refusal
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.inventory_files import import_file, read_file, seed_file
from mockpos.services.import_listings import ImportMode
from mockpos.settings import read_settings

FIRST_START = datetime(2026, 11, 29, 12, tzinfo=UTC)
CSV = """TicketID,Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost
K1,Cedar Rapids Owls,Larch Hall,12/14/2026,7:30PM,4,110,C,5,8,45.00
"""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> "Machine":
    machine = Machine()
    monkeypatch.setattr(mockpos.bootstrap, "SystemClock", lambda: machine)
    return machine


class Machine:
    """The clock of the machine that mockpos is started on."""

    def __init__(self) -> None:
        self.at = FIRST_START

    def now(self) -> Millis:
        return from_datetime(self.at)


def start(inventory: Path, **settings: str) -> Mock:
    return build(read_settings({"inventory": str(inventory), "fixture": "arena", **settings}, {}))


def hold(mock: Mock, remote_id: str, global_id: str) -> Hold:
    return mock.sandboxes.default.automator.hold(remote_id=remote_id, quantity=2, global_id=global_id).hold


def days_ahead(mock: Mock, remote_id: str) -> int:
    now = to_datetime(mock.sandboxes.default.clock.now()).date()
    found = next(one for one, _ in mock.inventory.listings() if one.remote_id == remote_id)
    assert found.event is not None
    return (found.event.local_date - now).days


@pytest.mark.parametrize("days", [1, 6, 7, 13, 20, 400, 4000])
def test_a_file_of_any_age_sells_what_it_sold_when_it_was_new(clock: Machine, tmp_path: Path, days: int) -> None:
    inventory = tmp_path / "inventory.json"
    first = start(inventory)
    ahead = days_ahead(first, "TG-1042")
    hold(first, "TG-1042", "order-1")
    first.inventory.close()
    clock.at += timedelta(days=days)
    later = start(inventory)
    assert ahead - 6 <= days_ahead(later, "TG-1042") <= ahead + 6
    assert hold(later, "TG-1042", "order-2").seats == ((0, 2),)
    later.inventory.close()


def test_live_holds_and_sales_stay_as_they_are(clock: Machine, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.json"
    first = start(inventory, hold_ttl="300d")
    automator = first.sandboxes.default.automator
    held, sold = hold(first, "TG-1042", "held"), hold(first, "TG-1042", "sold")
    automator.invoice(global_id="sold", order_id="1-2")
    first.inventory.close()
    clock.at += timedelta(days=60)
    later = start(inventory)
    again, was_sold = later.inventory.peek("held"), later.inventory.peek("sold")
    assert again is not None
    assert was_sold is not None
    assert (again.seats, again.expires_at) == (held.seats, held.expires_at)
    assert (was_sold.status, was_sold.seats) == (HoldStatus.INVOICED, sold.seats)
    assert later.sandboxes.default.automator.invoice(global_id="held", order_id="1-3").invoice.order_id == "1-3"
    later.inventory.close()


def test_a_world_that_was_moved_and_killed_is_moved_once(clock: Machine, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.json"
    start(inventory).inventory.close()
    clock.at += timedelta(days=30)
    killed = start(inventory)
    hold(killed, "TG-1042", "order-1")
    ahead = days_ahead(killed, "TG-1042")
    copies = tmp_path / "after-kill"
    copies.mkdir()
    for path in tmp_path.glob("inventory.json*"):
        if path.suffix != ".lock":
            (copies / path.name).write_bytes(path.read_bytes())
    killed.inventory.close()
    recovered = start(copies / "inventory.json")
    assert days_ahead(recovered, "TG-1042") == ahead
    assert recovered.inventory.peek("order-1") is not None
    recovered.inventory.close()


def test_a_start_within_the_week_leaves_the_file_as_it_is(clock: Machine, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.json"
    start(inventory).inventory.close()
    before = inventory.read_bytes()
    start(inventory).inventory.close()
    assert inventory.read_bytes() == before


def test_a_seeded_file_is_moved_too(clock: Machine, tmp_path: Path) -> None:
    inventory = tmp_path / "seeded.json"
    seed_file(inventory, count=200, seed=7, anchor=FIRST_START.date() - timedelta(days=800))
    mock = start(inventory)
    on_sale = [one for one, _ in mock.inventory.listings() if one.not_for_sale_because(clock.now()) is None]
    assert len(on_sale) > 150
    mock.inventory.close()


def test_dates_are_kept_when_asked(clock: Machine, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.json"
    clock.at += timedelta(days=400)
    mock = start(inventory, dates="keep")
    with pytest.raises(Refusal, match="event over"):
        hold(mock, "TG-1042", "order-1")
    mock.inventory.close()


def test_a_brokers_file_keeps_its_dates(clock: Machine, tmp_path: Path) -> None:
    inventory = tmp_path / "broker.json"
    bring(tmp_path, inventory, ImportMode.NEW)
    clock.at += timedelta(days=400)
    mock = start(inventory)
    with pytest.raises(Refusal, match="event over"):
        hold(mock, "K1", "order-1")
    mock.inventory.close()


def test_a_brokers_listings_keep_their_dates_in_a_world_that_moves(clock: Machine, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.json"
    start(inventory).inventory.close()
    bring(tmp_path, inventory, ImportMode.UPDATE)
    for _ in range(2):
        clock.at += timedelta(days=7)
        mock = start(inventory)
        assert days_ahead(mock, "TG-1042") > 0
        mock.inventory.close()
    assert clock.at.date().isoformat() == "2026-12-13"
    assert days_ahead(mock, "K1") == 1


def test_an_exported_world_goes_on_moving_where_it_is_imported(clock: Machine, tmp_path: Path) -> None:
    exported, inventory = tmp_path / "exported.json", tmp_path / "inventory.json"
    start(exported).inventory.close()
    import_file(exported, read_file(exported), inventory, mode=ImportMode.NEW, skip=False)
    clock.at += timedelta(days=400)
    mock = start(inventory)
    assert hold(mock, "TG-1042", "order-1").seats == ((0, 2),)
    mock.inventory.close()


def test_importing_its_own_export_changes_nothing(clock: Machine, tmp_path: Path) -> None:
    inventory, exported = tmp_path / "inventory.json", tmp_path / "exported.json"
    start(inventory).inventory.close()
    exported.write_bytes(inventory.read_bytes())
    report = import_file(exported, read_file(exported), inventory, mode=ImportMode.UPDATE, skip=False)
    assert (report.added, report.updated) == (0, 0)
    assert not any("fixed_date" in event for event in json.loads(inventory.read_text())["events"].values())


def bring(folder: Path, inventory: Path, mode: ImportMode) -> None:
    file = folder / "tickets.csv"
    file.write_text(CSV)
    import_file(file, read_file(file), inventory, mode=mode, skip=False)
