"""A whole automator in memory, in one reading: what Ticket Evolution calls to hold, release and invoice tickets.

    pip install flask && API_KEY=secret python examples/minimal_automator.py 4711=12 4712=4
    mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4711:12 --allow-invoice

Everything is decided under one lock, which is what makes it right. It forgets all at a restart, so it is a start and
no product: `examples/postgres_automator` is the same over a database.
"""

import hmac
import os
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

Hold = dict[str, Any]


class Refused(Exception):
    """A call is refused, with a status and a code for programs and a sentence for people."""


class Automator:
    """The broker's tickets, and who has them. Holds that ended are remembered, so that none is held again."""

    def __init__(self, listings: dict[str, int], hold_seconds: float = 900) -> None:
        self.free, self.hold_seconds = dict(listings), hold_seconds
        self.holds: dict[str, Hold] = {}
        self.lock = threading.RLock()

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Hold:
        with self.lock:
            known = self.find(global_id)
            if known and known["status"] != "held":
                raise Refused(409, "global_id_closed", f"{global_id} is {known['status']}; take a new one.")
            if known and (known["remote_id"], known["quantity"]) != (remote_id, quantity):
                raise Refused(409, "global_id_conflict", f"{global_id} holds something else.")
            if known:
                return known  # the same call again: its caller did not hear the answer
            if remote_id not in self.free:
                raise Refused(404, "listing_not_found", f"There is no listing {remote_id}.")
            if quantity > self.free[remote_id]:
                raise Refused(409, "insufficient_quantity", f"{self.free[remote_id]} are free.")
            self.free[remote_id] -= quantity
            return self.remember(global_id, "held", remote_id, quantity)

    def release(self, global_id: str) -> Hold:
        with self.lock:
            hold = self.find(global_id) or self.remember(global_id, "released before its hold")
            if hold["status"] == "released before its hold":  # its hold may be on the way still
                raise Refused(404, "hold_not_found", f"{global_id} was never held.")
            if hold["status"] == "invoiced":
                raise Refused(409, "hold_already_invoiced", f"{global_id} is sold; a release does not undo that.")
            return self.end(hold, "released")

    def invoice(self, global_id: str, order_id: str) -> Hold:
        with self.lock:
            hold = self.find(global_id)
            if hold is None or hold["status"] == "released before its hold":
                raise Refused(404, "hold_not_found", f"{global_id} was never held.")
            if hold["status"] in ("released", "expired"):
                raise Refused(409, f"hold_{hold['status']}", f"{global_id} is {hold['status']}.")
            if hold.setdefault("order_id", order_id) != order_id:
                raise Refused(409, "order_id_conflict", f"{global_id} is sold under another order.")
            hold["status"] = "invoiced"
            return hold

    def find(self, global_id: str) -> Hold | None:
        for hold in self.holds.values():
            if hold["status"] == "held" and hold["expires_at"] <= rfc3339(time.time()):
                self.end(hold, "expired")
        return self.holds.get(global_id)

    def remember(self, global_id: str, status: str, remote_id: str = "", quantity: int = 0) -> Hold:
        self.holds[global_id] = dict(global_id=global_id, remote_id=remote_id, quantity=quantity, status=status)
        self.holds[global_id]["expires_at"] = rfc3339(time.time() + self.hold_seconds)
        return self.holds[global_id]

    def end(self, hold: Hold, status: str) -> Hold:
        if hold["status"] == "held":
            self.free[hold["remote_id"]] += hold["quantity"]
        hold["status"] = status
        return hold


def create_app(automator: Automator, api_key: str) -> Flask:
    """Serve an automator by mockpos's default contract (`mockpos contract show`)."""
    app = Flask(__name__)

    @app.before_request
    def check_key() -> None:
        key = request.headers.get("X-API-Key", "")
        if not hmac.compare_digest(key.encode(), api_key.encode()):
            raise Refused(401, "api_key_invalid" if key else "api_key_missing", "Send the API key in X-API-Key.")

    @app.errorhandler(Refused)
    @app.errorhandler(HTTPException)
    @app.errorhandler(RecursionError)
    def refused(error: Any) -> Any:
        other = (getattr(error, "code", 400), "malformed_request", str(error))
        status, code, detail = error.args if isinstance(error, Refused) else other
        return jsonify(code=code, status=status, detail=detail), status

    @app.post("/v1/holds")
    def hold() -> Hold:
        return automator.hold(field("remote_id", str), field("quantity", int), field("global_id", str))

    @app.post("/v1/invoices")
    def invoice() -> Hold:
        return automator.invoice(field("global_id", str), field("order_id", str))

    app.delete("/v1/holds/<global_id>")(automator.release)
    return app


def field(name: str, kind: type) -> Any:
    """Return a field of the request's body. Raises Refused unless it is there and of its kind."""
    body = request.get_json()
    value = body.get(name) if isinstance(body, dict) else None
    if type(value) is not kind or not value or (kind is int and value < 1):
        raise Refused(422, "validation_failed", f"{name} is missing or wrong.")
    return value


def rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    stock = {name: int(count) for name, count in (each.split("=") for each in sys.argv[1:])}
    create_app(Automator(stock), os.environ["API_KEY"]).run(port=8700, threaded=True)
