"""A server in a process of its own, and a raw client: what is tested here are bytes on a socket."""

import json
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).with_name("sample_app.py")


class Server:
    """The sample app, running; what it prints can be waited for."""

    def __init__(self, **options: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SAMPLE), json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.errors: list[str] = []
        self._marks = 0
        self._threads = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines.put)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors.append)),
        ]
        for thread in self._threads:
            thread.start()
        self.port = int(self.lines.get(timeout=20))

    @staticmethod
    def _read(stream: Any, keep: Callable[[str], None]) -> None:
        with stream:
            for line in stream:
                keep(line.rstrip("\n"))

    def wait_for(self, text: str, seconds: float = 10) -> str:
        """Return the next printed line that contains ``text``; skips others."""
        deadline = time.monotonic() + seconds
        while True:
            line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            if text in line:
                return line

    def printed(self) -> list[str]:
        """Take what was printed up to now and not waited for."""
        mark = None
        if self.process.poll() is None:
            self._marks += 1
            mark = f"app GET /mark-{self._marks}"
            self.ask(b"GET /mark-%d HTTP/1.1\r\nHost: a\r\n\r\n" % self._marks)
        else:
            self.kill()
        lines: list[str] = []
        while mark is not None or not self.lines.empty():
            lines.append(self.lines.get(timeout=10))
            if lines[-1] == mark:
                return lines[:-1]
        return lines

    def end(self, seconds: float = 10) -> int:
        """Wait for the process to end by itself; return its status."""
        try:
            return self.process.wait(timeout=seconds)
        finally:
            self.kill()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for thread in self._threads:
            thread.join()

    def connect(self) -> "Client":
        return Client(self.port)

    def ask(self, request: bytes) -> "Reply":
        """Send one request on a connection of its own and return the answer."""
        with self.connect() as client:
            client.send(request)
            return client.reply()


class Reply:
    """One HTTP response."""

    def __init__(self, head: bytes, body: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.reason = lines[0].split(" ", 2)[2]
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """A raw connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.buffer = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def _more(self) -> bool:
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def reply(self, *, head_only: bool = False) -> Reply:
        """Read one response; raises EOFError when the connection ends before it does."""
        head = self.until(b"\r\n\r\n")[:-4]
        reply = Reply(head, b"")
        if head_only:
            return reply
        if reply.headers.get("transfer-encoding") == "chunked":
            while size := int(self.until(b"\r\n"), 16):
                reply.body += self.exactly(size + 2)[:-2]
            self.exactly(2)
        else:
            reply.body = self.exactly(int(reply.headers.get("content-length", "0")))
        return reply

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            if not self._more():
                raise EOFError(self.buffer)
        end = self.buffer.index(mark) + len(mark)
        found, self.buffer = self.buffer[:end], self.buffer[end:]
        return found

    def exactly(self, size: int) -> bytes:
        while len(self.buffer) < size:
            if not self._more():
                raise EOFError(self.buffer)
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def rest(self) -> bytes:
        """Read until the server closes; return all of it."""
        while self._more():
            pass
        return self.buffer


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Serve the sample app."""
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Start servers that a test stops itself."""
    started: list[Server] = []

    def start_one(**options: object) -> Server:
        started.append(Server(**options))
        return started[-1]

    yield start_one
    for server in started:
        server.kill()
