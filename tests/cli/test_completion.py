"""What a shell is offered: names of files' contents and of a running server, without ever keeping it waiting."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.conftest import KEY, RunningServer, running_server
from tests.control.clients_over_http import OverHttp, control


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("served"), "--quiet", "--fixture", "tiny") as running:
        control(running.url, "POST", "/_mock/sandboxes", {"name": "checkout-17"})
        control(running.url, "PUT", "/_mock/snapshots/before")
        assert OverHttp(running.url, KEY).hold("TG-1042", 1, "held-1").code == "held"
        yield running


def offered(line: str, **environment: str) -> list[str]:
    """Return what bash is offered at the end of a line."""
    words = line.split(" ")
    asked = {"_MOCKPOS_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-c", "from mockpos.cli import main; main()"],
        env={**os.environ, **asked, **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mockpos serve --scenario brown", "plain,brownout"),
        ("mockpos serve --fixture ti", "plain,tiny"),
        ("mockpos serve --inventory ", "file,"),
        ("mockpos serve --scenarios ", "dir,"),
        ("mockpos scenarios use lost", "plain,lost-answers"),
        ("mockpos scenarios show lost", "plain,lost-answers"),
        ("mockpos requests --code listing_sold", "plain,listing_sold_out"),
        ("mockpos verify --code invoice_r", "plain,invoice_rejected"),
        ("mockpos reset --fixture ti", "plain,tiny"),
        ("mockpos listi", "plain,listings"),
        ("mockpos demo sell", "plain,sell-out"),
        ("mockpos demo ch", "plain,check"),
        ("mockpos holds --status rel", "plain,released"),
    ],
)
def test_names_that_need_no_server_are_offered(line: str, expected: str) -> None:
    assert expected in offered(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mockpos status --sandbox check", "plain,checkout-17"),
        ("mockpos sandbox delete check", "plain,checkout-17"),
        ("mockpos snapshots restore be", "plain,before"),
        ("mockpos sell TG-10", "plain,TG-1042"),
        ("mockpos release hel", "plain,held-1"),
    ],
)
def test_a_running_server_s_own_names_are_offered(line: str, expected: str, server: RunningServer) -> None:
    assert expected in offered(line, MOCKPOS_URL=server.url)


def test_a_server_that_is_not_there_offers_nothing_and_says_nothing() -> None:
    began = time.monotonic()
    assert offered("mockpos sell TG", MOCKPOS_URL="http://127.0.0.1:1") in ([], [""])
    assert time.monotonic() - began < 20
