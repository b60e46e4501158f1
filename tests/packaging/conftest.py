"""The wheel as users get it: built once, and installed alone into an environment of its own.

These tests ask the package registry, so `make test` passes them over and `make packaging` runs them.
"""

import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make an environment with the wheel and other packages; return its folder of programs."""

    def make(*packages: str) -> Path:
        folder = tmp_path_factory.mktemp("installed")
        venv.create(folder, with_pip=True)
        run(folder / "bin" / "pip", "install", "--quiet", "--only-binary=:all:", wheel, *packages)
        return folder / "bin"

    return make


@pytest.fixture(scope="session")
def programs(install: Callable[..., Path]) -> Path:
    """The programs of an environment that has the wheel and what it needs, nothing else."""
    return install()
