"""The section "In your tests" of the README: short, and each of its examples runs as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.testing.test_snippets import EXAMPLES

SECTION = re.search(r"^## In your tests\n(.*?)^## ", (ROOT / "README.md").read_text(), re.S | re.M)
assert SECTION is not None
TEXT = SECTION[0].removesuffix("## ")
(SHELL,) = re.findall(r"```sh\n(.*?)```", TEXT, re.S)
(PYTHON,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
ON_PATH = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def test_it_is_short() -> None:
    assert len(TEXT.strip().splitlines()) <= 25


def test_the_command_runs_a_suite_of_another_language(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "ruby", tmp_path, dirs_exist_ok=True)
    (tmp_path / "spec").mkdir()
    (tmp_path / "checkout_spec.rb").rename(tmp_path / "spec" / "checkout_spec.rb")
    faraday = {**os.environ, **ON_PATH, "CHECKOUT": str(tmp_path / "checkout_faraday.rb")}
    ended = subprocess.run(["sh", "-ec", SHELL], cwd=tmp_path, env=faraday, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "10 examples, 0 failures" in ended.stdout
    assert "mockpos: audit: clean, nothing was left behind" in ended.stderr
    assert "mockpos: coverage: " in ended.stderr


@pytest.mark.parametrize("words", [(), ("-pxdist", "-n2")], ids=["alone", "side by side"])
def test_the_test_is_green_with_nothing_started(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "test_readme.py").write_text(PYTHON)
    command = [sys.executable, "-mpytest", "-pno:cacheprovider", "-pmockpos.testing.plugin.hooks", *words]
    plain = {**os.environ, **ON_PATH, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd=tmp_path, env=plain, capture_output=True, text=True, timeout=120)
    assert "1 passed, 1 warning" in ended.stdout, ended.stdout + ended.stderr
    assert "orphaned_hold" in ended.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["test_readme.py"]


def test_what_was_left_behind_is_the_exit_status_where_that_is_asked_for(tmp_path: Path) -> None:
    buy = (
        'curl -s "$MOCKPOS_URL/v1/holds" -H "X-API-Key: test-a" -H "Content-Type: application/json" '
        '-d \'{"remote_id": "TG-1042", "quantity": 2, "global_id": "g-1"}\''
    )
    command = SHELL.replace("exec --", "exec --audit error --").replace("rspec", 'sh -c "$BUY"')
    ended = subprocess.run(
        ["sh", "-c", command], env={**os.environ, **ON_PATH, "BUY": buy}, capture_output=True, text=True
    )
    assert '"status":"held"' in ended.stdout
    assert (ended.returncode, "orphaned_hold" in ended.stderr) == (3, True)
