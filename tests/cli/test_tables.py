"""Tables at 80, 100 and 200 columns: whatever the data, ids and statuses are whole and no line is too long for want of
leaving something out."""

from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mockpos.cli.table import show_answer, show_document, show_json, show_table

CALL: dict[str, Any] = {
    "at": "2026-11-29T20:05:58.863Z", "request_id": "f34b6657-000002", "operation": "invoice", "status": 404,
    "code": "insufficient_quantity", "global_id": "checkout-17-of-a-long-test-name", "remote_id": "TG-1042",
    "sent": "complete", "injected": "respond invoice_rejected; delay 2s after commit",
}  # fmt: skip


def printed(width: int, show: Any, *arguments: Any, **options: Any) -> list[str]:
    @click.command()
    def command() -> None:
        show(*arguments, **options)

    done = CliRunner(env={"COLUMNS": str(width)}).invoke(command)
    assert done.exit_code == 0, done.exception
    return done.stdout.splitlines()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_calls_fit_with_whole_ids_and_statuses(width: int) -> None:
    lines = printed(width, show_table, [CALL, {**CALL, "global_id": None, "injected": ""}], list(CALL))
    assert all(len(line) <= width for line in lines)
    for line in lines[1:]:
        assert "f34b6657-000002" in line
        assert "404" in line
        assert "20:05:58.863" in line
        assert "2026-11-29" not in line


def test_what_is_left_out_is_named() -> None:
    @click.command()
    def command() -> None:
        show_table([CALL], list(CALL))

    done = CliRunner(env={"COLUMNS": "80"}).invoke(command)
    assert "left out for want of room: " in done.stderr
    assert "injected" in done.stderr


def test_an_id_longer_than_the_terminal_is_whole_all_the_same() -> None:
    long = "g" * 128
    assert any(long in line for line in printed(80, show_table, [{**CALL, "request_id": long}], list(CALL)))


def test_beside_an_id_that_takes_the_line_the_status_stays_and_the_rest_goes() -> None:
    long = "checkout-" + "7" * 50
    lines = printed(80, show_table, [{**CALL, "request_id": long}], list(CALL))
    assert [line for line in lines if long in line and str(CALL["status"]) in line]
    assert all(len(line) <= 80 for line in lines)


def test_moments_of_several_days_keep_month_and_day() -> None:
    rows = [{"at": "2026-11-29T20:05:58.863Z"}, {"at": "2026-11-30T01:00:00.000Z"}, {"at": None}]
    assert printed(80, show_table, rows)[1:] == ["11-29 20:05:58.863", "11-30 01:00:00.000", "-"]


HOSTILE = ["\x1b]0;owned\x07", "\x1b[2J", "a\nb", "\x9b31m", "\u202eevil", "\r", "\ud800"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("show", [show_table, show_answer, show_document, show_json])
def test_nothing_from_outside_reaches_the_terminal(text: str, show: Any) -> None:
    row = {"name": f"<{text}>", "inner": {"name": text, "other": text}, "list": [text]}
    answer: Any = [row] if show is show_table else {"rows": [row], "text": text, "inside": row}
    shown = "\n".join(printed(80, show, answer))
    assert not any(each in shown for each in ("\x1b", "\x07", "\x9b", "\u202e", "\r", "\ud800"))


VALUES = (
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=200) | st.lists(st.text(max_size=9))
)


@given(
    st.lists(st.dictionaries(st.sampled_from([*CALL, "a", "b", "c d"]), VALUES), min_size=1, max_size=4),
    st.sampled_from([1, 80, 100, 200]),
)
def test_any_rows_can_be_shown_at_any_width(rows: list[dict[str, Any]], width: int) -> None:
    kept = {"request_id", "status", "code", "global_id", "remote_id", "operation"}
    lines = printed(width, show_table, rows)
    if not any(name in kept for row in rows for name in row) and width > 20:
        assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ({"snapshots": []}, ["no snapshots"]),
        ({"a_b": None, "c": True, "n": 1200}, ["a b  -", "c    yes", "n    1,200"]),
        ({"holds": [{"status": "held"}], "live": 1}, ["status", "held", "", "live  1"]),
    ],
)
def test_answers_of_every_shape(answer: dict[str, Any], lines: list[str]) -> None:
    assert printed(80, show_answer, answer) == lines
