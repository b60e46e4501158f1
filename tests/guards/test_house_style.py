"""The rules of the house that a tool can hold."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "mockpos").rglob("*.py"))
ALL = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", ALL, ids=shown)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_no_name_says_nothing(path: Path) -> None:
    classes = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    vague = ("Manager", "Helper", "Utils", "Util", "Base")
    assert [name for name in classes if name.endswith(vague)] == []


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_every_ignore_says_why(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for mark in ("# type: ignore", "# noqa"):
            if mark in line:
                after = line.split(mark, 1)[1]
                assert "#" in after, f"line {number}: {mark} without a reason after it"
                assert after.startswith(("[", ": ")), f"line {number}: {mark} without its code"


def test_importing_mockpos_loads_no_framework_and_opens_no_file() -> None:
    heavy = "flask", "tinydb", "sqlalchemy", "gunicorn", "marshmallow", "faker"
    program = f"""
import sys
opened = []
sys.addaudithook(lambda event, arguments: event == "open" and opened.append(str(arguments[0])))
import mockpos
assert not [name for name in {heavy!r} if name in sys.modules]
assert not [name for name in opened if not name.endswith((".py", ".pyc", ".pth"))], opened
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_layers_point_one_way() -> None:
    done = subprocess.run(["lint-imports"], cwd=ROOT, capture_output=True, text=True, env=_with_venv())
    assert done.returncode == 0, done.stdout


def _with_venv() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
