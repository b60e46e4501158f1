"""The servers of a run: one that is there already, or some of our own that live as long as the run does.

Some codes need a server that was started for them: a key that is switched off, a hold TTL of a moment, a rate limit.
Each of our own servers is a process over a fresh shipped world, in memory.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import BadInput
from mockpos.exercise.case_run import Target, code_in
from mockpos.exercise.cases import Call, Needs
from mockpos.exercise.requests import Client, RequestWriter
from mockpos.http_client import NoResponse
from mockpos.processes import ServerProcess

Targets = Mapping[Needs, Target]
"""The server for each need that there is one for."""

_KEY_REFUSED = ("api_key_missing", "api_key_invalid", "key_not_allowed")


def there_already(url: str, api_key: str, contract: Contract, prefix: str) -> Targets:
    """Return the targets when a server runs already. Raises BadInput when it cannot be reached or refuses the key."""
    target = Target(Client(url), RequestWriter(contract, api_key, None, prefix), is_ours=False)
    try:
        answer = target.client.send(target.writer.write(Call(operation=Operation.RELEASE, hold="probe"), 0))
    except NoResponse as error:
        raise BadInput(f"--url {url}: no answer: {error}; is `mockpos serve` running there?") from None
    code = code_in(contract, answer)
    if code in _KEY_REFUSED:
        raise BadInput(f"--api-key: {url} does not take this key ({code}); give the one it was started with")
    return {Needs.NOTHING: target}


@contextmanager
def our_own(
    contract_file: Path | None, contract: Contract, api_key: str, prefix: str, needed: set[Needs]
) -> Iterator[Targets]:
    """Start what is needed; stop it afterwards. Raises BadInput when one does not start."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKPOS_")}
    options = ["--port", "0", "--api-key", api_key]
    options += [] if contract_file is None else ["--contract", str(contract_file)]
    targets: dict[Needs, Target] = {}
    with ExitStack() as stack:
        for need in {*needed, Needs.DISABLED_KEY} - {Needs.NOTHING}:  # a second key is in nobody's way
            try:
                server = ServerProcess([*options, *need.split()], environment=environment)
            except BadInput as error:
                raise BadInput(f"a server for the exercise did not start:\n{error}") from None
            stack.callback(server.stop)
            targets[need] = Target(Client(server.url), RequestWriter(contract, api_key, None, prefix), is_ours=True)
        yield {**targets, Needs.NOTHING: targets[Needs.DISABLED_KEY]}
