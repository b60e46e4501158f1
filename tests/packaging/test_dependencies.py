"""Every dependency of the wheel has a wheel of its own: nobody who installs mockpos needs a compiler."""

import sys
from pathlib import Path

import pytest

from tests.packaging.conftest import run

PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
PLATFORMS = {
    "linux-x86_64": ("manylinux2014_x86_64", "manylinux_2_28_x86_64"),
    "linux-aarch64": ("manylinux2014_aarch64", "manylinux_2_28_aarch64"),
    "macos-arm64": ("macosx_11_0_arm64", "macosx_14_0_arm64"),
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_has_a_wheel(wheel: Path, tmp_path: Path, python: str, platform: str) -> None:
    tags = [word for tag in PLATFORMS[platform] for word in ("--platform", tag)]
    run(
        sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--python-version", python,
        "--implementation", "cp", *tags, "--dest", tmp_path, wheel,
    )  # fmt: skip
    assert len(list(tmp_path.glob("*.whl"))) > 10
