"""Routes of the control plane: reads a call as its row says, and answers in JSON."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from marshmallow import Schema, ValidationError
from werkzeug.routing import BaseConverter

from mockpos.bootstrap import Mock
from mockpos.contract.model import KeyRule
from mockpos.domain.errors import BadInput, MockMisuse, Refusal
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.validation.schema import dotted, problems_of
from mockpos.web.contract.bodies import is_json_type, read_object
from mockpos.web.control.calls import PREFIX, Answer, Context, ControlCall, as_the_mocks_own, body_bytes, written
from mockpos.web.control.guard import Guard
from mockpos.web.control.table import CONTROL_CALLS
from mockpos.web.docs.blueprint import BASE_URL, base_url, fresh
from mockpos.web.exchange import current_exchange
from mockpos.web.keys import KeyReader
from mockpos.web.replies import JSON_TYPE

_BODY_LIMIT = 64 * 1024


def control_blueprint(mock: Mock, key: KeyRule, keys: KeyReader, guard: Guard) -> Blueprint:
    """Return every call of the table, the list of them and their OpenAPI document, behind the guard."""
    blueprint = Blueprint("control", __name__, url_prefix=PREFIX)

    def index() -> Response:
        if prefers_html():
            return _to_page("/console/", {})
        guard.check(request.environ)
        return _answered(_index(), 200)

    @cache
    def document() -> str:
        from mockpos.web.control.openapi import control_document  # written when it is first asked for

        return json.dumps(control_document(key, BASE_URL, needs_token=guard.always_asks))

    def openapi() -> Response:
        guard.check(request.environ)
        return fresh(Response(document().replace(BASE_URL, base_url()), content_type=JSON_TYPE))

    for call in CONTROL_CALLS:
        blueprint.add_url_rule(
            call.path.replace("{remote_id}", "<listing:remote_id>").replace("{", "<").replace("}", ">"),
            endpoint=call.endpoint,
            view_func=_view(call, mock, keys, guard),
            methods=[call.method],
        )
    blueprint.add_url_rule("/", view_func=index)
    blueprint.add_url_rule("/openapi.json", view_func=openapi)
    return blueprint


class ListingConverter(BaseConverter):
    """A Remote ID in a path, where it is not the name of another call beside it."""

    regex = "(?!(?:import|export)$)[^/]+"


def _view(call: ControlCall, mock: Mock, keys: KeyReader, guard: Guard) -> Callable[..., Response]:
    body_schema = call.body() if call.body is not None else None
    query_schema = call.query() if call.query is not None else None

    def view(**path: str) -> Response:
        if call.page and prefers_html():
            return _to_page(call.page, path)
        guard.check(request.environ)
        sandbox = sandbox_of(mock, keys, guard)
        return _answered(serve(call, mock, sandbox, _body(call, body_schema), _query(query_schema), path), call.status)

    return view


def serve(
    call: ControlCall, mock: Mock, sandbox: Sandbox, body: Mapping[str, Any], query: Mapping[str, Any],
    path: Mapping[str, str],
) -> Answer:  # fmt: skip
    """Make a control call whose body and query were checked. Raises MockMisuse, a Refusal as the call does."""
    context = Context(mock=mock, sandbox=sandbox, body=body, query=query, base_url=request.host_url.rstrip("/"))
    try:
        return call.serve(context, **path)
    except BadInput as error:
        raise MockMisuse("mock_bad_input", str(error)) from None


def prefers_html() -> bool:
    """Tell whether a browser asks for a page, and not a program for JSON."""
    return request.accept_mimetypes.best_match([JSON_TYPE, "text/html"]) == "text/html"


def _to_page(page: str, path: Mapping[str, str]) -> Response:
    """Lead a browser to the console's page; it shows nothing to who may not use the control plane."""
    where = page.format_map({name: quote(value, safe="") for name, value in path.items()})
    query = request.query_string.decode("latin-1")
    location = f"{request.script_root}{PREFIX}{where}" + (f"?{query}" if query and "?" not in where else "")
    return Response("", 303, {"Location": location, "Vary": "Accept"})


def _index() -> Mapping[str, object]:
    """List the calls, for a program that asks what there is."""
    calls = [{"method": call.method, "path": PREFIX + call.path, "summary": call.summary} for call in CONTROL_CALLS]
    return {
        "calls": calls,
        "openapi": f"{PREFIX}/openapi.json",
        "docs": "/docs/control",
        "console": f"{PREFIX}/console/",
    }


def _answered(answer: Answer, status: int) -> Response:
    if isinstance(answer, Response):
        return answer
    return Response(written(answer), status, content_type=JSON_TYPE)


def sandbox_of(mock: Mock, keys: KeyReader, guard: Guard) -> Sandbox:
    """Return the sandbox a control call is about: its path's, its key's, else the default one."""
    exchange = current_exchange()
    key = keys.key_in(exchange.request)
    if key and not guard.is_token(key):  # the token may come as a bearer, as a key may
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
    raw = body_bytes(_BODY_LIMIT)
    if not raw and call.body_may_be_missing:
        return checked(schema, {}, "body")
    if not is_json_type(request.environ.get("CONTENT_TYPE", "")):
        raise MockMisuse("mock_unsupported_media_type", "Send the body as application/json.")
    with as_the_mocks_own():
        content = read_object(raw)
    return checked(schema, content, "body")


def _query(schema: Schema | None) -> Mapping[str, Any]:
    given = request.args.to_dict()
    if schema is None:
        if given:
            raise MockMisuse("mock_bad_input", f"query: this call takes none, not {next(iter(given))[:80]!r}")
        return {}
    return checked(schema, given, "query")


def checked(schema: Schema, content: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """Return what a schema makes of a body or query. Raises MockMisuse that names what is wrong, and where."""
    try:
        loaded: Mapping[str, Any] = schema.load(content)
    except ValidationError as error:
        told = "; ".join(f"{dotted((where, *place))}: {message}" for place, message in problems_of(error))
        raise MockMisuse("mock_bad_input", told[:2000]) from None
    return loaded
