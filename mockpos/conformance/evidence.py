"""What happened on the wire, as a report keeps it: without the key, without the host, enough to judge it again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from mockpos.checkout.wire import read_code, read_values, says_json
from mockpos.conformance.check import Kind
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Failure, Response

KEY_MARK = "[API key]"
HOST_MARK = "[host]"
LONGEST_BODY = 16_384
"""Longer bodies are cut in a report; what was found out about the whole body stands beside it."""

_COMPARED = ("global_id", "remote_id", "quantity", "seats", "invoice_id", "order_id")
"""What has to be the same when a call is answered again; times and counters may differ."""

_LONGEST_SHOWN = 160
_NO_BODY = (204, 205, 304)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call of a check: what was sent, what came back or why nothing did, and when.

    ``contract`` is how its answer is read; a report has it once for all.
    ``at`` and ``took`` are seconds, ``at`` since the run began. ``capacity`` is the number of tickets that could be
    held at that moment, as far as the kit knows; ``round`` counts the rounds of a race, 0 outside of one.
    """

    contract: Contract
    number: int
    check: str
    step: str
    operation: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str
    key: str
    at: float
    took: float
    round: int = 0
    capacity: int | None = None
    global_id: str = ""
    remote_id: str = ""
    quantity: float | None = None
    order_id: str = ""
    status: int | None = None
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: str = ""
    response_is_json: bool = False
    failure: str = ""
    detail: str = ""
    sent: bool = True

    def json(self) -> object:
        """Return the response's body as JSON, or None."""
        try:
            return json.loads(self.response_body)
        except (ValueError, RecursionError):
            return None

    @property
    def is_of_an_operation(self) -> bool:
        """Tell whether it is one of the three calls, and not a path or method that none has."""
        return self.operation in tuple(Operation)

    @property
    def is_contracts_success(self) -> bool:
        """Tell whether it has the status with which the contract answers a success."""
        return self.is_of_an_operation and self.status == self.contract.operations[Operation(self.operation)].success

    @property
    def kind(self) -> Kind:
        """Say what kind of answer it is, by its status alone: whether it is JSON is another rule's business."""
        if self.status is None:
            return Kind.NONE
        if self.is_contracts_success:
            return Kind.SUCCESS
        if 200 <= self.status < 300:
            return Kind.OTHER_SUCCESS
        if 300 <= self.status < 400:
            return Kind.REDIRECT
        return Kind.REFUSED if 400 <= self.status < 500 else Kind.ERROR

    @property
    def succeeded(self) -> bool:
        """Tell whether the call did what it asked for, as far as its status says."""
        return self.kind in (Kind.SUCCESS, Kind.OTHER_SUCCESS)

    @property
    def timed_out(self) -> bool:
        """Tell whether the call was given up."""
        return self.failure == Failure.TIMED_OUT

    @property
    def may_have_no_body(self) -> bool:
        """Tell whether the contract itself says that this answer has no body."""
        return self.status in _NO_BODY and self.is_contracts_success

    @property
    def code(self) -> str | None:
        """Return the code that an error carries."""
        return read_code(self.contract, self.json())

    def values(self) -> Mapping[str, object]:
        """Return what a success says, by our names."""
        return read_values(self.contract, Operation(self.operation), self.json())

    def says_the_same_as(self, other: "Exchange") -> bool:
        """Tell whether two successes say the same, in the fields that both have."""
        one, two = self.values(), other.values()
        return all(one[name] == two[name] for name in _COMPARED if name in one and name in two)

    def said(self) -> str:
        """Put an answer into words: its status, its code, else the beginning of its body."""
        if self.status is None:
            return f"no answer ({self.detail})"
        code = self.code if self.status >= 400 else None
        if code:
            return f"{self.status} {code}"
        body = " ".join(self.response_body.split())
        shown = body if len(body) <= _LONGEST_SHOWN else f"{body[:_LONGEST_SHOWN]}..."
        return f"{self.status} {shown}".rstrip()

    def document(self) -> dict[str, Any]:
        """Lay it out for a JSON report."""
        members = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "contract"}
        return {name: value for name, value in members.items() if value not in ("", None, (), 0) or name == "number"}


def read_exchange(document: Mapping[str, Any], contract: Contract) -> Exchange:
    """Read what ``Exchange.document`` wrote. Raises TypeError, ValueError or KeyError for anything else."""
    pairs = {
        name: tuple((str(key), str(value)) for key, value in document.get(name, ()))
        for name in ("headers", "response_headers")
    }
    missing = {"at": 0.0, "took": 0.0, "response_is_json": False, "sent": False, "body": "", "key": "", "operation": ""}
    return Exchange(**{**missing, **document, **pairs, "contract": contract})


@dataclass(frozen=True, slots=True)
class Redaction:
    """Takes the key and the host out of texts."""

    key: str
    hosts: tuple[str, ...] = field(default=())

    def __call__(self, text: str) -> str:
        """Return the text with marks in their place."""
        if len(self.key) >= 4:
            text = text.replace(self.key, KEY_MARK)
        for host in sorted(self.hosts, key=len, reverse=True):
            text = text.replace(host, HOST_MARK)
        return text

    def pairs(self, headers: Sequence[tuple[str, str]], key_header: str = "") -> tuple[tuple[str, str], ...]:
        """Return headers without the key's value and without the host."""
        return tuple(
            (name, KEY_MARK if key_header and name.lower() == key_header.lower() else self(value))
            for name, value in headers
        )


def _is_strict(body: bytes) -> bool:
    """Tell whether other languages read this JSON too: no byte order mark, no NaN or Infinity (RFC 8259)."""

    def refuse(name: str) -> object:
        raise ValueError(name)

    try:
        json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def response_facts(response: Response, redaction: Redaction) -> dict[str, Any]:
    """Return the members of an Exchange that a response gives."""
    text = redaction(response.body.decode("utf-8", "backslashreplace"))
    return {
        "status": response.status,
        "response_headers": redaction.pairs(response.headers),
        "response_body": text[:LONGEST_BODY],
        "response_is_json": says_json(response) and _is_strict(response.body),
        "took": response.took,
    }
