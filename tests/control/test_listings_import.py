"""Importing and exporting whole inventories over the control plane."""

import json
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockpos.control_client import TOKEN_HEADER
from tests.conftest import KEY, ROOT, BedMaker, RunningServer, TestBed, running_server

CSV = (ROOT / "fixtures" / "broker.csv").read_bytes()
CSV_TYPE = {"Content-Type": "text/csv"}
HEADER = "TicketID,Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost\n"


def row(remote_id: str, quantity: str = "2", cost: str = "10") -> str:
    return f"{remote_id},Phish,MSG,12/13/2026,6:05PM,{quantity},1,A,,,{cost}\n"


def sent(bed: TestBed, body: Any, query: str = "", content_type: str = "text/csv") -> Any:
    data = body.encode() if isinstance(body, str) else body
    return bed.client.post(f"/_mock/listings/import{query}", data=data, content_type=content_type)


def test_a_brokers_file_is_imported_and_can_be_sent_again(bed: TestBed) -> None:
    assert sent(bed, CSV).json["added"] == 12
    again = sent(bed, CSV)
    assert (again.status_code, again.json["code"], len(again.json["conflicts"])) == (422, "mock_import_refused", 12)
    assert sent(bed, CSV, "?mode=update").json["unchanged"] == 12


def test_tabs_and_json_are_told_by_the_content_type(bed: TestBed) -> None:
    tabs = (HEADER + row("T-1")).replace(",", "\t")
    assert sent(bed, tabs, content_type="text/tab-separated-values; charset=utf-8").json["added"] == 1
    listing = {"remote_id": "J-1", "section": "1", "quantity": 2, "wholesale_price": 12.5}
    assert sent(bed, json.dumps([listing]), content_type="application/json").json["added"] == 1
    assert bed.call("GET", "/_mock/listings/J-1").json["wholesale_price"] == "12.50"


def test_every_bad_row_is_told_with_its_line_and_nothing_is_imported(bed: TestBed) -> None:
    body = HEADER + row("A") + row("B", quantity="x") + row("C") + row("D", cost="-1")
    refused = sent(bed, body)
    assert refused.status_code == 422
    assert [(bad["line"], bad["remote_id"]) for bad in refused.json["bad_rows"]] == [(3, "B"), (5, "D")]
    assert bed.call("GET", "/_mock/listings").json["total"] == 1
    report = sent(bed, body, "?skip_bad_rows=true").json
    assert (report["added"], report["skipped"], len(report["bad_rows"])) == (2, 2, 2)


def test_replacing_drops_the_rest_save_what_is_held(bed: TestBed) -> None:
    sent(bed, HEADER + row("A") + row("B"))
    bed.hold("TG-1", 1)
    report = sent(bed, HEADER + row("B", cost="12"), "?mode=replace").json
    assert (report["updated"], report["dropped"], report["retired"], report["total"]) == (1, 1, 1, 2)


def test_replacing_is_refused_where_it_would_drop_what_may_be_meant(bed: TestBed) -> None:
    assert sent(bed, HEADER, "?mode=replace").status_code == 422
    assert sent(bed, HEADER + row("A") + row(""), "?mode=replace&skip_bad_rows=true").status_code == 422
    assert bed.call("GET", "/_mock/listings").json["total"] == 1


def test_built_in_and_enormous_listings_are_conflicts(bed: TestBed) -> None:
    body = HEADER + row("MOCK-OK") + row("A", quantity="9999999999") + row("B")
    assert len(sent(bed, body, "?mode=update").json["conflicts"]) == 2
    assert sent(bed, body, "?mode=update&skip_bad_rows=true").json["added"] == 1


def test_an_export_imports_to_the_same_inventory(bed: TestBed) -> None:
    sent(bed, CSV)
    for kind, content_type in (("json", "application/json"), ("csv", "text/csv")):
        exported = bed.call("GET", f"/_mock/listings/export?format={kind}")
        assert exported.content_type.startswith(content_type)
        report = sent(bed, exported.data, "?mode=replace", content_type).json
        assert (report["unchanged"], report["total"]) == (13, 13) if kind == "json" else (12, 13)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "text/csv", 422), (b"", "application/json", 422), (b"\xff\xfe", "text/csv", 422),
        (b"a\0b", "text/csv", 422),
        (b"[" * 100_000, "application/json", 422), (b'[{"remote_id":"a","remote_id":"b"}]', "application/json", 422),
        (b"[NaN]", "application/json", 422), (b'["\\ud800"]', "application/json", 422), (b"5", "application/json", 422),
        (b'"' * 99, "text/csv", 422), (b"{}", "text/plain", 415), (b"{}", "", 415),
        (b"[1e999]", "application/json", 422),
        (b'[{"remote_id": "' + b"a" * 200_000 + b'"}]', "application/json", 422),
        (b'[{"remote_id": "a", "section": "1", "quantity": 999999999999999999, "wholesale_price": 1}]',
         "application/json", 422),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_and_changes_nothing(
    bed: TestBed, body: bytes, content_type: str, status: int
) -> None:
    answer = sent(bed, body, content_type=content_type)
    assert answer.status_code == status, answer.json
    assert len(answer.data) < 5_000
    assert bed.call("GET", "/_mock/listings").json["total"] == 1


def test_a_real_server_takes_a_large_file_there_and_nowhere_else(server: RunningServer) -> None:
    rows = HEADER + "".join(row(f"L-{number}") for number in range(20_000))
    assert len(rows) > 500_000
    for prefix in ("", "/s/default"):
        url = f"{server.url}{prefix}/_mock/listings/import?mode=update"
        answer = httpx.post(url, content=rows, headers=CSV_TYPE, timeout=60)
        assert answer.status_code == 200, answer.text
    chunks = [rows[start:stop].encode() for start, stop in pairwise([*range(0, len(rows), 60_000), len(rows)])]
    chunked = httpx.post(url, content=iter(chunks), headers=CSV_TYPE, timeout=60)
    assert chunked.json()["unchanged"] == 20_000
    elsewhere = httpx.post(f"{server.url}/_mock/pos/sell", content=rows, headers={"Content-Type": "application/json"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (413, "mock_request_too_large")
    too_large = httpx.post(url, content=b"x" * (64 * 1024 * 1024 + 1), headers=CSV_TYPE, timeout=60)
    assert (too_large.status_code, too_large.json()["code"]) == (413, "mock_request_too_large")
    held = {"remote_id": "L-19999", "quantity": 2, "global_id": "g-1"}
    assert httpx.post(f"{server.url}/v1/holds", json=held, headers={"X-API-Key": "mockpos-dev-key"}).status_code == 200


def test_of_two_tokens_the_one_in_the_header_of_its_own_lets_a_large_file_in(make_bed: BedMaker) -> None:
    bed = make_bed(control_token="t0ken")
    rows = HEADER + "".join(row(f"L-{number}") for number in range(1_600))
    for own, bearer, status in (("t0ken", KEY, 200), ("", "t0ken", 200), ("wrong", "t0ken", 401)):
        tokens = {name: value for name, value in ((TOKEN_HEADER, own), ("Authorization", f"Bearer {bearer}")) if value}
        answer = bed.client.post("/_mock/listings/import?mode=update", data=rows, headers={**CSV_TYPE, **tokens})
        assert answer.status_code == status, answer.json


def test_an_import_survives_a_restart(tmp_path: Path) -> None:
    with running_server(tmp_path) as running:
        sent = httpx.post(f"{running.url}/_mock/listings/import", content=HEADER + row("A"), headers=CSV_TYPE)
        assert sent.json()["added"] == 1
        running.stop()
    with running_server(tmp_path) as running:
        assert httpx.get(f"{running.url}/_mock/listings?limit=1").json()["total"] == 201


def form(bed: TestBed, query: str = "", **fields: Any) -> Any:
    return bed.client.post(f"/_mock/listings/import{query}", data=fields, content_type="multipart/form-data")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stock.csv", HEADER + row("F-1")),
        ("stock.tsv", (HEADER + row("F-1")).replace(",", "\t")),
        ("blob", (HEADER + row("F-1")).replace(",", "\t")),
        ("blob", json.dumps([{"remote_id": "F-1", "section": "1", "quantity": 2, "wholesale_price": 12.5}])),
        ("stock.json", json.dumps([{"remote_id": "F-1", "section": "1", "quantity": 2, "wholesale_price": 12.5}])),
    ],
)
def test_a_form_with_the_file_in_data_is_what_tevos_own_upload_takes(bed: TestBed, name: str, text: str) -> None:
    answer = form(bed, data=(BytesIO(text.encode()), name))
    assert (answer.status_code, answer.json["added"]) == (200, 1)


def test_a_form_may_have_the_text_itself_and_say_what_its_columns_are(bed: TestBed) -> None:
    text = (HEADER + row("F-1")).replace("Event,", "Show,").replace("Venue", "Nothing")
    answer = form(bed, data=text, map="Event=show", default="Venue=Larch Hall")
    assert answer.json["added"] == 1
    assert bed.call("GET", "/_mock/listings/F-1").json["event"]["venue"]["name"] == "Larch Hall"


def test_a_query_may_say_what_the_columns_are(bed: TestBed) -> None:
    text = (HEADER + row("F-1")).replace("Event,", "Show,").replace("Cost", "Fee")
    assert sent(bed, text, "?map=Event=show;Cost=fee&default=City=Larchville").json["added"] == 1
    assert sent(bed, text, "?map=Evnt=show").json["detail"].startswith("--map Evnt=show: there is no column 'Evnt'")
    assert "map: 'file.yaml' must be COLUMN=HEADER" in sent(bed, text, "?map=file.yaml").json["detail"]


def test_a_form_without_the_field_names_it(bed: TestBed) -> None:
    answer = form(bed, file=(BytesIO(b"x"), "stock.csv"))
    assert answer.status_code == 422
    assert "the form has no field 'data' with the file; curl: -F data=@FILE" in answer.json["detail"]


def test_a_broken_form_is_refused(bed: TestBed) -> None:
    for body, content_type in ((b"--x\r\n", "multipart/form-data; boundary=x"), (b"", "multipart/form-data")):
        answer = bed.client.post("/_mock/listings/import", data=body, content_type=content_type)
        assert answer.status_code == 422


def test_what_curl_sends_by_default_is_refused_with_the_way_out(bed: TestBed) -> None:
    lost = (HEADER.strip() + ",Notes\n" + row("A")).replace("\n", "")
    answer = sent(bed, lost, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 415
    assert "curl: --data-binary @FILE -H 'Content-Type: text/csv', or -F data=@FILE" in answer.json["detail"]
    assert "its line breaks may be lost: curl -d drops them" in sent(bed, lost).json["detail"]


def test_skipping_bad_rows_until_nothing_is_left_is_refused(bed: TestBed) -> None:
    answer = sent(bed, HEADER + row("A", quantity="x"), "?skip_bad_rows=true")
    assert answer.status_code == 422
    assert "no row is left" in answer.json["detail"]


def test_a_file_of_bad_rows_costs_little_memory(tmp_path: Path) -> None:
    with running_server(tmp_path, "--memory") as server:

        def rss() -> int:
            status = Path(f"/proc/{server.process.pid}/status").read_text()
            return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024

        before = rss()
        body = HEADER.encode() + b",,,x\n" * 1_600_000
        answer = httpx.post(f"{server.url}/_mock/listings/import", content=body, headers=CSV_TYPE, timeout=60)
        assert answer.status_code == 422
        assert "More than 100,000 rows are bad" in answer.json()["detail"]
        assert rss() - before < 100
