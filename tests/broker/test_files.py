"""Whole files: header, encodings, lines, and every fault for which a file is refused."""

import codecs
import csv
import re

import pytest

from mockpos.broker.columns import COLUMNS, REQUIRED, column_called
from mockpos.broker.reader import read_broker_bytes, read_broker_file
from mockpos.domain.errors import BadInput


@pytest.fixture
def refusal(today):
    def refusal(raw: bytes, name: str = "stock.csv") -> str:
        with pytest.raises(BadInput) as caught:
            read_broker_bytes(raw, name, today=today)
        assert str(caught.value).startswith(name)
        return str(caught.value)

    return refusal


@pytest.fixture
def listings_in(today):
    def listings_in(raw: bytes, name: str = "stock.csv"):
        found = read_broker_bytes(raw, name, today=today)
        assert found.bad_rows == []
        return found.listings

    return listings_in


def test_a_byte_order_mark_and_crlf_make_no_difference(written, listings_in):
    text = written({}, {"Notes": "Café, 3 ✓"})
    plain = listings_in(text.encode())
    assert listings_in(codecs.BOM_UTF8 + text.encode()) == plain
    assert listings_in(text.replace("\n", "\r\n").encode()) == plain
    assert listings_in(text.replace("\n", "\r").encode()) == plain
    assert plain[1].external_notes == "Café, 3 ✓"


def test_a_txt_file_has_tabs(written, listings_in):
    assert listings_in(written({}, delimiter="\t").encode(), "stock.TXT") == listings_in(written({}).encode())


def test_header_names_may_be_in_any_order_case_and_spacing(written, listings_in, read):
    text = written({"SeatFrom": "3", "SeatThru": "6"})
    rows = [row[::-1] for row in csv.reader(text.splitlines())]
    rows[0] = [re.sub(r"(?<=[a-z])(?=[A-Z])", " _"[len(name) % 2], name).upper() for name in rows[0]]
    assert listings_in("\n".join(",".join(row) for row in rows).encode()) == listings_in(text.encode())


@pytest.mark.parametrize("alias", ["TicketID", "ticketgroupid", "Ticket Group ID", "Remote_ID", "REMOTEID"])
def test_the_remote_id_has_several_names(written, listings_in, alias):
    text = written({"TicketID": "199401-7"}).replace("TicketID", alias)
    assert listings_in(text.encode())[0].remote_id == "199401-7"


def test_every_name_and_alias_means_one_column():
    names = [name for column in COLUMNS for name in (column.name, *column.aliases)]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(column.meaning for column in COLUMNS)
    assert column_called("Ticket IDs") == "TicketIds"


def test_unknown_columns_are_ignored_and_named(written, today):
    text = written({"Edit": "x", "Hide_seat": "Y", "Edit2": ""})
    found = read_broker_bytes(text.encode(), "stock.csv", today=today)
    assert len(found.listings) == 1
    assert found.ignored_columns == ["Edit", "Hide_seat", "Edit2"]


def test_blank_lines_and_empty_rows_are_skipped_but_counted(written, today):
    head, row, bad = written({}, {"Cost": "?"}).splitlines()
    text = f"\n{head}\n\n{row}\n,,,\n  \n{bad}\n\n"
    found = read_broker_bytes(text.encode(), "stock.csv", today=today)
    assert len(found.listings) == 1
    assert [row.line for row in found.bad_rows] == [7]


def test_a_line_is_where_the_row_begins_even_after_fields_of_several_lines(read):
    found = read({"Notes": "one\ntwo\r\nthree"}, {"Cost": "?", "Notes": "a\nb"}, {"Quantity": "?"})
    assert [bad.line for bad in found.bad_rows] == [5, 7]


def test_cells_too_few_or_too_many_are_a_bad_row(written, today):
    head, row = written({}).splitlines()
    text = f'{head}\n{row},\n{row},"x"\n{row.rsplit(",", 1)[0].replace("1", "2", 1)}\n'
    found = read_broker_bytes(text.encode(), "stock.csv", today=today)
    assert len(found.listings) == 1
    assert [(bad.line, bad.reason) for bad in found.bad_rows] == [
        (3, "The row has 12 cells, and the header 11: quote every field that has the delimiter in it."),
        (4, "Cost is empty."),
    ]


def test_a_row_may_be_short_of_trailing_empty_cells(written, listings_in):
    head, row = written({}).splitlines()
    text = f"{head},Notes,Row 2,InternalNotes\n{row}\n"
    assert listings_in(text.encode()) == listings_in(written({}).encode())


def test_a_quote_that_is_not_doubled_spoils_its_row_only(written, today):
    text = written({"Event": "KENNY"}, {}).replace("KENNY", 'Kenny "Babyface" Edmonds')
    found = read_broker_bytes(text.encode(), "stock.csv", today=today)
    assert [listing.remote_id for listing in found.listings] == ["2"]
    assert found.bad_rows[0].line == 2
    assert 'must be doubled ("")' in found.bad_rows[0].reason


@pytest.mark.parametrize("raw", [b"", b"  \n\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b",,,\n,,,\n", b"sep=;\n"])
def test_an_empty_file_is_refused(refusal, raw):
    assert "the file is empty" in refusal(raw)


def test_a_header_without_rows_is_no_listing_and_a_warning(written, today):
    found = read_broker_bytes(written().encode(), "stock.csv", today=today)
    assert found.listings == []
    assert found.warnings == ["The file has a header, but no listing."]


def test_a_file_without_a_header_is_refused(refusal, written):
    said = refusal(written({}).split("\n", 1)[1].encode())
    assert "line 1: this is no header" in said
    assert all(column in said for column in REQUIRED)


def test_missing_required_columns_are_named_with_those_that_were_found(refusal, written):
    said = refusal(written({"Fee": "1"}, without=("Cost", "SeatThru")).encode())
    assert "2 required columns are missing: SeatThru, Cost." in said
    assert "Found: TicketID, Event, Venue" in said
    assert "Fee" in said


@pytest.mark.parametrize("second", ["Section", "section "])
def test_a_column_given_twice_under_one_name_is_refused(refusal, written, second):
    said = f"the column Section is given twice: {second.strip()}. Keep one of them."
    assert said in refusal(written({"Second": "1"}).replace("Second", second).encode())


@pytest.mark.parametrize(
    ("delimiter", "name", "said"),
    [
        ("\t", "stock.csv", "line 1: tabs between the columns, where a file of this name has commas"),
        (";", "stock.csv", "line 1: semicolons between the columns"),
        (",", "stock.txt", "line 1: commas between the columns, where a file of this name has tabs"),
    ],
)
def test_the_wrong_delimiter_is_named(refusal, written, delimiter, name, said):
    assert said in refusal(written({}, delimiter=delimiter).replace('"', "").encode(), name)
    assert said in refusal(written({}, delimiter=delimiter).encode(), name)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-16", "The file is UTF-16, and was read as such."),
        ("utf-16-le", "The file is UTF-16, and was read as such."),
        ("utf-16-be", "The file is UTF-16, and was read as such."),
        ("utf-32", "The file is UTF-32, and was read as such."),
        ("utf-32-le", "The file is UTF-32, and was read as such."),
        ("utf-32-be", "The file is UTF-32, and was read as such."),
        ("cp1252", "The file is not UTF-8, and was read as windows-1252: check the accents, as in"),
    ],
)
def test_other_encodings_are_read_and_told(written, today, encoding, told):
    text = written({}, {"Notes": "Café \u201cLarch\u201d"})
    found = read_broker_bytes(text.encode(encoding), "stock.csv", today=today)
    assert [listing.external_notes for listing in found.listings] == ["", "Café \u201cLarch\u201d"]
    assert found.warnings[0].startswith(told)


def test_utf_8_that_is_damaged_is_not_taken_for_another_encoding(refusal, written):
    text = written({"Notes": "Théâtre"}, {"Notes": "Cafe"}).encode().replace(b"Cafe", b"Caf\xe9")
    assert "line 3: byte 0xE9 is not UTF-8" in refusal(text)
    assert "line 3: byte 0xE9 is not UTF-8" in refusal(text.replace(b"\n", b"\r\n"))


def test_utf_16_that_is_cut_off_is_refused(refusal, written):
    assert "the file is UTF-16, and damaged or cut off" in refusal(written({}).encode("utf-16")[:-1])


def test_binary_files_are_refused(refusal, written):
    assert "line 2: a NUL byte" in refusal(written({"Notes": "a\0b"}).encode())
    assert "this is an Excel workbook: name it .xlsx" in refusal(b"PK\x03\x04\x14\x00\x06\x00")
    assert "this is an old Excel workbook (.xls)" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1")
    assert "this is a PDF" in refusal(b"%PDF-1.7")
    assert "a gzip archive. Unpack it first" in refusal(b"\x1f\x8b\x08\x00")
    assert "a web page or XML" in refusal(b"\n<!DOCTYPE html>\n<table><tr><td>Event")


def test_an_unclosed_quote_is_refused_with_the_line_it_is_in(refusal, written):
    said = refusal((written({}, {}) + '"3","Some event').encode())
    assert "line 4: a quote opened in the row that begins here is never closed" in said


def test_a_field_beyond_the_limit_is_refused_with_its_line(refusal, written):
    said = refusal(written({}, {"Notes": "x" * 140_000}).encode())
    assert "line 3: a field of the row that begins here is longer than 131,072 characters" in said


def test_a_quote_fault_in_the_header_is_refused(refusal, written):
    assert "line 1: the header cannot be read" in refusal(b'"Ev"ent",Venue\n')


@pytest.mark.parametrize("lost", ["Th\ufffdatre", "Th\u00c3\u00a9\u00c3\u00a2tre"])
def test_accents_that_were_lost_before_are_told(written, today, lost):
    found = read_broker_bytes(written({"Notes": "S\u00c3O"}, {"Notes": lost}).encode(), "stock.csv", today=today)
    [told] = found.warnings
    assert "damaged accents" in told
    assert lost in told
    assert "on line 3" in told


@pytest.mark.parametrize("name", ["stock.xls", "stock.ods", "stock.html"])
def test_a_spreadsheet_of_another_kind_is_told_to_be_saved_as_csv(refusal, written, name):
    assert "save it as CSV UTF-8" in refusal(written({}).encode(), name)


@pytest.mark.parametrize("name", ["stock.doc", "stock.numbers"])
def test_other_kinds_of_file_are_refused(refusal, written, name):
    assert "broker files are named .csv (commas) or .txt (tabs)" in refusal(written({}).encode(), name)


def test_a_file_that_is_not_there_or_is_a_directory_is_refused(tmp_path, today):
    with pytest.raises(BadInput, match=r"stock\.csv: there is no such file"):
        read_broker_file(tmp_path / "stock.csv", today=today)
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(BadInput, match="this is a directory"):
        read_broker_file(tmp_path / "dir.csv", today=today)


def test_progress_grows_to_a_hundred(tmp_path, written, today):
    path = tmp_path / "stock.csv"
    path.write_text(written(*[{}] * 500), encoding="utf-8")
    told: list[int] = []
    read_broker_file(path, today=today, progress=told.append)
    assert told == sorted(set(told))
    assert told[-1] == 100
    assert len(told) > 90
