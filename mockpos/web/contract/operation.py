"""One operation of the active contract: reads the call, makes one service call, answers.

The order is documented: key, rate, size, media type, JSON, fields. Whatever is refused on the way becomes the
documented answer. The same object answers calls that our server dispatched and those that came through Flask's routing.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mockpos.contract.model import Contract, GlobalIdIn, OperationRule
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import rfc3339
from mockpos.domain.errors import Refusal
from mockpos.domain.hold import BUYER
from mockpos.scenario.outcomes import PosAction
from mockpos.server.request import Reply, Request
from mockpos.services.automator import Automator, CallEffect
from mockpos.services.create_invoice import InvoiceAnswer
from mockpos.services.place_hold import HoldAnswer
from mockpos.services.release_hold import ReleaseAnswer
from mockpos.web.contract.bodies import is_json_type, read_object, unpacked
from mockpos.web.contract.scenario_runner import ScenarioRunner
from mockpos.web.contract.wire import RequestReader, ResponseWriter
from mockpos.web.exchange import Exchange
from mockpos.web.keys import KeyReader, RateLimit
from mockpos.web.replies import Replies

BODY_LIMIT = 65_536


class ProductOperation:
    """One of the three operations, under one contract."""

    def __init__(
        self, rule: OperationRule, contract: Contract, keys: KeyReader, rate: RateLimit | None, replies: Replies
    ) -> None:
        self.rule = rule
        self._keys = keys
        self._rate = rate
        self._replies = replies
        self._runner = ScenarioRunner(replies)
        self._reader = RequestReader(rule, refuse_unknown=contract.refuse_unknown_fields)
        self._writer = ResponseWriter(rule)
        self._serve = _SERVICES[rule.operation]
        self._has_body = rule.has_body

    def answer(self, exchange: Exchange, in_path: str | None, query: str) -> Reply:
        """Answer one call; ``in_path`` is the Global ID of a contract that has it there."""
        exchange.operation = self.rule.operation
        exchange.sandbox = self._keys.presumed(exchange)
        try:
            return self._carried_out(exchange, in_path, query)
        except Exception as error:  # each becomes a documented answer
            return self._replies.reply_to(error, exchange)

    def _carried_out(self, exchange: Exchange, in_path: str | None, query: str) -> Reply:
        owner, sandbox = self._keys.caller(exchange)
        exchange.sandbox = sandbox
        if self._rate is not None:
            self._rate.count(owner.tag)
        body = _read_body(exchange.request) if self._has_body else {}
        arguments = exchange.arguments = self._reader.read(body, self._global_ids(in_path, query))

        def carry_out(pos: Sequence[PosAction]) -> Reply:
            values = self._serve(sandbox.automator, arguments, pos, exchange)
            exchange.code, exchange.replayed = str(values["status"]), bool(values["replayed"])
            return self._replies.success(self.rule.success, self._writer.write(values))

        return self._runner.run(exchange, self.rule.operation, sandbox, carry_out)

    def _global_ids(self, in_path: str | None, query: str) -> list[str] | None:
        """Return the Global IDs that stand outside the body, or None when it stands in there."""
        match self.rule.global_id_in:
            case GlobalIdIn.BODY:
                return None
            case GlobalIdIn.PATH:
                return [in_path or ""]
            case GlobalIdIn.QUERY:
                given = parse_qsl(query, keep_blank_values=True)
                return [value for name, value in given if name == self.rule.global_id_name]


def _read_body(request: Request) -> dict[str, Any]:
    body = unpacked(request, BODY_LIMIT)
    content_type = request.header(b"content-type")
    if not is_json_type(content_type):
        given = f"not as {content_type[:80]}" if content_type else "and say so in Content-Type"
        raise Refusal("unsupported_media_type", f"Send the body as application/json, {given}.")
    return read_object(body)


Serve = Callable[[Automator, dict[str, Any], Sequence[PosAction], CallEffect], dict[str, object]]

_SERVICES: dict[Operation, Serve] = {
    Operation.HOLD: lambda automator, given, pos, effect: hold_values(automator.hold(**given, pos=pos, effect=effect)),
    Operation.RELEASE: lambda automator, given, pos, effect: release_values(
        automator.release(**given, pos=pos, effect=effect)
    ),
    Operation.INVOICE: lambda automator, given, pos, effect: invoice_values(
        automator.invoice(**given, pos=pos, effect=effect)
    ),
}


def hold_values(answer: HoldAnswer) -> dict[str, object]:
    """Say what was held: the same at every replay."""
    hold = answer.hold
    return {
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "status": "held",
        "seats": hold.seat_labels(),
        "held_at": rfc3339(hold.held_at),
        "expires_at": rfc3339(hold.expires_at),
        "available_quantity": hold.available_after_hold,
        "replayed": answer.replayed,
    }


def release_values(answer: ReleaseAnswer) -> dict[str, object]:
    """Say what was released, and whether it had lapsed before."""
    hold = answer.hold
    if hold is None or hold.released_at is None:
        raise ValueError("only a released hold has a release to tell of")
    return {
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "status": "released",
        "released_at": rfc3339(hold.released_at),
        "expired": hold.release_was_late,
        "available_quantity": hold.available_after_release,
        "replayed": answer.replayed,
    }


def invoice_values(answer: InvoiceAnswer) -> dict[str, object]:
    """Say what was sold, under which numbers, for how much."""
    invoice = answer.invoice
    return {
        "global_id": invoice.global_id,
        "order_id": invoice.order_id,
        "invoice_id": invoice.invoice_id,
        "remote_id": invoice.remote_id,
        "quantity": invoice.quantity,
        "status": "invoiced",
        "seats": invoice.seat_labels(),
        "buyer": BUYER,
        "total_amount": str(invoice.total),
        "total_currency": invoice.total.currency,
        "invoiced_at": rfc3339(invoice.invoiced_at),
        "hold_reacquired": invoice.hold_reacquired,
        "replayed": answer.replayed,
    }
