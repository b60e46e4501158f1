"""Judges one answer: is it the documented error, as the contract writes it? Must not know how it was provoked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockpos.contract.bodies import error_body
from mockpos.contract.model import Contract
from mockpos.domain.codes import CATALOGUE
from mockpos.exercise.cases import Marks
from mockpos.http_client import Response

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
