"""The pytest plugin in company: beside xdist and other plugins, with crashed workers, dead servers and Ctrl-C."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mockpos.testing import ControlError, connect, serve
from tests.testing.conftest import ALL_OF_THEM, FAILING, PLUGIN, XDIST, run


def test_coverage_is_that_of_all_workers_together(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_one="from checkout import buy\n\ndef test_buy(mockpos):\n    buy(mockpos)\n",
        test_two="""
from checkout import hold

def test_refused(mockpos):
    assert hold(mockpos, remote_id="TG-NONE")["code"] == "listing_not_found"
""",
    )
    result = run(project, "-n", "2", "--dist=loadfile", "--mockpos-coverage=html:seen.html", plugins=XDIST)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "3 of * documented answers were met (*",
            "hold * 2 of *: held, listing_not_found",
            "invoice * 1 of *: invoiced",
        ]
    )
    page = (project.path / "seen.html").read_text()
    assert "listing_sold_out" in page
    assert "<script" not in page


def test_too_little_coverage_fails_the_run(project: pytest.Pytester) -> None:
    project.makepyfile(test_it="from checkout import buy\n\ndef test_buy(mockpos):\n    buy(mockpos)\n")
    result = run(project, "--mockpos-cov-fail-under=50")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["FAIL: *% of the documented answers were met, 50% are asked for"])
    assert run(project, "--mockpos-cov-fail-under=1").ret == 0
    assert run(project, "--mockpos-cov-fail-under=50", "-k", "none").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "--mockpos-coverage tests: it takes html" in run(project, "--mockpos-coverage", "tests").stderr.str()


def test_it_goes_with_asyncio_randomly_cov_and_xdist_at_once(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    project.makepyfile(
        test_it="""
import asyncio
import pytest
from checkout import buy, hold

@pytest.mark.parametrize("number", range(4))
async def test_buy(mockpos, number):
    await asyncio.to_thread(buy, mockpos)

@pytest.mark.mockpos(audit="error")
async def test_orphan(mockpos):
    await asyncio.to_thread(hold, mockpos)

def test_plain(mockpos):
    buy(mockpos)
"""
    )
    for words in (("-n", "2"), ()):
        result = run(project, *words, "--cov=checkout", "--mockpos-coverage", plugins=ALL_OF_THEM)
        result.assert_outcomes(passed=5, failed=1)
        result.stdout.fnmatch_lines(["*orphaned_hold*", "2 of * documented answers were met *"])


def test_a_crashed_worker_takes_neither_the_server_nor_the_others_with_it(
    project: pytest.Pytester, tmp_path: Path
) -> None:
    project.makepyfile(
        test_it=f"""
import os
import pytest
from checkout import buy

@pytest.mark.parametrize("number", range(8))
def test_buy(mockpos, mockpos_server, number):
    open({str(tmp_path / "url.txt")!r}, "w").write(mockpos_server.url)
    if number == 3:
        os._exit(1)
    buy(mockpos)
"""
    )
    result = run(project, "-n", "2", plugins=XDIST)
    result.assert_outcomes(passed=7, failed=1)
    with pytest.raises(ControlError):
        connect((tmp_path / "url.txt").read_text())


def test_settings_of_the_server_are_a_fixture_that_workers_agree_on(project: pytest.Pytester) -> None:
    project.makeconftest(
        'import pytest\n\n@pytest.fixture(scope="session")\ndef mockpos_settings():\n    return {"hold_ttl": "90s"}\n'
    )
    project.makepyfile(
        test_it="""
import pytest
from datetime import datetime
from checkout import hold

@pytest.mark.parametrize("number", range(4))
@pytest.mark.mockpos(audit="off")
def test_ttl(mockpos, number):
    held = hold(mockpos)
    lives = datetime.fromisoformat(held["expires_at"]) - datetime.fromisoformat(held["held_at"])
    assert lives.total_seconds() == 90
"""
    )
    run(project, "-n", "2", plugins=XDIST).assert_outcomes(passed=4)
    with serve() as server:
        result = run(project, f"--mockpos-url={server.url}")
        result.assert_outcomes(errors=4)
        result.stdout.fnmatch_lines([f"*mockpos_settings are of a server that the tests start, and {server.url} runs*"])


@pytest.mark.parametrize(("words", "plugins"), [((), PLUGIN), (("-n", "2"), XDIST)])
def test_settings_that_are_wrong_are_told_in_one_line(
    project: pytest.Pytester, words: tuple[str, ...], plugins: str
) -> None:
    project.makeconftest(
        'import pytest\n\n@pytest.fixture(scope="session")\ndef mockpos_settings():\n    return {"hold_ttl": "soon"}\n'
    )
    project.makepyfile(test_it="def test_it(mockpos):\n    pass\n")
    result = run(project, *words, plugins=plugins)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mockpos: *--hold-ttl: 'soon' is not a duration*"])
    assert "Traceback" not in result.stdout.str()


def test_an_unknown_scenario_is_told_in_one_line(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="import pytest\n\n@pytest.mark.mockpos(scenario='lost-anwsers')\ndef test_it(mockpos):\n    pass\n"
    )
    result = run(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mockpos: *lost-anwsers*"])


def test_a_server_that_runs_already_is_used_and_keeps_the_sandbox_of_a_failed_test(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makepyfile(test_it=FAILING)
    with serve() as server:
        run(project, f"--mockpos-url={server.url}").assert_outcomes(failed=1, passed=1)
        monkeypatch.setenv("MOCKPOS_URL", server.url)
        run(project, "-n", "2", plugins=XDIST).assert_outcomes(failed=1, passed=1)
        names = [sandbox["name"].rpartition("-")[0] for sandbox in server.sandboxes()]
        assert names == ["", "test_it-test_fails", "test_it-test_fails"]
    result = run(project, "--mockpos-url=http://127.0.0.1:1")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["mockpos: http://127.0.0.1:1 does not answer (*"])


def test_a_server_that_dies_under_the_tests_is_told(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
import os, signal
from checkout import buy

def test_kills(mockpos, mockpos_server):
    mockpos_server._process.process.kill()
    mockpos_server._process.process.wait()

def test_after(mockpos):
    buy(mockpos)
"""
    )
    result = run(project)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*does not answer*", "mockpos: http://127.0.0.1:* does not answer (*"])
    assert "INTERNALERROR" not in result.stdout.str()


@pytest.mark.parametrize("words", [(), ("-pxdist", "-n2")])
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_interrupted_leaves_no_server(
    project: pytest.Pytester, tmp_path: Path, words: tuple[str, ...], sign: int
) -> None:
    told = tmp_path / "url.txt"
    os.mkfifo(told)
    project.makepyfile(
        test_it=f"""
import threading

def test_waits(mockpos, mockpos_server):
    with open({str(told)!r}, "w") as pipe:
        print(mockpos_server.url, file=pipe)
    threading.Event().wait(60)
"""
    )
    command = [sys.executable, "-mpytest", "-pno:cacheprovider", f"-p{PLUGIN}", *words]
    with subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, start_new_session=True) as process:
        url = told.read_text().strip()
        os.killpg(process.pid, sign) if sign == signal.SIGINT else process.kill()
        assert process.wait(30) == (pytest.ExitCode.INTERRUPTED if sign == signal.SIGINT else -sign)
        gone(url)
        if sign == signal.SIGKILL:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the workers, which the test's own wait keeps


def gone(url: str) -> None:
    """Wait until nobody answers there; a hang is the failure."""
    while True:
        try:
            connect(url).stop()
        except ControlError:
            return


def test_a_read_only_folder_will_do(project: pytest.Pytester) -> None:
    project.makepyfile(test_it="from checkout import buy\n\ndef test_buy(mockpos):\n    buy(mockpos)\n")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", 'mount --bind -o ro "$0" "$0" && cd "$0" && exec "$@"', str(project.path),
         sys.executable, "-mpytest", "-pno:cacheprovider", f"-p{PLUGIN}"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout + done.stderr
