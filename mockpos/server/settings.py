"""gunicorn's configuration and log for ``mockpos serve``: gunicorn's own environment and files are not read."""

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
    for name, value in {**_SETTINGS, "worker_connections": connections, "backlog": backlog}.items():
        cfg.set(name, value)
    return cfg


def make_log(cfg: Any) -> Any:
    """Return a log of warnings and errors."""
    return QuietLog(cfg)
