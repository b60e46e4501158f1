"""What a look finds in the file itself: every fault, where it is, and nothing that only follows from another."""

from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput
from mockpos.fsck.check import check
from tests.conftest import a_listing
from tests.fsck.looks import (
    GOOD_HOLD,
    GOOD_INVOICE,
    GOOD_LISTING,
    INVOICED,
    UNDER_HOLD,
    flip,
    found,
    kinds,
    line_starts,
    notes,
    tables,
)
from tests.store.disk import Opener, busy, crashed, files
from tests.store.test_damaged_files import DAMAGED


@pytest.mark.parametrize("fault", DAMAGED)
def test_what_a_start_refuses_is_found_in_its_words_and_left_alone(open_store: Opener, path: Path, fault: str) -> None:
    path.write_bytes(DAMAGED[fault][0].encode("utf-8", "surrogateescape"))
    before = files(path.parent)
    report = check(path).report
    assert files(path.parent) == before
    assert not report.is_clean
    assert all(finding.meaning and finding.way_out for finding in report.findings)
    with pytest.raises(BadInput) as refused:
        open_store()
    if report.start is not None:
        assert report.start.refuses == str(refused.value)
    else:
        assert report.findings[0].kind in ("not_an_inventory", "bad_document")
        assert report.findings[0].what.split(": ")[-1] in str(refused.value)


def test_all_faults_are_told_at_once(path: Path) -> None:
    path.write_text(
        tables(
            events=[{"event_id": "E", "name": "N", "venue": {"name": "V"}, "occurs_at_local": "soon"}],
            listings=[
                GOOD_LISTING | {"remote_id": "A", "quantity": 0},
                GOOD_LISTING | {"remote_id": "B", "wholesale_price": "dear"},
                UNDER_HOLD | {"remote_id": "C"},
                GOOD_LISTING | {"remote_id": "D", "event_id": "E"},
                GOOD_LISTING | {"remote_id": "F"},
                GOOD_LISTING | {"remote_id": "F"},
            ],
            holds=[
                GOOD_HOLD | {"remote_id": "A"},
                GOOD_HOLD | {"global_id": "g-2", "remote_id": "nowhere"},
                GOOD_HOLD | {"global_id": "g-3", "status": "kept", "remote_id": "D"},
            ],
            invoices=[GOOD_INVOICE | {"global_id": "g-3"}, GOOD_INVOICE | {"global_id": "g-9"}],
            tombstones=[{"global_id": "g-10"}],
        )
    )
    assert [(each.kind, each.table, each.remote_id or each.global_ids) for each in found(path)] == [
        ("bad_document", "events", ()),
        ("bad_document", "listings", "A"),
        ("bad_document", "listings", "B"),
        ("stands_twice", "listings", "F"),
        ("bad_document", "holds", "D"),
        ("unpaired", "invoices", ("g-9",)),
        ("bad_document", "tombstones", ("g-10",)),
        ("unknown_listing", "holds", "nowhere"),
        ("held_differs", "listings", "C"),
    ]
    assert found(path)[0].what.startswith("E: occurs_at_local: ")
    assert found(path)[1].place == "listings 1"


def test_what_only_follows_from_an_unreadable_document_is_not_told(path: Path) -> None:
    """The hold's listing, the invoice's hold and the listing's event are there: they cannot be read."""
    path.write_text(
        tables(
            events=[{"event_id": "E", "name": "N", "occurs_at_local": "2030-01-01T20:00"}],
            listings=[GOOD_LISTING | {"remote_id": 7, "section": ""}, UNDER_HOLD | {"event_id": "E"}],
            holds=[GOOD_HOLD | {"quantity": "2"}, GOOD_HOLD | {"global_id": "g-2", "remote_id": "7"}],
            invoices=[GOOD_INVOICE | {"global_id": "g-1"}],
        )
    )
    assert kinds(path) == ["bad_document"] * 3
    assert [each.table for each in found(path)] == ["events", "listings", "holds"]


def test_an_illegible_key_may_be_anybodys(path: Path) -> None:
    path.write_text(tables(listings=[GOOD_LISTING | {"remote_id": None}], holds=[GOOD_HOLD]))
    assert kinds(path) == ["bad_document"]


def test_every_broken_line_of_a_file_that_is_no_json_is_told_by_its_place(open_store: Opener, path: Path) -> None:
    open_store(path, *(a_listing(f"TG-{number}") for number in range(20))).close()
    good = path.read_bytes()
    starts = line_starts(good)
    for line in (8, 12):
        flip(path, starts[line - 1] + good.split(b"\n")[line - 1].index(b'"section"'), 1)
    first, *broken = found(path)
    assert (first.kind, first.line) == ("not_an_inventory", 8)
    assert first.offset is not None
    assert starts[7] <= first.offset < starts[8]
    assert [(each.kind, each.line, each.offset, each.table) for each in broken] == [
        ("broken_line", 8, starts[7], "listings"),
        ("broken_line", 12, starts[11], "listings"),
    ]
    assert check(path).report.start is None


def test_a_byte_order_mark_counts_among_the_bytes_before_a_broken_place(path: Path) -> None:
    for text, at in (("{,", 1), ("{\n  ,", 4)):
        path.write_text(text, "utf-8-sig")
        assert [each.offset for each in found(path)] == [3 + at]


def test_a_file_that_was_cut_off_is_told_with_its_last_line(open_store: Opener, path: Path) -> None:
    open_store(path, *(a_listing(f"TG-{number}") for number in range(20))).close()
    path.write_bytes(path.read_bytes()[:1500])
    first, broken = found(path)
    assert (first.kind, broken.kind) == ("not_an_inventory", "broken_line")
    assert first.line == broken.line == path.read_bytes().count(b"\n") + 1


def test_commits_that_wait_for_a_broken_file_are_not_lost(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    busy(store)
    copy = crashed(store, "copy")
    good = copy.read_bytes()
    copy.write_bytes(good[:-20])
    copy.with_name("kept.json").write_bytes(good)
    report = check(copy).report
    (waiting,) = (each for each in report.findings if each.kind == "commits_wait")
    assert (waiting.is_note, waiting.passed) == (True, 7)
    assert "a-unknown" in waiting.global_ids


def test_a_bad_meta_document_leaves_the_logs_for_later(open_store: Opener, path: Path) -> None:
    store = open_store(path, a_listing(quantity=20))
    busy(store)
    copy = crashed(store, "copy")
    copy.write_bytes(copy.read_bytes().replace(b'"generation":1', b'"generation":"'))
    assert kinds(copy)[0] == "not_an_inventory"
    copy.write_bytes(copy.read_bytes().replace(b'"generation":"', b'"generation":-1'))
    assert kinds(copy) == ["bad_document"]
    assert "commits_wait" in notes(copy)


def test_a_seat_that_was_sold_twice_is_told_although_a_start_does_not_look(open_store: Opener, path: Path) -> None:
    sold = GOOD_LISTING | {"quantity": 6, "available": 2, "held": 0, "sold": 4, "free_seats": ["9-10"]}
    path.write_text(
        tables(
            listings=[sold],
            holds=[INVOICED, INVOICED | {"global_id": "g-2", "seats": ["6-7"], "invoice_id": "INV-000002"}],
            invoices=[
                GOOD_INVOICE,
                GOOD_INVOICE | {"global_id": "g-2", "seats": ["6-7"], "invoice_id": "INV-000002", "order_id": "o-2"},
            ],
        )
    )
    (finding,) = found(path)
    assert (finding.kind, finding.refuses_start, finding.can_repair) == ("sold_twice", False, False)
    assert finding.what == "listing TG-1: seat 6 is sold to g-1 and sold to g-2"
    assert len(open_store().world.closed) == 2


def test_a_long_run_is_compared_with_all_that_it_covers(path: Path) -> None:
    def invoice(number: int, seats: str, quantity: int) -> dict[str, object]:
        return GOOD_INVOICE | {
            "global_id": f"g-{number}", "order_id": f"o-{number}", "invoice_id": f"INV-00000{number}",
            "seats": [seats], "quantity": quantity,
        }  # fmt: skip

    invoices = [invoice(1, "5-12", 8), invoice(2, "6-7", 2), invoice(3, "9-10", 2)]
    holds = [{**INVOICED, **{key: each[key] for key in ("global_id", "seats", "quantity")}} for each in invoices]
    listing = GOOD_LISTING | {"quantity": 20, "available": 8, "held": 0, "sold": 12, "free_seats": ["17-24"]}
    path.write_text(tables(listings=[listing], holds=holds, invoices=invoices))
    assert [each.global_ids for each in found(path)] == [("g-2",), ("g-3",)]


def test_sold_and_free_sold_and_held_and_a_number_twice_are_told(path: Path) -> None:
    listings = [
        GOOD_LISTING | {"remote_id": "FREE", "available": 2, "held": 0, "sold": 2, "free_seats": ["6-7"]},
        GOOD_LISTING | {"remote_id": "HELD", "available": 0, "held": 2, "sold": 2, "free_seats": []},
    ]
    path.write_text(
        tables(
            listings=listings,
            holds=[
                INVOICED | {"global_id": "f", "remote_id": "FREE"},
                INVOICED | {"global_id": "s", "remote_id": "HELD"},
                GOOD_HOLD | {"global_id": "h", "remote_id": "HELD", "seats": ["6-7"]},
            ],
            invoices=[
                GOOD_INVOICE | {"global_id": "f", "remote_id": "FREE"},
                GOOD_INVOICE | {"global_id": "s", "remote_id": "HELD", "order_id": "o-2"},
            ],
        )
    )
    assert [(each.kind, each.remote_id) for each in found(path)] == [
        ("invoice_id_twice", "HELD"),
        ("sold_and_free", "FREE"),
        ("sold_and_held", "HELD"),
    ]


def test_a_listing_that_forgot_a_sale_is_told(path: Path) -> None:
    path.write_text(tables(listings=[GOOD_LISTING], holds=[INVOICED], invoices=[GOOD_INVOICE]))
    assert kinds(path) == ["sold_differs", "sold_and_free"]


def test_a_stolen_hold_has_no_seats_that_others_could_not_buy(path: Path) -> None:
    listing = GOOD_LISTING | {"available": 2, "held": 0, "sold": 2, "free_seats": ["7-8"]}
    path.write_text(
        tables(
            listings=[listing],
            holds=[GOOD_HOLD | {"global_id": "broken", "stolen": True}, INVOICED],
            invoices=[GOOD_INVOICE],
        )
    )
    assert check(path).report.is_clean


def test_what_was_sold_elsewhere_has_no_invoice_and_is_no_fault(path: Path) -> None:
    sold_out = GOOD_LISTING | {"available": 0, "held": 0, "sold": 4, "free_seats": []}
    path.write_text(tables(listings=[sold_out], holds=[INVOICED], invoices=[GOOD_INVOICE]))
    assert check(path).report.is_clean


def test_thousands_of_bad_documents_are_counted_and_not_kept(path: Path) -> None:
    listings = [GOOD_LISTING | {"remote_id": f"TG-{number}", "quantity": 0} for number in range(3_000)]
    path.write_text(tables(listings=listings))
    report = check(path).report
    assert len(report.findings) == 1_001
    assert report.findings[-1].what == "2,000 more findings of its documents"


def test_seats_that_two_listings_offer_are_a_finding_and_no_start_minds(open_store: Opener, path: Path) -> None:
    event = {"event_id": "E", "name": "N", "venue": {"name": "V"}, "occurs_at_local": "2034-01-01T20:00"}
    listing = GOOD_LISTING | {"event_id": "E", "row": "C"}
    other = listing | {"remote_id": "TG-2", "seat_from": 7, "row": "c"}
    path.write_text(tables(events=[event], listings=[listing, other, listing | {"remote_id": "TG-3", "retired": True}]))
    (finding,) = found(path)
    assert (finding.kind, finding.remote_id, finding.refuses_start) == ("seats_overlap", "TG-2", False)
    assert finding.what == "TG-2 has seats that TG-1 has too (section 1, row C, seats 7, 8)"
    open_store().close()


def test_listings_that_are_over_are_a_note_with_the_ways_out(path: Path) -> None:
    events = [
        {"event_id": each, "name": "N", "venue": {"name": "V"}, "occurs_at_local": f"{year}-01-01T20:00"}
        for each, year in (("PAST", 2020), ("AHEAD", 2094))
    ]
    listings = [GOOD_LISTING | {"remote_id": f"TG-{each['event_id']}", "event_id": each["event_id"]} for each in events]
    path.write_text(tables(events=events, listings=listings))
    report = check(path).report
    (note,) = report.findings
    assert report.is_clean
    assert (note.kind, note.what) == ("events_over", "1 of 2 listings is over")
    assert "mockpos import FILE --replace" in note.way_out
    path.write_text(tables(meta=[{"anchor": "2020-01-01"}], events=events, listings=listings))
    assert notes(path) == []  # a start moves them
