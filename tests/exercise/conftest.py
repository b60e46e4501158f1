"""What the tests of the exercise share: the command run in this process, and small targets that are no mockpos."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from mockpos.cli import main


@dataclass
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


Exercise = Callable[..., Done]


@pytest.fixture
def exercise(capsys: pytest.CaptureFixture[str]) -> Exercise:
    """Run ``mockpos exercise`` as the shell would."""

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        try:
            main(["exercise", *arguments])
        except SystemExit as ended:
            status = int(ended.code or 0)
        else:
            status = 0
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


@contextmanager
def target_that_says(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[str]:
    """Serve these answers in turn, the last one for ever, whatever is asked; give the URL."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            lengths = self.headers.get_all("Content-Length", [])
            if len(lengths) == 1:  # with two that differ there is no telling how much comes
                self.rfile.read(int(lengths[0]))
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
