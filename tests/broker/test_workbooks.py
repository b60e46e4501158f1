"""Excel workbooks are read as the CSV they would be; without openpyxl the way out is told."""

import sys
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from mockpos.broker.reader import BrokerFile, read_broker_bytes
from mockpos.domain.errors import BadInput
from mockpos.domain.seats import Numbering
from tests.broker.conftest import PLAIN, TODAY

HEADER = list(PLAIN)
CELLS: dict[str, Any] = {
    **PLAIN, "TicketID": 605696419, "EventDate": datetime.fromisoformat("2026-12-13"), "EventTime": time(18, 5),
    "Quantity": 4.0, "Section": 109, "Row": 22, "SeatFrom": 3, "SeatThru": 6.0, "Cost": 122.5,
}  # fmt: skip


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(raw: bytes, name: str = "sheet.xlsx") -> BrokerFile:
    return read_broker_bytes(raw, name, today=TODAY)


def row(**cells: Any) -> list[Any]:
    return list({**CELLS, **cells}.values())


def test_numbers_dates_and_times_are_read_as_they_look() -> None:
    found = read(workbook(("Stock", [HEADER, row(), row(TicketID="B-2", EventDate=date(2026, 12, 14))])))
    assert found.bad_rows == []
    first, second = found.listings
    assert (first.remote_id, first.quantity, first.section, first.row) == ("605696419", 4, "109", "22")
    assert (first.numbering, str(first.wholesale_price)) == (Numbering(3), "122.50")
    assert first.event is not None
    assert second.event is not None
    assert (first.event.local_date, first.event.local_time) == (date(2026, 12, 13), time(18, 5))
    assert second.event.local_date == date(2026, 12, 14)
    assert found.warnings == ["The sheet 'Stock' of the workbook was read."]


def test_the_sheet_with_the_header_is_read_whatever_stands_before_it() -> None:
    raw = workbook(
        ("Read me", [["Larch Tickets"], ["nothing here"]]), ("Stock", [["Inventory"], [], HEADER, row(), row(Cost="?")])
    )
    found = read(raw)
    assert len(found.listings) == 1
    assert [bad.line for bad in found.bad_rows] == [5]


def test_a_date_with_its_time_is_one_cell() -> None:
    columns = [column for column in HEADER if column != "EventTime"]
    cells = {**CELLS, "EventDate": datetime.fromisoformat("2026-12-13T19:30")}
    del cells["EventTime"]
    [listing] = read(workbook(("Stock", [columns, list(cells.values())]))).listings
    assert listing.event is not None
    assert listing.event.local_time == time(19, 30)


def test_a_workbook_without_a_name_is_known_by_its_bytes() -> None:
    assert len(read(workbook(("Stock", [HEADER, row()])), "standard input").listings) == 1


@pytest.mark.parametrize("raw", [b"TicketID,Event\n", b"PK\3\4 damaged", workbook(("Stock", [HEADER, row()]))[:900]])
def test_what_is_no_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(BadInput, match=r"sheet\.xlsx: this is no Excel workbook, or a damaged one"):
        read(raw)


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    import zipfile

    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "b")
    with pytest.raises(BadInput, match="the workbook cannot be read"):
        read(stream.getvalue())


def test_without_openpyxl_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(BadInput, match=r"pip install 'mockpos\[xlsx\]'\. Or save the sheet as CSV"):
        read(b"PK\3\4")


def test_another_sheet_with_an_inventory_is_named_and_a_hidden_one_is_read_last() -> None:
    both = [HEADER, row()]
    assert read(workbook(("Stock", both), ("More", both))).warnings == [
        "The sheet 'Stock' of the workbook was read, not 'More'."
    ]
    book = openpyxl.load_workbook(BytesIO(workbook(("Hidden", both), ("Cover", [["Larch Tickets"]]))))
    book["Hidden"].sheet_state = "hidden"
    stream = BytesIO()
    book.save(stream)
    assert read(stream.getvalue()).warnings == ["The sheet 'Hidden' of the workbook was read."]


def test_formulas_without_a_value_are_told() -> None:
    found = read(workbook(("Stock", [HEADER, row(Quantity="=2+2")])))
    assert [bad.reason for bad in found.bad_rows] == ["Quantity is empty."]
    assert "Formulas that no program has computed were read as empty" in found.warnings[1]


def test_a_date_that_excel_made_of_seats_is_named_as_such() -> None:
    [bad] = read(workbook(("Stock", [HEADER, row(SeatFrom=date(2026, 5, 8), SeatThru=None)]))).bad_rows
    assert "'2026-05-08' is a date that a spreadsheet made of seats" in bad.reason


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (workbook(("Empty", [])), "the file is empty"),
        (b"", "the file is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel workbook (.xls), or one with a password"),
        (b"Event,Venue\n", "this is no Excel workbook, or a damaged one"),
        (workbook(("Stock", [HEADER, row()]))[:-100], "this is no Excel workbook, or a damaged one"),
    ],
)
def test_what_is_no_workbook_is_refused_by_name(raw: bytes, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(raw)
    assert str(caught.value).startswith("sheet.xlsx: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
