"""The committed worlds are what the code writes, and hold what documentation promises."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.json import decode
from tinydb import TinyDB, where

from mockpos.codecs.documents import read_event, read_listing
from mockpos.domain.clock import from_datetime
from mockpos.domain.listing import Listing, SplitType, Stock, valid_quantities
from mockpos.domain.seats import Numbering, take
from mockpos.files import shipped
from tests.seeding.shipped_worlds import write_fixtures

FILES = ["arena.json", "tiny.json"]
ANCHOR = date(2026, 11, 23)
NOON = from_datetime(datetime(2026, 11, 23, 12, tzinfo=UTC))


def read(name: str) -> dict[str, Listing]:
    tables = decode((shipped("fixtures") / name).read_bytes())
    events = {document["event_id"]: read_event(document) for document in tables["events"].values()}
    listings = [read_listing(document, events) for document in tables["listings"].values()]
    by_id = {listing.remote_id: listing for listing in listings}
    assert len(by_id) == len(listings)
    return by_id


@pytest.fixture(scope="module")
def arena() -> dict[str, Listing]:
    return read("arena.json")


@pytest.mark.parametrize("name", FILES)
def test_writing_a_world_again_gives_the_committed_bytes(name: str, tmp_path: Path) -> None:
    write_fixtures(tmp_path)
    assert (tmp_path / name).read_bytes() == (shipped("fixtures") / name).read_bytes()


def test_the_module_writes_them_from_the_command_line(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.seeding.shipped_worlds", str(tmp_path)], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_plain_tinydb_opens_a_world(name: str, tmp_path: Path) -> None:
    copy = tmp_path / name
    copy.write_bytes((shipped("fixtures") / name).read_bytes())
    with TinyDB(copy) as database:
        assert database.table("meta").all() == [{"format": 1, "generation": 0, "anchor": "2026-11-23"}]
        assert len(database.table("events")) >= 3
        assert database.table("holds").all() == database.table("invoices").all() == []
        found = database.table("listings").get(where("remote_id") == "TG-1042")
        assert isinstance(found, dict)
        assert found["wholesale_price"] == "120.00"
        database.table("listings").insert({"remote_id": "MINE"})
        assert database.table("listings").contains(where("remote_id") == "MINE")


@pytest.mark.parametrize("name", FILES)
def test_a_world_has_one_document_a_line(name: str) -> None:
    text = (shipped("fixtures") / name).read_text()
    tables = decode(text)
    assert list(tables) == ["meta", "events", "listings", "holds", "invoices"]
    lines = text.splitlines()
    documents = [line for line in lines if line[1:2].isdigit()]
    assert len(documents) == sum(len(table) for table in tables.values())
    assert all(decode("{" + line.removesuffix(",") + "}") for line in documents)
    assert lines[0] == '{"meta": {'
    assert lines[-2:] == ['"holds": {},', '"invoices": {}}']


def test_the_arena_has_about_200_listings_of_a_handful_of_events(arena: dict[str, Listing]) -> None:
    assert 190 <= len(arena) <= 210
    events = {listing.event for listing in arena.values() if listing.event}
    assert len(events) == 6
    assert {event.venue.name for event in events} == {"Harborlight Arena"}
    assert all(event.local_date > ANCHOR for event in events)


def test_the_tiny_world_is_part_of_the_arena(arena: dict[str, Listing]) -> None:
    tiny = read("tiny.json")
    assert list(tiny) == ["TG-1042", "TG-PAIRS", "TG-LAST", "TG-RETIRED", "TG-POSTPONED", "TG-GA", "TG-5000"]
    assert tiny.items() <= arena.items()


def test_no_seat_of_the_arena_is_offered_twice(arena: dict[str, Listing]) -> None:
    offered = Counter(
        (listing.event, listing.section, listing.row, listing.numbering.label(position))
        for listing in arena.values()
        if listing.numbering
        for position in range(listing.quantity)
    )
    assert max(offered.values()) == 1


def test_the_first_hold_of_the_readme_gets_seats_5_and_6(arena: dict[str, Listing]) -> None:
    listing = arena["TG-1042"]
    assert (listing.section, listing.row, listing.wholesale_price) == ("109", "22", Decimal("120.00"))
    assert listing.numbering is not None
    taken, _ = take(Stock.untouched(listing).free, 2)
    assert listing.numbering.labels(taken) == ["5", "6"]


@pytest.mark.parametrize(
    ("remote_id", "expected"),
    [
        ("TG-1042", {"quantity": 8, "split_type": SplitType.ANY, "numbering": Numbering(5)}),
        ("TG-PAIRS", {"quantity": 4, "split_type": SplitType.PAIRS}),
        ("TG-LAST", {"quantity": 1}),
        ("TG-RETIRED", {"retired": True, "superseded_by": "TG-1042"}),
        ("TG-UNMAPPED", {"mapped": False, "broadcast": True}),
        ("TG-UNBROADCAST", {"mapped": True, "broadcast": False}),
        ("TG-GA", {"numbering": None, "quantity": 250, "section": "Floor GA"}),
        ("TG-ODD", {"numbering": Numbering(1, 2), "quantity": 6}),
        ("TG-CUSTOM", {"split_type": SplitType.CUSTOM, "custom_splits": (1, 2, 3, 4, 5, 7), "quantity": 7}),
        ("TG-ALL", {"split_type": SplitType.ALL, "quantity": 4}),
    ],
)
def test_a_promised_listing_is_there(remote_id: str, expected: dict[str, object], arena: dict[str, Listing]) -> None:
    listing = arena[remote_id]
    assert {name: getattr(listing, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("remote_id", "reason"),
    [
        *((name, None) for name in ("TG-1042", "TG-PAIRS", "TG-LAST", "TG-GA", "TG-ODD", "TG-CUSTOM", "TG-ALL")),
        ("TG-POSTPONED", "event postponed"),
        ("TG-CANCELED", "event canceled"),
        ("TG-UNMAPPED", "not mapped to an event"),
        ("TG-UNBROADCAST", "not broadcast"),
    ],
)
def test_a_promised_listing_is_for_sale_or_says_why_not(
    remote_id: str, reason: str | None, arena: dict[str, Listing]
) -> None:
    assert arena[remote_id].not_for_sale_because(NOON) == reason


def test_the_custom_splits_are_those_of_tevos_own_example(arena: dict[str, Listing]) -> None:
    listing = arena["TG-CUSTOM"]
    assert valid_quantities(listing.split_type, listing.custom_splits, listing.quantity) == [1, 2, 3, 4, 5, 7]
