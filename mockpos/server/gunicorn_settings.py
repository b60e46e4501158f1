"""gunicorn's configuration and log as the server room wants them: its environment and files are not read.

It must not know mockpos's own settings.
"""

from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

_SETTINGS: dict[str, object] = {
    "workers": 1,
    "keepalive": 75,  # says that connections are kept; protocol.py says for how long
    "timeout": 120,  # only bounds the silence inside a body; protocol.py gives up on slow requests earlier
    "asgi_loop": "asyncio",
    "asgi_lifespan": "off",
    "asgi_disconnect_grace_period": 1,  # after which our protocol does nothing; it only keeps a timer that long
    "http_protocols": "h1",
    "http2_cleartext": "off",
    "limit_request_line": 4094,
    "limit_request_fields": 100,
    "limit_request_field_size": 8190,
    "header_map": "dangerous",  # a contract may name its key header api_key; no proxy in front could be fooled
    "forwarded_allow_ips": "",  # no header of a client changes the scheme or the path
    "loglevel": "warning",
    "errorlog": "-",
    "accesslog": None,
}


class QuietLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's log, one line an entry on stderr, of what a person should look at."""

    error_fmt = "mockpos %(levelname)s: %(message)s"


def make_config(*, connections: int, backlog: int) -> Any:
    """Return gunicorn's configuration for ``connections`` at once, and ``backlog`` not yet accepted."""
    cfg = Config(prog="mockpos")
    for name, value in _SETTINGS.items():
        cfg.set(name, value)
    cfg.set("worker_connections", connections)
    cfg.set("backlog", backlog)
    return cfg


def make_log(cfg: Any) -> Any:
    """Return a log of warnings and errors."""
    return QuietLog(cfg)
