"""A server whose standard error nobody reads, is full or closed goes on serving, and stops when it is asked to."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import KEY

CALLS = 1_500  # lines of which are more than a pipe takes


@contextmanager
def serving(folder: Path, redirection: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Serve with standard streams as a shell sets them; the pipe behind ``2>&9`` is one that nobody reads."""
    ready = folder / "ready.txt"
    unread, nobody = os.pipe()
    command = f"exec {sys.executable} -m mockpos serve --port 0 --fixture tiny --ready-file {ready} {redirection}"
    process = subprocess.Popen(["bash", "-c", f"{command.replace('&9', f'&{nobody}')}"], cwd=folder, pass_fds=[nobody])
    try:
        deadline = time.monotonic() + 30
        while not (ready.exists() and ready.read_text()):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process, ready.read_text().strip()
    finally:
        process.kill()
        process.wait()
        os.close(unread)
        os.close(nobody)


@pytest.mark.parametrize("redirection", ["2>&9", "2>&9 >&9", "2>&-", ">&- 2>&- <&-", "2>/dev/full"])
def test_calls_go_on_and_a_stop_ends_it_whatever_is_behind_standard_error(tmp_path: Path, redirection: str) -> None:
    with serving(tmp_path, redirection) as (process, url), httpx.Client(timeout=20) as client:
        for number in range(CALLS if "9" in redirection else 50):
            answer = client.delete(f"{url}/v1/holds/{'long-' * 20}{number}", headers={"X-API-Key": KEY})
            assert answer.status_code == 404
        process.terminate()
        assert process.wait(10) == 0
    assert not [path.name for path in tmp_path.iterdir() if path.name != "inventory.json"]
