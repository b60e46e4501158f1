"""``GET /_mock/openapi.json``: the document of the control plane, behind the same guard as its calls."""

import json
from functools import cached_property

from flask import Blueprint, Response, request

from mockpos.contract.model import KeyRule
from mockpos.web.control.calls import PREFIX
from mockpos.web.control.guard import Guard
from mockpos.web.docs.blueprint import base_url

PATH = f"{PREFIX}/openapi.json"
_ADDRESS = "http://mockpos.invalid"
"""Stands for the address that the document is asked for at."""


class _Document:
    """Written when it is first asked for."""

    def __init__(self, key: KeyRule, guard: Guard) -> None:
        self._key = key
        self._guard = guard

    def __call__(self) -> Response:
        """Answer the document."""
        self._guard.check(request.environ)
        response = Response(self._text.replace(_ADDRESS, base_url()), content_type="application/json")
        response.add_etag()
        response.make_conditional(request)
        return response

    @cached_property
    def _text(self) -> str:
        from mockpos.web.control.openapi import control_document
        from mockpos.web.control.table import CONTROL_CALLS

        needs_token = self._guard.always_asks
        return json.dumps(control_document(CONTROL_CALLS, self._key, _ADDRESS, needs_token=needs_token))


def control_document_blueprint(key: KeyRule, guard: Guard) -> Blueprint:
    """Return the route of the document."""
    blueprint = Blueprint("control_document", __name__)
    document = _Document(key, guard)
    blueprint.add_url_rule(
        PATH, endpoint="openapi", view_func=document, methods=["GET"], provide_automatic_options=False
    )
    return blueprint
