"""What a protocol needs of the worker it runs in, for tests that bring their own transport or server."""

import asyncio
from collections.abc import Callable
from typing import Any

from mockpos.server.bridge import WsgiBridge, never
from mockpos.server.gunicorn_settings import make_config, make_log


class Worker:
    """Serves an application on the running event loop."""

    def __init__(self, app: Any, looks_back: Callable[[str], bool] = never) -> None:
        self.cfg = make_config(connections=10, backlog=10)
        self.log = make_log(self.cfg)
        self.asgi = WsgiBridge(app, error_writer=self.error_writer, looks_back=looks_back)
        self.loop = asyncio.get_running_loop()
        self.protocols: set[Any] = set()
        self.tasks: dict[Any, Any] = {}
        self.worker_connections, self.max_requests = 10, 2**31
        self.alive, self.nr, self.nr_conns = True, 0, 0

    @staticmethod
    def error_writer(status: int, kind: str, message: str) -> tuple[int, list[tuple[str, str]], bytes]:
        return status, [], b"{}"
