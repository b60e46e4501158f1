"""The HTTP server: a gunicorn worker with an HTTP/1.1 protocol of its own, in one process and on one event loop.

It knows sockets, HTTP and waiting. It knows nothing of listings, holds, contracts or Flask: what
to run, how an error looks and what to do at the start and the end are handed to it.

``gunicorn -k mockpos.server.Worker app:app`` finds the worker here.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """Load the worker, and gunicorn with it, when it is asked for."""
    if name == "Worker":
        from mockpos.server.worker import Worker

        return Worker
    raise AttributeError(name)
