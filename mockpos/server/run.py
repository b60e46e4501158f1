"""Bind a port, and serve an application on it in this process until told to stop.

It must not read settings or print; the command line does that.
"""

import errno
import resource
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mockpos.domain.errors import BadInput

if TYPE_CHECKING:
    from mockpos.server.application import Application

_CONNECTIONS = 2000
_SPARE_FILES = 96  # beside connections: inventory, log, lock, libraries
_BACKLOG = 2048  # connections the system keeps until they are accepted; it may allow fewer
_USUAL_HOSTS = "say 127.0.0.1 for this machine only, or 0.0.0.0 for every network"


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket on ``host`` and ``port`` (0: the system picks one). Raises BadInput.

    A name that has both kinds of address is bound to its IPv4 one, where most clients look first.
    """
    if not 0 <= port <= 65535:
        raise BadInput(f"port {port}: there is no such port; choose one from 1 to 65535, or 0 to have one picked")
    family, address = _address(host, port)
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as failure:
        sock.close()
        raise BadInput(_why(failure, host, port)) from failure
    sock.setblocking(False)
    return sock


def _address(host: str, port: int) -> tuple[int, tuple[Any, ...]]:
    """Look up the address family and address to bind."""
    name = host.removeprefix("[").removesuffix("]")
    if not name:
        raise BadInput(f"host: it is empty; {_USUAL_HOSTS}")
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as failure:
        raise BadInput(f"host {host}: it has no address here; {_USUAL_HOSTS}") from failure
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return found[0][0], found[0][4]


def _why(failure: OSError, host: str, port: int) -> str:
    """Say why a port could not be bound, and what to do."""
    if failure.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken by another program; choose another, or --port 0 to have a free one picked"
        )
    if failure.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} on {host} may not be used by this user; choose one above 1023, or --port 0"
    if failure.errno == errno.EADDRNOTAVAIL:
        return f"host {host}: it is not an address of this machine; {_USUAL_HOSTS}"
    return f"port {port} on {host} cannot be used: {failure.strerror or failure}"


def serve(application: "Application", sockets: Sequence[socket.socket], *, grace_s: float = 30.0) -> int:
    """Serve on bound sockets until SIGINT or SIGTERM; return 0, or 1 when calls had to be cut.

    Must run on the main thread.
    """
    # gunicorn is loaded when it serves, not when a port is bound
    from mockpos.server.settings import make_config, make_log
    from mockpos.server.worker import Worker

    files = _allow_open_files(_CONNECTIONS + _SPARE_FILES)
    cfg = make_config(connections=max(1, files - _SPARE_FILES), backlog=_BACKLOG)
    worker = Worker(
        age=0, ppid=0, sockets=list(sockets), app=_Loaded(application), timeout=0, cfg=cfg, log=make_log(cfg)
    )
    worker.grace_s = grace_s
    worker.init_process()
    return 1 if worker.calls_cut else 0


class _Loaded:
    """What gunicorn asks for a WSGI application."""

    def __init__(self, application: "Application") -> None:
        self.mockpos_application = application

    def wsgi(self) -> "_Loaded":
        """Return what carries the application."""
        return self


def _allow_open_files(wanted: int) -> int:
    """Raise this process's soft limit of open files (1024 is common, a connection is a file); return what it may open.

    At most ``wanted``: the limit is not lowered, nor asked for more than the hard limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed
