"""The servers of a run: one that is there already, or some of our own that live as long as the run does.

Some codes need a server that was started for them: a key that is switched off, a hold TTL of a moment, a rate limit.
Each of our own servers is a process over a fresh shipped world in a temporary folder.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.exercise.case_run import Target
from mockpos.exercise.cases import Call, Needs
from mockpos.exercise.expectation import code_in
from mockpos.exercise.http_client import Client, NoAnswer
from mockpos.exercise.requests import RequestWriter

Targets = Mapping[Needs, Target]
"""The server for each need that there is one for."""

_KEY_REFUSED = ("api_key_missing", "api_key_invalid", "key_not_allowed")
_DEADLINE_S = 60.0
_STOP_S = 30.0
_WITH = {Needs.NOTHING: Needs.DISABLED_KEY}
"""Which need's server serves another need as well: a second key is in nobody's way."""


def there_already(url: str, api_key: str, contract: Contract, prefix: str) -> Targets:
    """Return the targets when a server runs already. Raises BadInput when it cannot be reached or refuses the key."""
    target = Target(Client(url), RequestWriter(contract, api_key, None, prefix), is_ours=False)
    try:
        answer = target.client.send(target.writer.write(Call(operation=Operation.RELEASE, hold="probe"), 0))
    except NoAnswer as error:
        raise BadInput(f"--url {url}: {error}; is `mockpos serve` running there?") from None
    code = code_in(contract, answer)
    if code in _KEY_REFUSED:
        raise BadInput(f"--api-key: {url} does not take this key ({code}); give the one it was started with")
    return {Needs.NOTHING: target}


@contextmanager
def our_own(
    contract_file: Path | None, contract: Contract, api_key: str, prefix: str, needed: set[Needs]
) -> Iterator[Targets]:
    """Start what is needed side by side; stop and remove it afterwards. Raises BadInput when one does not start."""
    needs = {_WITH.get(need, need) for need in (*needed, Needs.NOTHING)}
    with TemporaryDirectory(prefix="mockpos-exercise-") as folder, ExitStack() as stack:
        with _undisturbed():  # between a start and its note, a signal would leave a server behind
            started = {need: stack.enter_context(_Server(Path(folder), contract_file, api_key, need)) for need in needs}
        targets = {
            need: Target(Client(server.url()), RequestWriter(contract, api_key, None, prefix), is_ours=True)
            for need, server in started.items()
        }
        yield {**targets, Needs.NOTHING: targets[Needs.DISABLED_KEY]}


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put SIGTERM off until the end."""
    came: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
    if came:
        signal.raise_signal(signal.SIGTERM)


class _Server:
    """One ``mockpos serve`` in a process of its own, in a context."""

    def __init__(self, folder: Path, contract_file: Path | None, api_key: str, need: Needs) -> None:
        name = need.name.lower()
        self._ready = folder / f"{name}.url"
        self._log = folder / f"{name}.log"
        self._command = [
            *(sys.executable, "-m", "mockpos", "serve", "--quiet", "--port", "0", "--api-key", api_key),
            *("--inventory", str(folder / f"{name}.json"), "--ready-file", str(self._ready), *need.split()),
            *(() if contract_file is None else ("--contract", str(contract_file))),
        ]

    def __enter__(self) -> "_Server":
        """Start it; it need not be ready yet."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKPOS_")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, and no shell
                self._command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it, and wait until it is gone."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def url(self) -> str:
        """Wait until it answers and return where. Raises BadInput."""
        deadline = time.monotonic() + _DEADLINE_S
        while not self._ready.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self._log.read_text(encoding="utf-8", errors="replace").strip()
                raise BadInput(f"a server for the exercise did not start:\n{said}")
            time.sleep(0.02)
        return self._ready.read_text(encoding="utf-8").strip()
