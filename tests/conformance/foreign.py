"""An automator that speaks another contract: other paths, fields, key header, statuses, codes, and a 204 release."""

import io
import json
import re
from typing import Any

from tests.conformance.good import make_app

CONTRACT = """\
name: Foreign
key: {header: Authorization, scheme: Token}
states: {held: RESERVED, released: CANCELLED, invoiced: SOLD}
operations:
  hold:
    path: /api/reservations
    success: 201
    request: {remote_id: ticketGroupId, quantity: count, global_id: reference}
    response: {global_id: reference, quantity: count, remote_id: ticketGroupId}
  release: {method: POST, path: "/api/reservations/{global_id}/cancel", success: 204}
  invoice: {path: "/api/reservations/{global_id}/purchase", success: 201, request: {order_id: orderNumber}}
errors:
  shape: envelope
  codes: {insufficient_quantity: NOT_ENOUGH, hold_not_found: NO_RESERVATION, listing_not_found: NO_GROUP}
"""

_CODES = {
    "insufficient_quantity": "NOT_ENOUGH",
    "hold_not_found": "NO_RESERVATION",
    "listing_not_found": "NO_GROUP",
}
_HOLD_FIELDS = {"remote_id": "ticketGroupId", "quantity": "count", "global_id": "reference"}
_STATES = {"held": "RESERVED", "released": "CANCELLED", "invoiced": "SOLD"}
_OPERATION = re.compile(r"/api/reservations(?:/(?P<id>[^/]+)/(?P<what>cancel|purchase))?")


def foreign_app(automator: Any) -> Any:
    """Return an application that translates to and from the default contract."""
    app = make_app(automator)

    def call(environ: Any, start_response: Any) -> list[bytes]:
        inner, success = _request(environ)
        kept: list[Any] = []
        body = b"".join(app(inner, lambda status, headers, exc_info=None: kept.append(status)))
        status = int(kept[0][:3])
        if status < 300:
            status, answer = success, _success(json.loads(body))
        else:
            answer = _error(json.loads(body)) if body else {}
        out = b"" if status == 204 else json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(out))), ("Connection", "close")]
        start_response(f"{status} Status", headers)
        return [out]

    return call


def _request(environ: Any) -> tuple[Any, int]:
    key = environ.get("HTTP_AUTHORIZATION", "")
    data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    inner = {**environ, "HTTP_X_API_KEY": key.removeprefix("Token ") if key.startswith("Token ") else ""}
    match = _OPERATION.fullmatch(environ["PATH_INFO"])
    success = 200
    if match is None or environ["REQUEST_METHOD"] != "POST":
        inner["PATH_INFO"] = f"/nowhere{environ['PATH_INFO']}"
    elif match["what"] == "cancel":
        inner |= {"PATH_INFO": f"/v1/holds/{match['id']}", "REQUEST_METHOD": "DELETE"}
        success = 204
    else:
        is_hold = match["what"] is None
        inner["PATH_INFO"] = "/v1/holds" if is_hold else "/v1/invoices"
        names = _HOLD_FIELDS if is_hold else {"order_id": "orderNumber"}
        data = _translated(data, names, {} if is_hold else {"global_id": match["id"]})
        success = 201
    return inner | {"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data))}, success


def _translated(data: bytes, names: dict[str, str], more: dict[str, str]) -> bytes:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(body, dict):
        return data
    return json.dumps({ours: body.get(theirs) for ours, theirs in names.items()} | more).encode()


def _success(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "reference": body["global_id"], "ticketGroupId": body["remote_id"], "count": body["quantity"],
        "state": _STATES[body["status"]], "orderNumber": body.get("order_id"),
    }  # fmt: skip


def _error(body: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": _CODES.get(body["code"], body["code"].upper()), "message": body["detail"]}}
