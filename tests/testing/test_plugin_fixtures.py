"""The pytest plugin and fixtures of somebody's own: what they clear away, what they share, where they fail."""

import pytest

from tests.testing.conftest import ALL_OF_THEM, PLUGIN, XDIST, run

RELEASING = """
import pytest
from checkout import call, hold

@pytest.fixture
def client(mockpos):
    return mockpos

@pytest.fixture
def held(client):
    hold(client)
    yield
    call(client, "DELETE", "/v1/holds/g-1")

@pytest.fixture
def forgetful(client):
    yield

def test_cleared(held):
    pass

def test_forgotten(mockpos, forgetful):
    hold(mockpos)
"""


@pytest.mark.parametrize(
    ("audit", "outcome"), [("warn", {"passed": 2, "warnings": 1}), ("error", {"passed": 2, "errors": 1})]
)
def test_what_a_fixture_clears_away_was_not_left_behind(
    project: pytest.Pytester, audit: str, outcome: dict[str, int]
) -> None:
    project.makepyfile(test_it=RELEASING)
    result = run(project, f"--mockpos-audit={audit}")
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(["*test_forgotten left something behind:", "*orphaned_hold: 8 of TG-1042 *"])
    assert "test_cleared left" not in result.stdout.str()


def test_an_asynchronous_fixture_clears_away_too(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    project.makepyfile(test_it=RELEASING.replace("def held", "async def held"))
    result = run(project, "--mockpos-audit=error", "-p", "no:randomly", plugins=ALL_OF_THEM)
    result.assert_outcomes(passed=2, errors=1)


@pytest.mark.parametrize(("words", "plugins"), [((), PLUGIN), (("-n", "1"), XDIST)])
def test_a_fixture_that_fails_at_its_end_shows_the_calls_too(
    project: pytest.Pytester, words: tuple[str, ...], plugins: str
) -> None:
    project.makepyfile(
        test_it="""
import pytest
from checkout import hold

@pytest.fixture
def broken(mockpos):
    yield
    hold(mockpos)
    raise RuntimeError("at its end")

def test_it(broken):
    pass
"""
    )
    result = run(project, *words, plugins=plugins)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*- mockpos test_it-test_it-* -*", "*hold *200 held *g-1 TG-1042 *"])


def test_a_sandbox_for_a_whole_class_shows_its_calls_and_is_counted(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
import pytest
from checkout import hold

@pytest.fixture(scope="class")
def ours(mockpos_server):
    with mockpos_server.sandbox("class-wide") as sandbox:
        yield sandbox

class TestIt:
    def test_one(self, ours):
        hold(ours)

    def test_two(self, ours):
        assert hold(ours, remote_id="TG-NONE")["code"] == "held"
"""
    )
    result = run(project, "--mockpos-coverage")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*- mockpos class-wide -*", "*hold *200 held *", "*hold *409 global_id_conflict *", "2 of * were met *"]
    )


@pytest.mark.parametrize(("words", "plugins"), [((), PLUGIN), (("-n", "1"), XDIST)])
def test_each_folder_can_have_settings_of_its_own(
    project: pytest.Pytester, words: tuple[str, ...], plugins: str
) -> None:
    for seconds in (30, 90):
        folder = project.mkdir(f"of_{seconds}")
        (folder / f"test_{seconds}.py").write_text(
            f"""
import pytest
from datetime import datetime
from checkout import call, hold

@pytest.fixture(scope="session")
def mockpos_settings():
    return {{"hold_ttl": "{seconds}s"}}

def test_it(mockpos):
    held = hold(mockpos)
    lives = datetime.fromisoformat(held["expires_at"]) - datetime.fromisoformat(held["held_at"])
    assert lives.total_seconds() == {seconds}
    call(mockpos, "DELETE", "/v1/holds/g-1")
"""
        )
    run(project, *words, plugins=plugins).assert_outcomes(passed=2)


def test_what_a_crashed_worker_met_is_in_the_coverage(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
import os
from checkout import buy, hold

def test_crashes(mockpos):
    hold(mockpos, remote_id="TG-NONE")
    os._exit(1)

def test_buys(mockpos):
    buy(mockpos)
"""
    )
    result = run(project, "-n", "2", "--mockpos-coverage", plugins=XDIST)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["3 of * were met *", "hold * 2 of *: held, listing_not_found"])


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--mockpos-coverage=html:nowhere/page.html", "there is no folder nowhere"),
        ("--mockpos-coverage=pdf", "--mockpos-coverage pdf: it takes html, html:FILE or lines, with a = before it"),
        ("--mockpos-cov-fail-under=150", "--mockpos-cov-fail-under 150: it is a percentage, from 0 to 100"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_before_a_test_runs(
    project: pytest.Pytester, option: str, said: str
) -> None:
    project.makepyfile(test_it="def test_it(mockpos):\n    pass\n")
    result = run(project, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_page_that_cannot_be_written_fails_the_run_by_one_line(project: pytest.Pytester) -> None:
    project.mkdir("page")
    project.makepyfile(test_it="def test_it(mockpos):\n    pass\n")
    result = run(project, "--mockpos-coverage=html:page")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["FAIL: page: cannot be written (Is a directory)"])
    assert "Traceback" not in result.stdout.str()


def test_a_call_that_nobody_answered_has_no_status(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
import pytest
from checkout import hold

def test_it(mockpos):
    with mockpos.unreachable(), pytest.raises(OSError):
        hold(mockpos)
    assert False
"""
    )
    result = run(project)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*hold *  reset *g-1 TG-1042 *none *cut *unreachable/gone: fault reset"])
    assert "200 reset" not in result.stdout.str()


def test_what_cannot_be_had_is_told_once(project: pytest.Pytester) -> None:
    project.makepyfile(test_it="def test_it(mockpos):\n    pass\n")
    said = run(project, "--mockpos-url=http://127.0.0.1:1").stdout.str()
    errors, _, _ = said.partition(" short test summary info ")
    assert errors.count("does not answer (") == 1
    assert "During handling" not in said
