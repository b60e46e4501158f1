"""One operation of the active contract: reads the call, makes one service call, answers.

The order is documented: key, rate, size, media type, JSON, fields. Whatever is refused on the way becomes the
documented answer. The same object answers calls that our server dispatched and those that came through Flask's routing.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mockpos.contract.model import Contract, GlobalIdIn, OperationRule
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import Refusal
from mockpos.scenario.outcomes import PosAction
from mockpos.server.request import Reply, Request
from mockpos.services.automator import Automator, CallEffect
from mockpos.web.contract.answers import hold_values, invoice_values, release_values
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
