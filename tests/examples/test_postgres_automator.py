"""The example automator over a real PostgreSQL, with four workers: the kit passes it, also after ``kill -9`` of one."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockpos.checkout import AutomatorClient, Checkout, Outcome, Purchase
from mockpos.cli import cli
from tests.conftest import ROOT

EXAMPLE = ROOT / "examples/postgres_automator"
KEY = "example-key"


@dataclass
class Example:
    """The example, running."""

    url: str
    folder: Path

    def workers(self) -> list[int]:
        master = int((self.folder / "gunicorn.pid").read_text())
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(master)], capture_output=True, text=True, check=True
        )
        return [int(each) for each in children.stdout.split()]

    def sql(self, query: str) -> str:
        program = f"""
import sys; sys.path.insert(0, {str(EXAMPLE)!r})
from sqlalchemy import text
from tables import open_database
with open_database("postgresql+psycopg://automator@/automator?host={self.folder}")() as session:
    print(*session.execute(text({query!r})).one())
"""
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.strip()


@pytest.fixture(scope="module")
def example() -> Iterator[Example]:
    place = os.environ.get("PYTEST_DEBUG_TEMPROOT")  # its commits wait for no disk where ``tmp_path`` has none
    folder = Path(tempfile.mkdtemp(prefix="mockpos-pg-", dir=place))  # a socket's path has 107 characters at most
    folder.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port), "PYTHON": sys.executable, "API_KEY": KEY}
    log = folder / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(EXAMPLE / "serve.sh"), str(folder)], stdout=output, stderr=output, env=environment
        )
    try:
        deadline = time.monotonic() + 90
        while not _listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield Example(f"http://127.0.0.1:{port}", folder)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def conform(example: Example, *words: str) -> Result:
    arguments = ["conform", example.url, "--api-key", KEY, "--codes", str(EXAMPLE / "codes.txt"), *words]
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def test_a_worker_killed_under_load_loses_and_oversells_nothing(example: Example) -> None:
    checkout = Checkout(AutomatorClient(example.url, KEY))
    killed: list[int] = []

    def kill() -> None:
        time.sleep(0.2)
        killed.append(example.workers()[0])
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    purchases = [Purchase("4713", 1, order_fails=number % 3 != 0) for number in range(60)]
    receipts = list(checkout.buy_many([*purchases, *[Purchase("4711", 1, order_fails=True)] * 60], 8))
    killer.join()
    assert killed
    assert not [receipt for receipt in receipts if receipt.outcome is Outcome.UNRESOLVED]
    bought = sum(receipt.outcome is Outcome.BOUGHT for receipt in receipts)
    sold, held = example.sql(
        "select coalesce(sum(quantity) filter (where state = 'invoiced'), 0), "
        "coalesce(sum(quantity) filter (where state = 'held'), 0) from holds"
    ).split()
    assert (int(sold), int(held)) == (bought, 0)
    free, there = example.sql("select sum(free), sum(quantity) from listings").split()
    assert int(free) + bought == int(there)


def test_the_kit_passes_it_with_four_workers(example: Example) -> None:
    deadline = time.monotonic() + 30
    while len(example.workers()) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    done = conform(
        example, "--listing", "4711:24", "--listing", "4712:6:2,4,6", "--sold-out", "4714", "--allow-invoice",
        "--time-limit", "300",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "11 pass  ->  conformant" in done.output
