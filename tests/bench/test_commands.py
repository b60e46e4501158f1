import json

import pytest

from bench.measurements import MEASUREMENTS
from bench.page.page import PAGE
from bench.tools import TOOLS
from tests.bench.conftest import bench


@pytest.mark.parametrize("words", [(), ("tools",), ("run",), ("page",), ("profile",)], ids=" ".join)
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    done = bench(*words, "--help")
    assert done.returncode == 0
    assert "Usage: python -m bench" in done.stdout
    assert "\\b" not in done.stdout


def test_run_knows_every_measurement() -> None:
    done = bench("run", "--help", COLUMNS="200")
    assert "[" + "|".join(MEASUREMENTS) + "]" in done.stdout


def test_without_the_tools_it_says_what_to_run_and_measures_nothing() -> None:
    done = bench("run", "--only", "fresh", "--against", "wiremock", "--quick", PATH="/nowhere")
    assert done.returncode == 2
    assert "not here: wrk, java" in done.stderr
    assert "\n  sudo apt-get install wrk\n" in done.stderr
    assert "Traceback" not in done.stderr
    assert "starting" not in done.stderr


def test_tools_lists_all_with_the_command_that_gets_each() -> None:
    done = bench("tools", "--json", PATH="/nowhere")
    assert done.returncode == 2
    told = {tool["name"]: tool for tool in json.loads(done.stdout)}
    assert set(told) == {tool.name for tool in TOOLS}
    assert told["wrk"] == {"name": "wrk", "version": None, "install": "sudo apt-get install wrk", "optional": False}
    assert told["wiremock"]["install"] == "npm ci --prefix bench/peers"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "speed"), "'speed' is not one of"),
        (("--only", "cpu", "--against", "apache"), "no server called 'apache' here; there are echo, mockoon"),
        (("--only", "cpu", "--seconds", "1"), "--seconds and --rounds are for --quick"),
    ],
    ids=["measurement", "server", "seconds"],
)
def test_a_wrong_option_exits_with_2_and_says_what_is_right(words: tuple[str, ...], said: str) -> None:
    done = bench("run", *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_page_check_finds_the_committed_pages_up_to_date_and_writes_nothing() -> None:
    before = PAGE.stat().st_mtime_ns
    done = bench("page", "--check")
    assert (done.returncode, done.stdout) == (0, "the pages are up to date\n")
    assert PAGE.stat().st_mtime_ns == before
