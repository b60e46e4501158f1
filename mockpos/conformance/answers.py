"""Reads an exchange as rules speak of it: what kind of answer it is, what it says, how to put it into words."""

from collections.abc import Mapping

from mockpos.checkout.wire import read_code, read_values
from mockpos.conformance.check import Kind
from mockpos.conformance.evidence import Exchange
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.http_client import Failure

_COMPARED = ("global_id", "remote_id", "quantity", "seats", "invoice_id", "order_id")
"""What has to be the same when a call is answered again; times and counters may differ."""

_LONGEST_SHOWN = 160
_NO_BODY = (204, 205, 304)


def kind_of(exchange: Exchange, contract: Contract) -> Kind:
    """Say what kind of answer it is, by its status alone: whether it is JSON is another rule's business."""
    status = exchange.status
    if status is None:
        return Kind.NONE
    if exchange.operation in tuple(Operation) and status == success_status(exchange, contract):
        return Kind.SUCCESS
    if 200 <= status < 300:
        return Kind.OTHER_SUCCESS
    if 300 <= status < 400:
        return Kind.REDIRECT
    return Kind.REFUSED if 400 <= status < 500 else Kind.ERROR


def succeeded(exchange: Exchange, contract: Contract) -> bool:
    """Tell whether the call did what it asked for, as far as its status says."""
    return kind_of(exchange, contract) in (Kind.SUCCESS, Kind.OTHER_SUCCESS)


def success_status(exchange: Exchange, contract: Contract) -> int:
    """Return the status with which the contract answers a success."""
    return contract.operations[Operation(exchange.operation)].success


def values_of(exchange: Exchange, contract: Contract) -> Mapping[str, object]:
    """Return what a success says, by our names."""
    return read_values(contract, Operation(exchange.operation), exchange.json())


def same_answer(first: Exchange, again: Exchange, contract: Contract) -> bool:
    """Tell whether two successes say the same, in the fields that both have."""
    one, two = values_of(first, contract), values_of(again, contract)
    return all(one[name] == two[name] for name in _COMPARED if name in one and name in two)


def code_of(exchange: Exchange, contract: Contract) -> str | None:
    """Return the code that an error carries."""
    return read_code(contract, exchange.json())


def may_have_no_body(exchange: Exchange, contract: Contract) -> bool:
    """Tell whether the contract itself says that this answer has no body."""
    return (
        exchange.status in _NO_BODY
        and exchange.operation in tuple(Operation)
        and exchange.status == success_status(exchange, contract)
    )


def timed_out(exchange: Exchange) -> bool:
    """Tell whether the call was given up."""
    return exchange.failure == Failure.TIMED_OUT


def said(exchange: Exchange, contract: Contract) -> str:
    """Put an answer into words: its status, its code, else the beginning of its body."""
    if exchange.status is None:
        return f"no answer ({exchange.detail})"
    code = code_of(exchange, contract) if exchange.status >= 400 else None
    if code:
        return f"{exchange.status} {code}"
    body = " ".join(exchange.response_body.split())
    shown = body if len(body) <= _LONGEST_SHOWN else f"{body[:_LONGEST_SHOWN]}..."
    return f"{exchange.status} {shown}".rstrip()
