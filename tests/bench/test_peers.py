import json
import subprocess
from pathlib import Path

from bench.servers.npm import FOLDER

ROOT = Path(__file__).parents[2]
LOCK = json.loads((FOLDER / "package-lock.json").read_bytes())


def test_the_tools_of_the_field_are_pinned_to_one_version_each() -> None:
    wanted = json.loads((FOLDER / "package.json").read_bytes())["dependencies"]
    assert wanted["json-server"] == "0.17.4", "the last that stores what it is sent in the way the issue compares with"
    assert LOCK["packages"][""]["dependencies"] == wanted
    for name, version in wanted.items():
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version


def test_the_lock_names_no_registry() -> None:
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry and not entry.get("inBundle")] == []


def test_git_ignores_what_npm_installs() -> None:
    subprocess.run(["git", "check-ignore", "-q", "bench/peers/node_modules/wiremock"], cwd=ROOT, check=True)
