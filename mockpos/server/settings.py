"""gunicorn's configuration and log for ``mockpos serve``: gunicorn's own environment and files are not read."""

import tempfile
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

_SETTINGS: dict[str, object] = {"workers": 1, "loglevel": "warning", "errorlog": "-", "accesslog": None}


class QuietLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's log, one line an entry on stderr, of what a person should look at."""

    error_fmt = "mockpos %(levelname)s: %(message)s"


def make_config(*, connections: int, backlog: int) -> Any:
    """Return gunicorn's configuration for ``connections`` at once, and ``backlog`` not yet accepted."""
    cfg = Config(prog="mockpos")
    sizes = {"worker_connections": connections, "backlog": backlog, "worker_tmp_dir": _heartbeat_folder()}
    for name, value in {**_SETTINGS, **sizes}.items():
        cfg.set(name, value)
    return cfg


def _heartbeat_folder() -> str | None:
    """Return where gunicorn's worker makes its file for heartbeats, which nobody reads here; None for the usual place.

    In a container whose root is read-only there may be no temporary folder, but there is shared memory.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return "/dev/shm"  # noqa: S108  # the file is made by mkstemp and unlinked at once
    return None


def make_log(cfg: Any) -> Any:
    """Return a log of warnings and errors."""
    return QuietLog(cfg)
