"""The line that each call leaves in the terminal."""

from collections.abc import Callable

import pytest

from mockpos.contract.loader import load_contract
from mockpos.web.app import build_app
from mockpos.web.call_log import _LONGEST, CallLog, plain, printable
from tests.conftest import ReadingClient, TestBed

Lines = list[str]


@pytest.fixture
def logged(bed: TestBed) -> Callable[[bool], Lines]:
    """Log the calls of the bed; return the lines, which grow."""

    def log(with_control: bool) -> Lines:
        lines: Lines = []
        call_log = CallLog(bed.clock, lines.append, plain, with_control=with_control)
        app = build_app(bed.mock, load_contract(), call_log)
        app.test_client_class = ReadingClient
        bed.client = app.test_client()
        return lines

    return log


def test_a_call_has_its_outcome_its_sandbox_and_its_request_id(bed: TestBed, logged: Callable[[bool], Lines]) -> None:
    lines = logged(False)
    key = bed.client.post("/_mock/sandboxes", json={"name": "ci"}).get_json()["api_key"]
    bed.hold(global_id="g-1")
    body = {"remote_id": "none", "quantity": 2, "global_id": "g-2"}
    bed.client.post("/v1/holds", json=body, headers={"X-API-Key": key, "X-Request-Id": "mine-7"})
    first, second = lines
    assert first.startswith("12:00:00.000 hold     200 held  TG-1 2 g-1  ")
    assert first.split()[-2] == "default"
    assert second.split()[-2:] == ["ci", "mine-7"]
    assert "404 listing_not_found" in second


def test_control_calls_and_pages_are_left_out_unless_asked_for(bed: TestBed, logged: Callable[[bool], Lines]) -> None:
    lines = logged(False)
    bed.client.get("/_mock/clock")
    bed.client.get("/docs/codes")
    assert lines == []
    lines = logged(True)
    bed.client.get("/_mock/clock")
    bed.client.get("/docs/codes")
    bed.hold()
    assert [line.split()[1] for line in lines] == ["control", "control", "hold"]
    assert "GET /_mock/clock" in lines[0]


def test_what_a_rule_did_stands_at_the_end(bed: TestBed, logged: Callable[[bool], Lines]) -> None:
    lines = logged(False)
    bed.hold(remote_id="MOCK-LISTING_SOLD_OUT")
    assert "[magic/" in lines[0]
    assert lines[0].rstrip().endswith("respond listing_sold_out]")


def test_nothing_a_caller_sends_moves_the_terminal(bed: TestBed, logged: Callable[[bool], Lines]) -> None:
    lines = logged(True)
    bed.hold(remote_id="\x1b]0;owned\x07")
    bed.client.get("/\x1b[2J")
    assert not any(each in line for line in lines for each in ("\x1b", "\x07"))


def test_a_text_that_just_fits_is_shown_whole() -> None:
    assert printable("x" * _LONGEST) == "x" * _LONGEST
    assert printable("x" * (_LONGEST + 1)) == "x" * (_LONGEST - 3) + "..."
