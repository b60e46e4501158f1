"""The floor as a server to measure: see echo_app.py."""

import json
import sys
from pathlib import Path

from bench.servers.server import ANSWER, Server

_APP = Path(__file__).with_name("echo_app.py")


def echo() -> Server:
    """Return a bare Flask app on the worker that mockpos runs on."""

    def prepare(folder: Path, port: int) -> list[str]:
        return [sys.executable, "-P", str(_APP), str(port), json.dumps(ANSWER)]

    return Server("echo", "bare Flask echo", prepare)
