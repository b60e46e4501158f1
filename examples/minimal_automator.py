"""A whole automator in memory, in one reading: what Ticket Evolution calls to hold, release and invoice tickets.

    pip install flask && API_KEY=secret python examples/minimal_automator.py 4711=12 4712=4
    mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4711:12 --allow-invoice

One lock makes it right. It forgets all at a restart; `examples/postgres_automator` is the same over a database.
"""

import hmac
import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException


class Refused(Exception):
    """A call is refused, with a status and a code for programs and a sentence for people."""


class Automator:
    """The broker's tickets, and who has them. Holds that ended are remembered, so that none is held again."""

    def __init__(self, listings: dict[str, int], hold_seconds: float = 900) -> None:
        self.free, self.hold_seconds, self.lock = dict(listings), hold_seconds, threading.RLock()
        self.holds: dict[str, dict[str, Any]] = {}

    def hold(self, remote_id: str, quantity: int, global_id: str) -> dict[str, Any]:
        with self.lock:
            known = self.find(global_id)
            if known and (known["status"], known["remote_id"], known["quantity"]) == ("held", remote_id, quantity):
                return known  # the same call again: its caller did not hear the answer
            if known:
                kind = "conflict" if known["status"] == "held" else "closed"
                raise Refused(409, f"global_id_{kind}", f"{global_id} is {known['status']}; take a new one.")
            if remote_id not in self.free:
                raise Refused(404, "listing_not_found", f"There is no listing {remote_id}.")
            if quantity > self.free[remote_id]:
                raise Refused(409, "insufficient_quantity", f"{self.free[remote_id]} are free.")
            self.free[remote_id] -= quantity
            return self.remember(global_id, "held", remote_id, quantity)

    def release(self, global_id: str) -> dict[str, Any]:
        with self.lock:
            hold = self.find(global_id) or self.remember(global_id, "never held")  # it may be on the way still
            if hold["status"] == "never held":
                raise Refused(404, "hold_not_found", f"{global_id} was never held.")
            if hold["status"] == "invoiced":
                raise Refused(409, "hold_already_invoiced", f"{global_id} is sold; a release does not undo that.")
            return self.end(hold, "released")

    def invoice(self, global_id: str, order_id: str) -> dict[str, Any]:
        with self.lock:
            hold = self.find(global_id)
            if hold is None or hold["status"] == "never held":
                raise Refused(404, "hold_not_found", f"{global_id} was never held.")
            if hold["status"] in ("released", "expired"):
                raise Refused(409, f"hold_{hold['status']}", f"{global_id} is {hold['status']}.")
            if hold.setdefault("order_id", order_id) != order_id:
                raise Refused(409, "order_id_conflict", f"{global_id} is sold under another order.")
            hold["status"] = "invoiced"
            return hold

    def find(self, global_id: str) -> dict[str, Any] | None:
        for hold in self.holds.values():
            if hold["status"] == "held" and hold["expires_at"] <= datetime.now(UTC).isoformat(timespec="milliseconds"):
                self.end(hold, "expired")
        return self.holds.get(global_id)

    def remember(self, global_id: str, status: str, remote_id: str = "", quantity: int = 0) -> dict[str, Any]:
        until = (datetime.now(UTC) + timedelta(seconds=self.hold_seconds)).isoformat(timespec="milliseconds")
        hold = dict(global_id=global_id, status=status, remote_id=remote_id, quantity=quantity, expires_at=until)
        return self.holds.setdefault(global_id, hold)

    def end(self, hold: dict[str, Any], status: str) -> dict[str, Any]:
        if hold["status"] == "held":
            self.free[hold["remote_id"]] += hold["quantity"]
        hold["status"] = status
        return hold


def create_app(automator: Automator, api_key: str) -> Flask:
    """Serve an automator by mockpos's default contract (`mockpos contract show`)."""
    app = Flask(__name__)

    @app.before_request
    def check_key() -> None:
        if not hmac.compare_digest(request.headers.get("X-API-Key", "").encode(), api_key.encode()):
            raise Refused(401, "api_key_invalid", "The API key in X-API-Key is missing or wrong.")

    @app.errorhandler(Refused)
    @app.errorhandler(HTTPException)
    @app.errorhandler(RecursionError)
    def refused(error: Any) -> Any:
        other = getattr(error, "code", 400), "malformed_request", str(error)
        status, code, detail = error.args if isinstance(error, Refused) else other
        return jsonify(code=code, status=status, detail=detail), status

    app.post("/v1/holds", endpoint="hold")(lambda: automator.hold(*fields("remote_id", "quantity", "global_id")))
    app.post("/v1/invoices", endpoint="invoice")(lambda: automator.invoice(*fields("global_id", "order_id")))
    app.delete("/v1/holds/<global_id>", endpoint="release")(automator.release)
    return app


def fields(*names: str) -> list[Any]:
    """Return fields of the request's body. Raises Refused unless each is there and makes sense."""
    body = request.get_json()
    values = [body.get(name) if isinstance(body, dict) else None for name in names]
    for name, value in zip(names, values, strict=True):
        if type(value) is not (int if name == "quantity" else str) or not value or str(value).startswith("-"):
            raise Refused(422, "validation_failed", f"{name} is missing or wrong.")
    return values


if __name__ == "__main__":
    stock = {name: int(count) for name, count in (each.split("=") for each in sys.argv[1:])}
    create_app(Automator(stock), os.environ["API_KEY"]).run(port=int(os.environ.get("PORT", "8700")))
