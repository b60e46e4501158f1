"""The tools that read OpenAPI documents: installed once from the lock file, wherever the registry is."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent / "tools"


class Tools:
    """Programs of Node.js. ``run`` returns what one says."""

    def command(self, name: str, *arguments: str) -> list[str]:
        return [str(TOOLS / "node_modules" / ".bin" / name), *arguments]

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
        return subprocess.run(
            self.command(name, *arguments), capture_output=True, text=True, check=False, cwd=TOOLS, timeout=120,
            env={**os.environ, **quiet},
        )  # fmt: skip

    def script(self, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["node", "-e", text, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=TOOLS, timeout=120)


@pytest.fixture(scope="session")
def tools() -> Tools:
    locked = (TOOLS / "package-lock.json").read_bytes()
    with (TOOLS / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several workers of pytest-xdist may come here at once
        installed = TOOLS / "node_modules" / ".installed"
        if not installed.exists() or installed.read_bytes() != locked:
            command = ["npm", "ci", "--silent", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True, check=False, timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
            installed.write_bytes(locked)
    return Tools()
