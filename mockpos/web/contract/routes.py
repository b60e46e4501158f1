"""The product routes: one view for each operation of the active contract.

A view reads the call in the documented order (key, rate, size, media type, JSON, fields),
makes one service call, and answers. Whatever is refused on the way is raised.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import get_input_stream

from mockpos.contract.model import Contract, GlobalIdIn, OperationRule
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import Refusal
from mockpos.scenario.outcomes import PosAction
from mockpos.services.automator import Automator
from mockpos.services.trace import Trace
from mockpos.web.call_note import NOTE, CallNote
from mockpos.web.contract.answers import hold_values, invoice_values, release_values
from mockpos.web.contract.bodies import is_json_type, read_object
from mockpos.web.contract.call import Call
from mockpos.web.contract.stage import Stage
from mockpos.web.contract.wire import RequestReader, ResponseWriter
from mockpos.web.keys import KeyReader
from mockpos.web.rate import RateLimit
from mockpos.web.replies import Replies

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BODY_LIMIT = 65_536
BODY = "mockpos.body"
"""Where our own server leaves a body that it has read whole."""


@dataclass(frozen=True, slots=True)
class Door:
    """What every product call passes: keys, rate, the stage that plays its scenario, and how answers are written."""

    keys: KeyReader
    rate: RateLimit | None
    stage: Stage
    replies: Replies


def product_blueprint(contract: Contract, door: Door) -> Blueprint:
    """Return the three operations at the contract's paths."""
    blueprint = Blueprint("product", __name__)
    for operation, rule in contract.operations.items():
        call = OperationCall(rule, contract, door)
        blueprint.add_url_rule(
            rule.path.replace("{global_id}", "<global_id>"),
            endpoint=operation.value,
            view_func=call,
            methods=[rule.method],
            provide_automatic_options=False,
        )
    return blueprint


class OperationCall:
    """One operation as a view. ``asks_no_urls`` lets LeanFlask leave out what ``url_for`` would need."""

    asks_no_urls = True
    __name__ = "operation_call"

    def __init__(self, rule: OperationRule, contract: Contract, door: Door) -> None:
        self._rule = rule
        self._door = door
        self._reader = RequestReader(rule, refuse_unknown=contract.refuse_unknown_fields)
        self._writer = ResponseWriter(rule)
        self._serve = _SERVICES[rule.operation]
        self._has_body = rule.has_body
        self._id_in_body = rule.global_id_in is GlobalIdIn.BODY

    def __call__(self, global_id: str | None = None) -> Response:
        """Answer one call."""
        environ = request.environ
        note = environ[NOTE] = CallNote(self._door.keys.presumed(environ), self._rule.operation)
        owner, sandbox = self._door.keys.caller(environ)
        note.sandbox = sandbox
        if self._door.rate is not None:
            self._door.rate.count(owner.tag)
        body = self._read_body(environ, note) if self._has_body else {}
        global_ids = None if self._id_in_body else self._global_ids(global_id)
        arguments = note.arguments = self._reader.read(body, global_ids)

        def carry_out(pos: Sequence[PosAction]) -> Response:
            values = self._serve(sandbox.automator, arguments, pos, note.trace)
            note.code, note.replayed = str(values["status"]), bool(values["replayed"])
            return self._door.replies.success(self._rule.success, self._writer.write(values))

        return self._door.stage.play(Call(self._rule.operation, arguments, environ, sandbox, note), carry_out)

    def _read_body(self, environ: "WSGIEnvironment", note: CallNote) -> dict[str, Any]:
        if environ.get("mockpos.body_too_large"):
            raise _too_large()
        raw: bytes | None = environ.get(BODY)
        if raw is None:
            raw = _body_elsewhere(environ)
        if len(raw) > BODY_LIMIT:
            raise _too_large()
        note.body = raw
        content_type = environ.get("CONTENT_TYPE", "")
        if not is_json_type(content_type):
            given = f"not as {content_type[:80]}" if content_type else "and say so in Content-Type"
            raise Refusal("unsupported_media_type", f"Send the body as application/json, {given}.")
        return read_object(raw)

    def _global_ids(self, in_path: str | None) -> list[str]:
        """Return the Global IDs that stand outside the body."""
        if self._rule.global_id_in is GlobalIdIn.PATH:
            return [in_path or ""]
        return request.args.getlist(self._rule.global_id_name)


def _body_elsewhere(environ: "WSGIEnvironment") -> bytes:
    """Read a body under a server that did not read it beforehand."""
    try:
        # one byte more than allowed: a body without a stated length is cut there, without a word
        return get_input_stream(environ, max_content_length=BODY_LIMIT + 1).read()
    except RequestEntityTooLarge:
        raise _too_large() from None


def _too_large() -> Refusal:
    return Refusal("request_too_large", f"The body is larger than {BODY_LIMIT} bytes.")


Serve = Callable[[Automator, dict[str, Any], Sequence[PosAction], Trace], dict[str, object]]

_SERVICES: dict[Operation, Serve] = {
    Operation.HOLD: lambda automator, given, pos, trace: hold_values(automator.hold(**given, pos=pos, trace=trace)),
    Operation.RELEASE: lambda automator, given, pos, trace: release_values(
        automator.release(**given, pos=pos, trace=trace)
    ),
    Operation.INVOICE: lambda automator, given, pos, trace: invoice_values(
        automator.invoice(**given, pos=pos, trace=trace)
    ),
}
