"""The examples of the page "In your tests", in every language, as CI of somebody's own would run them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples" / "in_your_tests"
EXEC = (sys.executable, "-m", "mockpos", "exec", "--audit", "error", "--")
RUBY = "printf '%s\\n' checkout_faraday checkout_httparty | xargs -P2 -I{} env CHECKOUT=./{} rspec checkout_spec.rb"
RUNS = {
    "ruby": (("sh", "-c", RUBY), ("10 examples, 0 failures", "10 examples, 0 failures")),
    "javascript": (("node", "--test"), ("# pass 10", "# fail 0")),
    "php": (("php", "checkout_test.php"), ("ok   it buys two tickets", "ok   it releases the tickets")),
    "java": (("java", "CheckoutTest.java"), ("ok   it buys two tickets", "ok   it releases the tickets")),
    "curl": (("sh", "checkout.sh"), ('ok   "replayed":true', 'ok   "findings":[]')),
}


@pytest.mark.parametrize("language", RUNS)
def test_it_runs_and_leaves_nothing_behind(language: str) -> None:
    command, said = RUNS[language]
    ended = subprocess.run([*EXEC, *command], cwd=EXAMPLES / language, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for line in set(said):
        assert ended.stdout.count(line) >= said.count(line), ended.stdout
    assert "FAIL" not in ended.stdout
    assert "mockpos: audit: clean, nothing was left behind" in ended.stderr


@pytest.mark.parametrize("words", [(), ("-pxdist", "-n2")], ids=["alone", "side by side"])
def test_the_python_example_runs_with_the_plugin(tmp_path: Path, words: tuple[str, ...]) -> None:
    shutil.copytree(EXAMPLES / "python", tmp_path, dirs_exist_ok=True)
    command = [sys.executable, "-mpytest", "-pno:cacheprovider", "-pmockpos.testing.plugin.hooks", *words]
    ended = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, capture_output=True, text=True
    )
    assert "16 passed" in ended.stdout, ended.stdout + ended.stderr


def test_every_example_is_run() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"} == {
        *RUNS, "python", "github",  # the workflow: tests/packaging/test_action.py checks it
    }  # fmt: skip
