"""Routes of the control plane: reads a call as its row says, and answers in JSON."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import Schema, ValidationError
from werkzeug.routing import BaseConverter

from mockpos.bootstrap import Mock
from mockpos.domain.errors import BadInput, MockMisuse, Refusal
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.validation.problems import dotted, problems_of
from mockpos.web.contract.bodies import is_json_type, read_object
from mockpos.web.control.answers import written
from mockpos.web.control.calls import PREFIX, Answer, Context, ControlCall
from mockpos.web.control.guard import Guard
from mockpos.web.control.table import CONTROL_CALLS
from mockpos.web.exchange import current_exchange
from mockpos.web.keys import KeyReader
from mockpos.web.replies import JSON_TYPE

_BODY_LIMIT = 64 * 1024


def control_blueprint(mock: Mock, keys: KeyReader, guard: Guard) -> Blueprint:
    """Return every call of the table, behind its guard."""
    blueprint = Blueprint("control", __name__, url_prefix=PREFIX)
    for call in CONTROL_CALLS:
        blueprint.add_url_rule(
            call.path.replace("{remote_id}", "<listing:remote_id>").replace("{", "<").replace("}", ">"),
            endpoint=call.endpoint,
            view_func=_view(call, mock, keys, guard),
            methods=[call.method],
            provide_automatic_options=False,
        )
    return blueprint


class ListingConverter(BaseConverter):
    """A Remote ID in a path, where it is not the name of another call beside it."""

    regex = "(?!(?:import|export)$)[^/]+"


def _view(call: ControlCall, mock: Mock, keys: KeyReader, guard: Guard) -> Callable[..., Response]:
    body_schema = call.body() if call.body is not None else None
    query_schema = call.query() if call.query is not None else None

    def view(**path: str) -> Response:
        guard.check(request.environ)
        context = Context(
            mock=mock,
            sandbox=_sandbox(mock, keys),
            body=_body(call, body_schema),
            query=_query(query_schema),
            base_url=request.host_url.rstrip("/"),
        )
        try:
            return _answered(call.serve(context, **path), call.status)
        except BadInput as error:
            raise MockMisuse("mock_bad_input", 422, str(error)) from None

    return view


def _answered(answer: Answer, status: int) -> Response:
    if isinstance(answer, Response):
        return answer
    return Response(written(answer), status, content_type=JSON_TYPE)


def _sandbox(mock: Mock, keys: KeyReader) -> Sandbox:
    """Return the sandbox a control call is about: its path's, its key's, else the default one."""
    exchange = current_exchange()
    if keys.key_in(exchange.request):
        try:
            return keys.caller(exchange)[1]
        except Refusal as refusal:
            if refusal.code != "key_not_allowed":
                raise
    name = exchange.path_sandbox
    return (mock.sandboxes.get(name) if name is not None else None) or mock.sandboxes.default


def _body(call: ControlCall, schema: Schema | None) -> Mapping[str, Any]:
    if schema is None:
        return {}
    raw = current_exchange().request.body
    if current_exchange().request.is_too_large or len(raw) > _BODY_LIMIT:
        raise MockMisuse("mock_request_too_large", 413, f"The body is larger than {_BODY_LIMIT} bytes.")
    if not raw and call.body_may_be_missing:
        return _checked(schema, {}, "body")
    if not is_json_type(request.environ.get("CONTENT_TYPE", "")):
        raise MockMisuse("mock_unsupported_media_type", 415, "Send the body as application/json.")
    try:
        content = read_object(raw)
    except Refusal as refusal:
        raise MockMisuse("mock_malformed_request", 400, refusal.detail) from None
    return _checked(schema, content, "body")


def _query(schema: Schema | None) -> Mapping[str, Any]:
    given = request.args.to_dict()
    if schema is None:
        if given:
            raise MockMisuse("mock_bad_input", 422, f"query: this call takes none, not {next(iter(given))[:80]!r}")
        return {}
    return _checked(schema, given, "query")


def _checked(schema: Schema, content: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    try:
        loaded: Mapping[str, Any] = schema.load(content)
    except ValidationError as error:
        told = "; ".join(f"{dotted((where, *place))}: {message}" for place, message in problems_of(error))
        raise MockMisuse("mock_bad_input", 422, told[:2000]) from None
    return loaded
