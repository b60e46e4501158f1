"""The outside tools: which are there, in what version, and how to get each."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.errors import MissingTool
from bench.servers import previous
from bench.servers.npm import MODULES

_NPM = "npm ci --prefix bench/peers"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, what it is for, how its version is found (None: it is not there), and the command that gets it."""

    name: str
    purpose: str
    version: Callable[[], str | None]
    install: str
    optional: bool = False


def where(program: str) -> str | None:
    """Return the path of a program, beside this Python or on the PATH; None when there is none."""
    beside = Path(sys.executable).parent
    return shutil.which(program, path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")


def _said_by(pattern: str, *command: str) -> Callable[[], str | None]:
    """Return a search for a version in what a program says of itself."""

    def look() -> str | None:
        found_at = where(command[0])
        if found_at is None:
            return None
        done = subprocess.run((found_at, *command[1:]), capture_output=True, text=True, timeout=60)
        found = re.search(pattern, done.stdout + done.stderr)
        return found.group(1) if found else None

    return look


def _packaged(name: str) -> Callable[[], str | None]:
    """Return a look at the version of an npm package."""

    def look() -> str | None:
        try:
            version: str = json.loads((MODULES / name / "package.json").read_bytes())["version"]
        except OSError:
            return None
        return version

    return look


TOOLS = (
    Tool("wrk", "makes the load", _said_by(r"wrk \D*(\d\S*)", "wrk", "-v"), "sudo apt-get install wrk"),
    Tool(
        "java", "runs WireMock", _said_by(r'version "([^"]+)"', "java", "-version"),
        "sudo apt-get install openjdk-17-jre-headless",
    ),
    Tool("node", "runs the other tools", _said_by(r"v(\S+)", "node", "--version"), "sudo apt-get install nodejs npm"),
    Tool("wiremock", "stubs, in Java", _packaged("wiremock"), _NPM),
    Tool("mountebank", "stubs, in JavaScript", _packaged("@mbtest/mountebank"), _NPM),
    Tool("prism", "mocks an OpenAPI document", _packaged("@stoplight/prism-cli"), _NPM),
    Tool("mockoon", "mocks from a data file", _packaged("@mockoon/cli"), _NPM),
    Tool("json_server", "stores what it is sent", _packaged("json-server"), _NPM),
    Tool("previous", "mockpos before the redesign", previous.installed, "python -m bench previous"),
    Tool(
        "chromium", "shows the console", _said_by(r"Chromium (\S+)", "chromium", "--version"),
        "sudo apt-get install chromium",
    ),
    Tool(
        "py-spy", "samples for `bench profile`", _said_by(r"py-spy (\S+)", "py-spy", "--version"),
        "pip install --group bench", optional=True,
    ),
)  # fmt: skip


def need(names: Iterable[str]) -> None:
    """Raise MissingTool, with the commands to run, when any of these is not there."""
    wanted = set(names)
    missing = [tool for tool in TOOLS if tool.name in wanted and tool.version() is None]
    if missing:
        told = ", ".join(tool.name for tool in missing)
        commands = "\n".join(f"  {command}" for command in dict.fromkeys(tool.install for tool in missing))
        raise MissingTool(f"not here: {told}. To get {'it' if len(missing) == 1 else 'them'}:\n{commands}")
