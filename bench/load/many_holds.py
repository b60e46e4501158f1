"""Many holds over one connection, sent ahead of their answers: the quickest way to a world with many of them."""

import secrets
import socket
from collections.abc import Iterable
from itertools import count, islice

from bench.errors import Unmeasurable

_AT_ONCE = 200
_HEAD = "POST /v1/holds HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: mockpos-dev-key\r\nContent-Type: application/json\r\n"


def hold_many(port: int, remote_ids: Iterable[str]) -> None:
    """Hold one ticket on each of these listings. Raises Unmeasurable when any of it is refused."""
    token, numbers = secrets.token_hex(4), count()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left = iter(remote_ids)
        while some := list(islice(left, _AT_ONCE)):
            sock.sendall("".join(_hold(remote_id, f"{token}-{next(numbers)}") for remote_id in some).encode())
            _read_answers(sock, len(some))


def _hold(remote_id: str, global_id: str) -> str:
    body = f'{{"remote_id":"{remote_id}","quantity":1,"global_id":"{global_id}"}}'
    return f"{_HEAD}Content-Length: {len(body)}\r\n\r\n{body}"


def _read_answers(sock: socket.socket, wanted: int) -> None:
    """Read until so many answers have begun and the last of them has ended, as a JSON object does."""
    read = b""
    while read.count(b"HTTP/1.1 ") < wanted or not read.endswith(b"}"):
        more = sock.recv(1 << 20)
        if not more:
            raise Unmeasurable(f"the server closed the connection after {read[-200:]!r}")
        read += more
    if read.count(b"HTTP/1.1 200 ") != wanted:
        raise Unmeasurable(f"a hold was refused: {read[-300:]!r}")
