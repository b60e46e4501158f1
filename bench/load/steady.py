"""A single caller who holds at a fixed rate, and notes how long each call took. Runs in a process of its own.

``python -P steady.py PORT FIRST LISTINGS RATE SECONDS PID`` writes ``[[due, sent, answered, worked], ...]`` as JSON
when the seconds are over or SIGTERM comes; times are seconds of the monotonic clock. ``worked`` is how long the first
thread of process PID had a processor meanwhile; PID 0 is none. It must import nothing of ours: it is run as a file.
"""

import json
import secrets
import signal
import socket
import sys
import time

Times = tuple[float, float, float, float]

_TEMPLATE = (
    "POST /v1/holds HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: mockpos-dev-key\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
)


class _Stopped(Exception):
    """SIGTERM came."""


def call_steadily(port: int, first: int, listings: int, rate: float, seconds: float, pid: int = 0) -> list[Times]:
    """Return when each call was due, when it was sent and when it was answered, and how long the server worked.

    A call is sent late when the answer before it came late. Waking up late is this process's own fault and
    does not count: the call is then due when it is sent.
    """
    taken: list[Times] = []
    token, number = secrets.token_hex(4), 0
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.monotonic()
        try:
            while (due := begin + number / rate) < begin + seconds:
                number += 1
                early = due - time.monotonic()
                if early > 0:
                    time.sleep(early)
                    due = time.monotonic()
                worked = _worked_s(pid)
                sent = time.monotonic()
                _hold(sock, f"TG-{first + number * 7919 % listings}", f"{token}-{number}")
                taken.append((due, sent, time.monotonic(), _worked_s(pid) - worked))
        except _Stopped:
            pass
    return taken


def _worked_s(pid: int) -> float:
    if not pid:
        return 0.0
    with open(f"/proc/{pid}/schedstat") as stat:
        return int(stat.read().split()[0]) / 1e9


def _hold(sock: socket.socket, remote_id: str, global_id: str) -> None:
    """Hold two tickets. Exits when that is refused: such a run does not count."""
    body = f'{{"remote_id":"{remote_id}","quantity":2,"global_id":"{global_id}"}}'
    sock.sendall(_TEMPLATE.format(length=len(body), body=body).encode())
    answer = b""
    while not _is_whole(answer):
        more = sock.recv(65536)
        if not more:
            sys.exit(f"the server closed the connection after {answer!r}")
        answer += more
    if not answer.startswith(b"HTTP/1.1 200 "):
        sys.exit(f"the server answered {answer!r}")


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return len(body) >= int(length.partition(b":")[2])


def _stop(signal_number: int, frame: object) -> None:
    raise _Stopped


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    port, first, listings = map(int, sys.argv[1:4])
    json.dump(
        call_steadily(port, first, listings, float(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6])), sys.stdout
    )
