"""Bind a port, and serve an application on it in this process until told to stop.

It must not read settings or print; the command line does that.
"""

import errno
import resource
import socket
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from mockpos.domain.errors import BadInput

if TYPE_CHECKING:
    from mockpos.server.application import Application

_CONNECTIONS = 2000
_SPARE_FILES = 96  # beside connections: inventory, log, lock, libraries
_BACKLOG = 2048  # connections the system keeps until they are accepted; it may allow fewer
_LOOPBACK, _LOOPBACK_6 = "127.0.0.1", "::1"
_TRIES = 20  # ports that the system picked for one kind of address, and that may be taken on the other
_USUAL_HOSTS = "say 127.0.0.1 for this machine only, or 0.0.0.0 for every network"


def bind(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets on ``host`` and ``port`` (0: the system picks one). Raises BadInput.

    A name that has both kinds of address is bound to its IPv4 one. Loopback is both kinds where the machine has both,
    on one port: some clients look for localhost at one of them first, some at the other.
    """
    if not 0 <= port <= 65535:
        raise BadInput(f"port {port}: there is no such port; choose one from 1 to 65535, or 0 to have one picked")
    family, address = _address(host, port)
    if address[0] != _LOOPBACK:
        return [_listening(family, address, host)]
    for _ in range(_TRIES):
        first = _listening(family, address, host)
        try:
            second = _listening(socket.AF_INET6, (_LOOPBACK_6, first.getsockname()[1]), _LOOPBACK_6)
        except NoSuchAddress:
            return [first]
        except BadInput:
            first.close()
            if port != 0:
                raise
        else:
            return [first, second]
    raise BadInput("no port is free on both 127.0.0.1 and ::1; choose one with --port")


class NoSuchAddress(BadInput):
    """An address that this machine does not have."""


def _listening(family: int, address: tuple[Any, ...], host: str) -> socket.socket:
    """Return one listening socket. Raises BadInput."""
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        raise NoSuchAddress(f"host {host}: this machine has no such kind of address; {_USUAL_HOSTS}") from None
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for asyncio sets it on no accepted connection
        if address[0] == _LOOPBACK_6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError as failure:
        sock.close()
        raise _refused(failure, host, address[1]) from failure
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


def _refused(failure: OSError, host: str, port: int) -> BadInput:
    """Say why a port could not be bound, and what to do."""
    if failure.errno == errno.EADDRINUSE:
        return BadInput(
            f"port {port} on {host} is taken by another program; choose another, or --port 0 to have a free one picked"
        )
    if failure.errno in (errno.EACCES, errno.EPERM):
        return BadInput(f"port {port} on {host} may not be used by this user; choose one above 1023, or --port 0")
    if failure.errno == errno.EADDRNOTAVAIL:
        return NoSuchAddress(f"host {host}: it is not an address of this machine; {_USUAL_HOSTS}")
    return BadInput(f"port {port} on {host} cannot be used: {failure.strerror or failure}")


def serve(application: "Application", sockets: Sequence[socket.socket], *, grace_s: float = 30.0) -> int:
    """Serve on bound sockets until SIGINT or SIGTERM; return 0, or 1 when calls had to be cut.

    Must run on the main thread.
    """
    from mockpos.server.worker import Worker  # loaded when it serves, not when a port is bound

    files = _allow_open_files(_CONNECTIONS + _SPARE_FILES)
    cfg = _config(min(_CONNECTIONS, max(files - _SPARE_FILES, files // 2)))
    worker = Worker(
        age=0, ppid=0, sockets=list(sockets), app=_Loaded(application), timeout=0, cfg=cfg, log=QuietLog(cfg)
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


class QuietLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's log, one line an entry on stderr, of what a person should look at."""

    error_fmt = "mockpos %(levelname)s: %(message)s"


def _config(connections: int) -> Config:
    """Return gunicorn's configuration for so many connections at once."""
    cfg = Config(prog="mockpos")
    settings = {
        "workers": 1, "loglevel": "warning", "errorlog": "-", "accesslog": None, "backlog": _BACKLOG,
        "worker_connections": connections, "worker_tmp_dir": _heartbeat_folder(),
    }  # fmt: skip
    for name, value in settings.items():
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
