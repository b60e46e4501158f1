"""The rules of the house that ruff and mypy do not know."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = [folder for name in ("mockpos", "tests", "bench", "examples") if (folder := ROOT / name).is_dir()]
LONGEST = 400
OWN_TEXT = {".py", ".js", ".html", ".css", ".sh", ".rb", ".php", ".java", ".mjs"}
NOT_OURS = {"swagger-ui", "node_modules", "previous"}  # bench/previous: an earlier commit, installed
VAGUE = ("Manager", "Helper", "Utils", "Util", "Base")
IGNORE = re.compile(
    r"# (type: ignore|noqa)(?P<code>(\[[a-z-]+(, ?[a-z-]+)*\]|: [A-Z]+\d+(, ?[A-Z]+\d+)*)(?P<reason> +# \S)?)?"
)


def own_files() -> list[Path]:
    found = (path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in OWN_TEXT)
    return [path for path in found if not NOT_OURS & set(path.parts)]


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in own_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert "tests/guards/test_house_style.py" in lengths


def test_no_class_has_a_name_that_says_nothing() -> None:
    vague = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in (ROOT / "mockpos").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE)
    ]
    assert vague == []


def test_every_ignore_has_its_code_and_a_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "mockpos").rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (found := IGNORE.search(line)) and not found["reason"]
    ]
    assert bare == []


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


def test_the_command_line_loads_nothing_heavy_before_it_knows_the_command() -> None:
    heavy = "flask", "tinydb", "marshmallow", "faker", "rich", "mockpos.bootstrap"
    program = f"import sys, mockpos.cli; assert not [name for name in {heavy!r} if name in sys.modules]"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_layers_point_one_way() -> None:
    done = subprocess.run(["lint-imports"], cwd=ROOT, capture_output=True, text=True, env=_with_venv())
    assert done.returncode == 0, done.stdout


def _with_venv() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
