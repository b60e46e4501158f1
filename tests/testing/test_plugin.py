"""The pytest plugin in somebody's project: real pytest runs in a folder of their own, each in a process."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockpos.testing import ControlError, connect
from tests.testing.conftest import FAILING, PLUGIN, XDIST, run


def files(project: pytest.Pytester) -> set[str]:
    return {path.name for path in project.path.iterdir() if not path.name.startswith(("runpytest-", "std"))}


def test_every_test_is_in_a_world_of_its_own_on_one_server_and_nothing_is_left(
    project: pytest.Pytester, tmp_path: Path
) -> None:
    project.makepyfile(
        test_it=f"""
import pytest
from checkout import buy

@pytest.mark.parametrize("number", range(12))
def test_buy(mockpos, mockpos_server, number):
    buy(mockpos)
    with open({str(tmp_path / "urls.txt")!r}, "a") as file:
        print(mockpos_server.url, file=file)
"""
    )
    before = files(project)
    for words, plugins in (((), PLUGIN), (("-n", "3"), XDIST)):
        run(project, *words, plugins=plugins).assert_outcomes(passed=12)
        log = tmp_path / "urls.txt"
        (url,) = set(log.read_text().splitlines())
        log.unlink()
        with pytest.raises(ControlError):
            connect(url)
    assert files(project) == before


def test_a_run_that_does_not_use_it_loads_nothing_and_starts_nothing(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
import sys

def test_plain():
    assert "mockpos.testing.plugin.hooks" in sys.modules
    assert {name for name in sys.modules if name.startswith("mockpos")} <= {
        "mockpos", "mockpos.testing", "mockpos.testing.plugin", "mockpos.testing.plugin.hooks",
        "mockpos.testing.plugin.shared_servers", "mockpos.domain", "mockpos.domain.errors",
    }
    assert not {"flask", "click", "marshmallow", "http.client"} & set(sys.modules)
"""
    )
    run(project).assert_outcomes(passed=1)


def test_the_entry_point_makes_it_known_to_every_run(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    project.makepyfile(test_it="from checkout import buy\n\ndef test_buy(mockpos):\n    buy(mockpos)\n")
    run(project, "--fixtures", "-q", plugins="no:randomly").stdout.fnmatch_lines(
        ["mockpos_server *", "mockpos --*", "*Make a sandbox of this test's own*"]
    )
    result = run(project, "-W", "error::pytest.PytestUnknownMarkWarning", plugins="no:asyncio")
    result.assert_outcomes(passed=1)


def test_the_mark_says_what_a_sandbox_begins_with(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
import pytest
from datetime import datetime, timezone

pytestmark = pytest.mark.mockpos(scenario="brownout", seed=3)

@pytest.mark.mockpos(scenario="lost-answers", fixture="tiny", freeze="2026-11-23T20:00Z", audit="error")
def test_marked(mockpos):
    assert mockpos.scenario == "lost-answers"
    assert mockpos.seed == 3
    assert mockpos.clock.frozen
    assert mockpos.clock.now == datetime(2026, 11, 23, 20, tzinfo=timezone.utc)
    assert len(mockpos.listings) < 200

def test_of_the_module(mockpos):
    assert (mockpos.scenario, mockpos.seed) == ("brownout", 3)

@pytest.mark.mockpos(scenario={"name": "busy", "rules": [{"id": "all", "on": "hold", "respond": "pos_unavailable"}]})
def test_inline(mockpos):
    assert mockpos.scenario == "busy"
"""
    )
    run(project, "--strict-markers").assert_outcomes(passed=3)


def test_the_seed_is_a_tests_own_and_the_same_in_every_run(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="def test_one(mockpos):\n    assert 0, mockpos.seed\n\n"
        "def test_two(mockpos):\n    assert 0, mockpos.seed\n"
    )
    seeds = [re.findall(r"Error: (\d+)", run(project, "-q").stdout.str()) for _ in range(2)]
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0])) == 2


def test_a_sandbox_is_named_after_its_test_and_a_long_name_is_cut(project: pytest.Pytester) -> None:
    longest = "test_" + "x" * 43  # with the file's name before it the cut falls on the hyphen after it
    project.makepyfile(
        test_it="import pytest\n\ndef test_short(mockpos):\n    assert 0, mockpos.name\n\n"
        f"@pytest.mark.parametrize('each', ['10', 'x/'])\ndef {longest}(mockpos, each):\n    assert 0, mockpos.name\n\n"
        f"def {longest}_and_more(mockpos):\n    assert 0, mockpos.name\n"
    )
    said = run(project, "-q", "-rN").stdout.str()
    names = [re.sub("-[0-9a-f]{6}$", "-END", name) for name in re.findall(r"AssertionError: (\S+)", said)]
    assert names == ["test_it-test_short-END", f"test_it-{longest}-END", "test-END", f"test_it-{longest}_-END"]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("scenarios='x'", "@pytest.mark.mockpos(scenarios=...): there is no such argument; did you mean scenario?"),
        ("volume=11", "there is no such argument; there are scenario, fixture, freeze, seed, audit"),
        ("seed='7'", "(seed=...): '7' is not a whole number"),
        ("audit='loud'", "(audit=...): 'loud' is not one of off, warn, error"),
        ("freeze='noon'", "(freeze=...): 'noon' is not a moment with its time zone"),
        ("freeze='2026-11-23T20:00'", "is not a moment with its time zone; write it as 2026-11-23T20:00Z"),
        ("scenario=''", "(scenario=...): '' is not a name"),
        ("'lost-answers'", "write the arguments of @pytest.mark.mockpos with their names"),
    ],
)
def test_a_wrong_mark_is_told_when_tests_are_collected(project: pytest.Pytester, mark: str, said: str) -> None:
    project.makepyfile(test_it=f"import pytest\n\n@pytest.mark.mockpos({mark})\ndef test_it(mockpos):\n    pass\n")
    result = run(project)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ERROR collecting test_it.py*", "test_it.py::test_it: *"])
    assert said in result.stdout.str()
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_a_wrong_mark_is_told_by_workers_too(project: pytest.Pytester) -> None:
    project.makepyfile(test_it="import pytest\n\n@pytest.mark.mockpos(sed=1)\ndef test_it(mockpos):\n    pass\n")
    result = run(project, "-n", "2", plugins=XDIST)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["test_it.py::test_it: *; did you mean seed?"])
    assert "INTERNALERROR" not in result.stdout.str()


@pytest.mark.parametrize(("words", "plugins"), [((), PLUGIN), (("-n", "2"), XDIST)])
def test_a_failed_test_shows_what_its_checkout_did_and_a_passed_one_nothing(
    project: pytest.Pytester, words: tuple[str, ...], plugins: str
) -> None:
    project.makepyfile(test_it=FAILING)
    result = run(project, *words, plugins=plugins)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*- mockpos test_it-test_fails-* -*",
            "sandbox test_it-test_fails-*, seed *, scenario none, clock 20*Z",
            "time * operation *answer *about *effect *sent *decided by",
            "*hold *200 held *g-1 TG-1042 *committed *complete *state",
            "*hold *409 held_by_another *g-2 TG-1042 *none *complete *state",
            "*hold *409 held_by_another *g-3 MOCK-HELD_BY_ANOTHER *none *complete *magic/held_by_another: *",
            "audit: 1 finding",
            "  orphaned_hold: 8 of TG-1042 were held for g-1 *",
            "curl -i -X POST http://127.0.0.1:*",
            "console: http://127.0.0.1:*",
        ]
    )
    assert result.stdout.str().count("sandbox test_it-") == 1


def test_a_failed_test_without_a_call_is_told_what_may_be_wrong(project: pytest.Pytester) -> None:
    project.makepyfile(test_it="def test_it(mockpos):\n    assert 0\n")
    result = run(project)
    result.stdout.fnmatch_lines(["no call came to this sandbox: does the client use its url or its api_key?"])
    assert len(max(result.stdout.lines, key=len)) < 120


ORPHAN = "from checkout import hold\n\ndef test_it(mockpos):\n    hold(mockpos)\n"


@pytest.mark.parametrize(
    ("mark", "option", "ini", "outcome"),
    [
        ("", (), "", {"passed": 1, "warnings": 1}),
        ("", ("--mockpos-audit=error",), "", {"failed": 1}),
        ("", ("--mockpos-audit=off",), "mockpos_audit = error", {"passed": 1, "warnings": 0}),
        ("", (), "mockpos_audit = error", {"failed": 1}),
        ("audit='off'", ("--mockpos-audit=error",), "", {"passed": 1, "warnings": 0}),
        ("audit='error'", (), "", {"failed": 1}),
        ("", ("-Werror",), "", {"failed": 1}),
    ],
)
def test_an_orphaned_hold_is_a_warning_or_a_failure(
    project: pytest.Pytester, mark: str, option: tuple[str, ...], ini: str, outcome: dict[str, int]
) -> None:
    project.makeini(f"[pytest]\n{ini}")
    project.makepyfile(test_it=f"import pytest\npytestmark = [pytest.mark.mockpos({mark})]\n{ORPHAN}")
    result = run(project, *option)
    result.assert_outcomes(**outcome)
    if outcome != {"passed": 1, "warnings": 0}:
        result.stdout.fnmatch_lines(
            ["*test_it left something behind:", "*orphaned_hold: 8 of TG-1042 were held for g-1*"]
        )


def test_a_setting_of_the_audit_that_is_none_is_refused(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nmockpos_audit = loud")
    assert "mockpos_audit = loud: it is off, warn or error" in run(project).stderr.str()


def test_the_public_names_are_typed(tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_text(
        "from mockpos.testing import Sandbox, serve\n\n"
        "def test_it(mockpos: Sandbox) -> None:\n"
        "    reveal_type(mockpos.clock.now)\n"
        "    reveal_type(mockpos.audit().findings[0].kind)\n\n"
        "with serve(hold_ttl='30s') as server:\n    reveal_type(server.sandbox())\n"
    )
    done = subprocess.run(
        [sys.executable, "-mmypy", "--strict", "uses.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert re.findall('type is "(.*?)"', done.stdout) == [
        "datetime.datetime",
        "str",
        "mockpos.testing.sandbox.Sandbox",
    ], done.stdout
