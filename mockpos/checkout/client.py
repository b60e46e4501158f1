"""An automator, as its client sees it: three calls over HTTP, and what a careful client concludes from each answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from mockpos.checkout.wire import read_code, read_detail, read_values, says_json
from mockpos.contract.bodies import write_call
from mockpos.contract.loader import load_contract
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import BadInput
from mockpos.http_client import HttpClient, NoResponse, Request, Response

_SUCCEEDED_AS = {Operation.HOLD: "held", Operation.RELEASE: "released", Operation.INVOICE: "invoiced"}
_NOTHING_CHANGED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_LONGEST_RETRY_AFTER_S = 3600


class Heard(StrEnum):
    """What a client may conclude from the answer to a call."""

    SUCCESS = "success"
    REFUSED = "refused"
    """For good: the same call again is of no use."""
    TRY_AGAIN = "try again"
    """Nothing changed; the same call may work later."""
    UNKNOWN = "unknown"
    """It may have taken effect or not: repeat it with the same ids, or give it up with a release."""


@dataclass(frozen=True, slots=True)
class CallResult:
    """One call and what came of it.

    ``code`` is what succeeded (held, released, invoiced), the error's code, or None when no code could be read.
    ``values`` are a success's fields by our names. ``detail`` is a sentence for people. ``took``: seconds.
    """

    operation: Operation
    request: Request
    response: Response | None
    heard: Heard
    code: str | None
    detail: str
    took: float
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def status(self) -> int | None:
        """Return the HTTP status, or None where no whole response came."""
        return self.response.status if self.response else None

    @property
    def retry_after(self) -> float:
        """Return the seconds that the answer asks to wait before the same call is made again, or 0."""
        text = self.response.header("Retry-After") if self.response else ""
        return min(float(text), _LONGEST_RETRY_AFTER_S) if text.isascii() and text.isdecimal() else 0.0

    @property
    def request_id(self) -> str:
        """Return the id under which the automator's log has the call: as answered, else as sent."""
        answered = self.response.header("X-Request-Id") if self.response else ""
        return answered or next((value for name, value in self.request.headers if name == "X-Request-Id"), "")


class AutomatorClient:
    """Calls one automator. ``timeout``: seconds for one whole call. ``headers`` go with every call."""

    def __init__(
        self,
        url: str,
        api_key: str | None,
        contract: Contract | None = None,
        *,
        timeout: float = 10.0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Check what it is given. Raises BadInput for a URL, key or header that cannot be sent."""
        for name, text in {"the API key": api_key or "", **(headers or {})}.items():
            if not (text.isascii() and text.isprintable()):
                raise BadInput(f"{name}: printable ASCII characters only")
        self.http = HttpClient(url, timeout)
        self.contract = contract or load_contract()
        self._api_key = api_key
        self._headers = tuple((headers or {}).items())

    def hold(self, remote_id: str, quantity: int, global_id: str, timeout: float | None = None) -> CallResult:
        """Ask to hold tickets. Never raises for what goes wrong on the way."""
        values = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
        return self.call(Operation.HOLD, values, timeout)

    def release(self, global_id: str, timeout: float | None = None) -> CallResult:
        """Ask to release a hold."""
        return self.call(Operation.RELEASE, {"global_id": global_id}, timeout)

    def invoice(self, global_id: str, order_id: str, timeout: float | None = None) -> CallResult:
        """Ask to sell a hold's tickets."""
        return self.call(Operation.INVOICE, {"global_id": global_id, "order_id": order_id}, timeout)

    def request(self, operation: Operation, values: Mapping[str, object]) -> Request:
        """Write one call without sending it."""
        written = write_call(self.contract, operation, values, self._api_key)
        for name, value in self._headers:
            written = written.with_header(name, value)
        return written

    def call(self, operation: Operation, values: Mapping[str, object], timeout: float | None = None) -> CallResult:
        """Make one call. Never raises for what goes wrong on the way."""
        return self.send(operation, self.request(operation, values), timeout)

    def send(self, operation: Operation, request: Request, timeout: float | None = None) -> CallResult:
        """Send a request that was written before, and judge its answer."""
        try:
            response = self.http.send(request, timeout)
        except NoResponse as none:
            heard = Heard.UNKNOWN if none.sent else Heard.TRY_AGAIN
            return CallResult(operation, request, None, heard, None, str(none), none.took)
        return judge(self.contract, operation, request, response)


def judge(contract: Contract, operation: Operation, request: Request, response: Response) -> CallResult:
    """Say what a careful client concludes from a response."""
    body = response.json() if says_json(response) else None
    rule = contract.operations[operation]
    if response.status == rule.success and (isinstance(body, dict) or not rule.answers_body):
        values = read_values(contract, operation, body)
        code = _SUCCEEDED_AS[operation]
        return CallResult(operation, request, response, Heard.SUCCESS, code, "", response.took, values)
    code_read = read_code(contract, body)
    detail = read_detail(contract, body) or ("" if code_read else _odd(response))
    heard = _conclusion(response.status, code_read, is_answer=body is not None)
    return CallResult(operation, request, response, heard, code_read, detail, response.took)


def _conclusion(status: int, code: str | None, *, is_answer: bool) -> Heard:
    if not is_answer:
        return Heard.UNKNOWN  # an automator answers in JSON: this came from something in between
    if code is not None and code in CATALOGUE:
        known = CATALOGUE[code]
        if known.outcome_unknown:
            return Heard.UNKNOWN
        return Heard.TRY_AGAIN if known.retryable else Heard.REFUSED
    if status in _NOTHING_CHANGED:
        return Heard.TRY_AGAIN
    return Heard.REFUSED if 400 <= status < 500 else Heard.UNKNOWN


def _odd(response: Response) -> str:
    kind = response.media_type or "no Content-Type"
    return f"{response.status} {kind}, {len(response.body):,} bytes: no answer that the contract knows"
