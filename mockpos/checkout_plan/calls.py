"""The calls that a checkout made, as the automator's journal has them: evidence for the judge and for the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockpos.conformance.evidence import KEY_MARK
from mockpos.domain.clock import parse_rfc3339
from mockpos.domain.codes import CATALOGUE
from mockpos.testing.sandbox import Sandbox

_NOT_SHOWN = ("host", "connection", "content-length", "accept-encoding")
_COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``at`` and ``took`` are in seconds; ``document`` is all that the journal knows of it."""

    number: int
    request_id: str
    operation: str
    code: str
    global_id: str
    committed: bool
    sent: str
    at: float
    took: float
    retry_after: float | None
    document: Mapping[str, Any]

    @property
    def is_lost(self) -> bool:
        """Tell whether its caller cannot know what became of it."""
        return self.sent != _COMPLETE or (self.code in CATALOGUE and CATALOGUE[self.code].outcome_unknown)

    @property
    def is_refused(self) -> bool:
        """Tell whether it was refused for good, and the caller heard so."""
        return self.sent == _COMPLETE and self.code in CATALOGUE and not CATALOGUE[self.code].retryable

    @property
    def is_done(self) -> bool:
        """Tell whether it was answered with success, and the caller heard so."""
        return self.sent == _COMPLETE and self.code in ("held", "released", "invoiced")


def read_calls(sandbox: Sandbox, first_number: int = 1) -> list[Call]:
    """Return the calls of the three operations so far, in order of arrival, numbered from ``first_number``."""
    listed = [each for each in sandbox.calls() if each["operation"] is not None]
    documents = [sandbox.call(each["request_id"]) for each in listed]
    return [_call(number, *each) for number, each in enumerate(zip(listed, documents, strict=True), first_number)]


def exchange_of(call: Call, plan: str, began: float) -> dict[str, Any]:
    """Lay a call out as the reports of the kit have exchanges: without the key and without the host."""
    request, response = call.document["request"], call.document["response"]
    exchange = {
        "number": call.number, "check": plan, "step": f"{plan}: {call.operation}", "operation": call.operation,
        "method": request["method"], "target": request["target"], "key": "right",
        "headers": [[name, KEY_MARK if value == "[redacted]" else value] for name, value in _headers(request)],
        "body": _text(request), "at": round(call.at - began, 3), "took": round(call.took, 4),
        "global_id": call.global_id,
    }  # fmt: skip
    if call.sent != _COMPLETE or response is None:
        done = "took effect" if call.committed else "changed nothing"
        return exchange | {"detail": f"the answer was lost on the way ({call.sent}); the call {done}"}
    answer = {"status": response["status"], "response_body": _text(response), "response_is_json": True}
    return exchange | answer | {"response_headers": [list(pair) for pair in _headers(response)]}


def _call(number: int, listed: Mapping[str, Any], document: Mapping[str, Any]) -> Call:
    response = document["response"] or {"headers": ()}
    waits = [each["value"] for each in response["headers"] if each["name"].lower() == "retry-after"]
    return Call(
        number, listed["request_id"], listed["operation"], listed["code"] or "", listed["global_id"] or "",
        listed["committed"], listed["sent"], parse_rfc3339(listed["at"]) / 1000, listed["duration_ms"] / 1000,
        float(waits[0]) if waits and waits[0].isdecimal() else None, document,
    )  # fmt: skip


def _headers(message: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    pairs = [(each["name"], each["value"]) for each in message["headers"]]
    return [pair for pair in pairs if pair[0].lower() not in _NOT_SHOWN]


def _text(message: Mapping[str, Any]) -> str:
    return str((message.get("body") or {}).get("text", ""))
