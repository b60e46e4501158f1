"""The steps of the Dockerfile where no image can be built: in a mount namespace with a read-only root, as its user."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.conftest import ROOT
from tests.packaging.conftest import run

DOCKERFILE = (ROOT / "Dockerfile").read_text()
SYSTEM_PYTHON = "/usr/bin/python3"
NAMESPACE = """
set -eu
mount --make-rprivate /
mount --bind "$DATA" "$DATA"
mount -o remount,bind,ro /
if [ -n "${READ_ONLY_DATA-}" ]; then mount -o remount,bind,ro "$DATA"; fi
cd "$DATA"
if touch /here "$HOME/here" 2>/dev/null; then echo "the root can be written" >&2; exit 99; fi
exec setpriv --reuid "$IMAGE_USER" --regid "$IMAGE_USER" --clear-groups --no-new-privs "$@"
"""


def instruction(pattern: str) -> str:
    found = re.search(pattern, DOCKERFILE, re.M)
    assert found is not None, pattern
    return found[1]


USER = instruction(r"^USER (\d+)$")
ENVIRONMENT = dict(word.split("=", 1) for word in instruction(r"^ENV (.*)$").split())
HEALTH = json.loads(instruction(r"^HEALTHCHECK .* CMD (\[.*\])$"))
STOP = signal.Signals[instruction(r"^STOPSIGNAL (\w+)$")]
START = [*json.loads(instruction(r"^ENTRYPOINT (\[.*\])$")), *json.loads(instruction(r"^CMD (\[.*\])$"))]


class Container:
    """An installed wheel, a folder for its state, and programs run as the image's user."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        os.chown(self.data, int(USER), int(USER))
        self._programs = folder / "venv" / "bin"
        run(SYSTEM_PYTHON, "-m", "venv", folder / "venv")
        run(self._programs / "pip", "install", "--quiet", "--only-binary=:all:", wheel)

    def start(self, *command: str, port: int = 0, **environment: str) -> subprocess.Popen[str]:
        own = {name: value.replace("/data", str(self.data)) for name, value in ENVIRONMENT.items()}
        own |= {"PATH": f"{self._programs}:/usr/bin:/bin", "DATA": str(self.data), "IMAGE_USER": USER, "HOME": "/root"}
        return subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", NAMESPACE, "container", *command],
            env=own | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def serve(self, *options: str, **environment: str) -> tuple[subprocess.Popen[str], str]:
        process = self.start(*START, "--port", "0", "--ready-file", "/dev/stdout", *options, **environment)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            pytest.fail(process.communicate()[1])
        return process, url

    def is_healthy(self, url: str) -> bool:
        with self.start(*HEALTH, MOCKPOS_PORT=url.rpartition(":")[2]) as check:
            return check.wait(30) == 0


@pytest.fixture(scope="module")
def container(wheel: Path) -> Iterator[Container]:
    folder = Path(tempfile.mkdtemp(prefix="mockpos-container-"))
    folder.chmod(0o755)  # pytest's own folders are closed to other users
    yield Container(folder, wheel)
    shutil.rmtree(folder)


def hold(url: str) -> dict[str, object]:
    body = json.dumps({"remote_id": "TG-1042", "quantity": 2, "global_id": "g-1"}).encode()
    headers = {"X-API-Key": "mockpos-dev-key", "Content-Type": "application/json"}
    with urlopen(Request(f"{url}/v1/holds", body, headers), timeout=10) as answer:
        return dict(json.load(answer))


def test_it_serves_becomes_healthy_is_killed_and_finds_its_state_again(container: Container) -> None:
    process, url = container.serve()
    with process:
        assert container.is_healthy(url)
        assert hold(url)["replayed"] is False
        process.kill()
    assert not container.is_healthy(url)
    process, url = container.serve()
    with process:
        assert container.is_healthy(url)
        assert hold(url)["replayed"] is True
        process.send_signal(STOP)
        assert process.wait(30) == 0
    owned = {path.name: path.stat().st_uid for path in container.data.iterdir()}
    assert owned["inventory.json"] == int(USER)
    assert set(owned.values()) == {int(USER)}


def test_in_memory_it_needs_no_place_to_write_at_all(container: Container) -> None:
    process, url = container.serve("--memory", READ_ONLY_DATA="yes")
    with process:
        assert hold(url)["status"] == "held"
        process.send_signal(STOP)
        assert process.wait(30) == 0


def test_exec_works_for_another_user_with_nothing_to_write(container: Container) -> None:
    command = ["mockpos", "exec", "--host", "127.0.0.1", "--", "sh", "-c", 'mockpos ready --url "$MOCKPOS_URL"; exit 7']
    with container.start(*command, READ_ONLY_DATA="yes") as process:
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 7, errors
    assert said.endswith("is ready\n")
    assert "mockpos: audit: clean" in errors
