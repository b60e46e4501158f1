"""Runs one case against a server, there already or our own: makes its calls in order, judges the last answer.

Some codes need a server that was started for them: a key that is switched off, a hold TTL of a moment, a rate limit.
Each of our own servers is a process over a fresh shipped world, in memory.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mockpos.contract.bodies import error_body
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput
from mockpos.exercise.cases import Call, Case, Kind, Marks, Needs
from mockpos.exercise.requests import Client, RequestWriter, request_told
from mockpos.http_client import NoResponse, Response
from mockpos.processes import ServerProcess


@dataclass(frozen=True, slots=True)
class Target:
    """A server to call. ``is_ours``: started for this run, so its inventory is the shipped world, untouched."""

    client: Client
    writer: RequestWriter
    is_ours: bool


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


_ABOUT_LISTINGS = (
    *("listing_not_found", "listing_retired", "listing_not_for_sale", "listing_sold_out"),
    *("insufficient_quantity", "held_by_another", "invalid_split"),
)


class Result(StrEnum):
    """How a case ended. The values are those of the report."""

    WORKED = "worked"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case ended, with what was sent last, what was expected and what came, in words."""

    case: Case
    result: Result
    why: str = ""
    request: str = ""
    expected: str = ""
    came: str = ""
    seconds: float = 0.0


class CaseRun:
    """One case under way. ``number`` tells it from the others of the run."""

    def __init__(self, case: Case, number: int, target: Target, contract: Contract) -> None:
        self._case = case
        self._number = number
        self._target = target
        self._contract = contract
        self._expectation = Expectation(contract, case.code, case.marks)
        self._held: set[str] = set()
        self._sent, self._came = "", ""

    def run(self) -> Outcome:
        """Try it. Never raises for what a server does."""
        started = time.monotonic()
        try:
            result, why = self._walk()
        except NoResponse as error:
            result, why = Result.FAILED, f"no answer: {error}"
        self._give_back()
        took = time.monotonic() - started
        return Outcome(self._case, result, why, self._sent, self._expectation.told(), self._came, took)

    def _walk(self) -> tuple[Result, str]:
        *before, last = self._case.calls
        for call in before:
            answer = self._send(call)
            if call.may_fail:
                continue
            if call.operation is self._case.operation and not self._expectation.faults(answer):
                return Result.WORKED, ""  # an earlier run left the state that this call was to bring about
            if answer.status != self._contract.operations[call.operation].success:
                return self._judged(answer, [f"the {call.operation.value} that prepares it did not succeed"])
        answer = self._send(last)
        faults = self._expectation.faults(answer)
        return self._judged(answer, faults) if faults else (Result.WORKED, "")

    def _judged(self, answer: Response, faults: list[str]) -> tuple[Result, str]:
        """Tell a failure from a listing that another server's inventory lacks, or has in another state."""
        code = code_in(self._contract, answer)
        if not self._target.is_ours and self._case.listing is not None and code in _ABOUT_LISTINGS:
            return Result.NOT_TRIED, f"{self._case.listing} is not there as in the shipped worlds: {code}"
        if self._case.kind is Kind.MAGIC and code == "listing_not_found":
            faults = [*faults, "was the server started with --no-magic?"]
        return Result.FAILED, "; ".join(faults)

    def _send(self, call: Call) -> Response:
        time.sleep(call.after_ms / 1000)
        request = self._target.writer.write(call, self._number)
        self._sent, self._came = request_told(call.operation, request, self._target.client.url), ""
        try:
            answer = self._target.client.send(request)
        except NoResponse as error:
            self._note(call, worked=call.operation is Operation.HOLD)
            self._came = f"no answer: {error}"
            raise
        self._came = answer.summary()
        self._note(call, worked=answer.status == self._contract.operations[call.operation].success)
        return answer

    def _note(self, call: Call, *, worked: bool) -> None:
        if worked and call.operation is Operation.HOLD:
            self._held.add(call.hold)
        elif worked:
            self._held.discard(call.hold)

    def _give_back(self) -> None:
        """Release what is still held, out of any scenario's reach."""
        for hold in self._held:
            request = self._target.writer.write(Call(operation=Operation.RELEASE, hold=hold), self._number)
            try:
                self._target.client.send(request)
            except NoResponse:
                continue


_ANYTHING = "\0anything"
_HTTP_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Expectation:
    """One code under one contract. ``marks``: who must have forced it; None when nothing may have."""

    contract: Contract
    code: str
    marks: Marks | None

    def told(self) -> str:
        """Write for people what is expected."""
        rule = self.contract.errors
        shown = f"{self.contract.status(CATALOGUE[self.code])} {rule.media_type}, code {self.code}"
        return f"{shown}, forced by the scenario {self.marks.scenario}" if self.marks else shown

    def faults(self, answer: Response) -> list[str]:
        """List in what way an answer is not the expected one; nothing when it is."""
        return [*self._wrong_status(answer), *self._wrong_headers(answer), *self._wrong_marks(answer)]

    def _wrong_status(self, answer: Response) -> Iterator[str]:
        status = self.contract.status(CATALOGUE[self.code])
        if answer.status != status:
            yield f"the status is {answer.status}, not {status}"
        media_type = self.contract.errors.media_type.lower()
        if answer.media_type != media_type:
            yield f"the Content-Type is {answer.media_type or 'missing'}, not {media_type}"
        expected = expected_body(self.contract, self.code, answer.header("x-request-id"))
        yield from _differences(expected, answer.json(), "")

    def _wrong_headers(self, answer: Response) -> Iterator[str]:
        if not answer.header("x-request-id"):
            yield "there is no X-Request-Id"
        if CATALOGUE[self.code].retry_after and not answer.header("retry-after").isdecimal():
            yield "there is no Retry-After in seconds"
        if answer.status == _HTTP_UNAUTHORIZED and not answer.header("www-authenticate"):
            yield "there is no WWW-Authenticate"
        if self.code == "method_not_allowed" and not answer.header("allow"):
            yield "there is no Allow"

    def _wrong_marks(self, answer: Response) -> Iterator[str]:
        wanted = (self.marks.scenario, self.marks.rule) if self.marks else (None, None)
        for name, value in zip(("X-Mockpos-Scenario", "X-Mockpos-Rule"), wanted, strict=True):
            came = answer.header(name) or None
            if came != value:
                yield f"{name} is {came or 'missing'}, not {value or 'missing'}"


def expected_body(contract: Contract, code: str, request_id: str) -> dict[str, object]:
    """Return the body of a code; what differs from call to call is _ANYTHING."""
    documented = CATALOGUE[code]
    return error_body(contract, documented, _ANYTHING, dict.fromkeys(documented.details, _ANYTHING), request_id)


def code_in(contract: Contract, answer: Response) -> str | None:
    """Return the documented code that an answer's body carries, or None."""
    body, request_id = answer.json(), answer.header("x-request-id")
    for code in CATALOGUE:
        is_its_status = answer.status == contract.status(code)
        if is_its_status and not list(_differences(expected_body(contract, code.code, request_id), body, "")):
            return code.code
    return None


def _differences(expected: object, came: object, at: str) -> Iterator[str]:
    """Yield where a body is not as expected. It may have members more: a details object is the code's own."""
    if expected == _ANYTHING:
        return
    children: Mapping[object, object] = {}
    if isinstance(expected, Mapping):
        children = expected
    elif isinstance(expected, list):
        children = dict(enumerate(expected))
    elif came != expected:
        yield f"{at} is {came!r:.100}, not {expected!r}"
    for name, value in children.items():
        place = f"{at}.{name}" if at else str(name)
        try:
            below = came[name]  # type: ignore[index]  # whatever JSON came: what has no such member raises
        except (TypeError, KeyError, IndexError):
            yield f"{place} is missing"
        else:
            yield from _differences(value, below, place)
