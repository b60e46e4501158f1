"""The three calls over HTTP, by mockpos's default contract (`mockpos contract show`). Change it to your own.

gunicorn --workers 4 --chdir examples/postgres_automator 'app:create_app()'
"""

import hmac
import os
from typing import Any

from automator import Answer, Automator, Refused
from flask import Flask, jsonify, request
from sqlalchemy.exc import DBAPIError
from tables import open_database
from werkzeug.exceptions import HTTPException

LONGEST_ID, LARGEST_QUANTITY = 128, 1000


def create_app() -> Flask:
    """Return the application. Reads DATABASE_URL and API_KEY."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    automator = Automator(open_database())
    api_key = os.environ["API_KEY"].encode()

    @app.before_request
    def check_key() -> None:
        given = request.headers.get("X-API-Key", "").encode()
        if not hmac.compare_digest(given, api_key):
            raise Refused(401, "api_key_invalid" if given else "api_key_missing", "Send the API key in X-API-Key.")

    @app.post("/v1/holds")
    def hold() -> Answer:
        return automator.hold(text("remote_id"), quantity(), text("global_id"))

    @app.delete("/v1/holds/<global_id>")
    def release(global_id: str) -> Answer:
        if len(global_id) > LONGEST_ID or "\0" in global_id:
            raise Refused(422, "validation_failed", "The Global ID is too long.")
        return automator.release(global_id)

    @app.post("/v1/invoices")
    def invoice() -> Answer:
        return automator.invoice(text("global_id"), text("order_id"))

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        status, code, detail = error.args
        return problem(status, code, detail)

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> Any:
        app.logger.error("database: %s", error)  # into the log, never into the answer
        return *problem(503, "pos_unavailable", "The database cannot be asked just now."), {"Retry-After": "1"}

    @app.errorhandler(RecursionError)
    def nested(error: RecursionError) -> Any:
        return problem(400, "malformed_request", "The body is nested too deeply.")

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        codes = {404: "unknown_endpoint", 405: "method_not_allowed", 413: "request_too_large",
                 415: "unsupported_media_type"}  # fmt: skip
        return problem(error.code or 500, codes.get(error.code or 500, "malformed_request"), error.description or "")

    return app


def problem(status: int, code: str, detail: str) -> tuple[Any, int]:
    """Return an error's body (RFC 9457) and status."""
    answer = jsonify(type=f"/codes#{code}", code=code, status=status, detail=detail)
    answer.mimetype = "application/problem+json"
    return answer, status


def text(name: str) -> str:
    """Return an id from the body. Raises Refused."""
    value = body().get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_ID or not value.isprintable():
        raise Refused(422, "validation_failed", f"{name}: a text of 1 to {LONGEST_ID} characters.")
    return value


def quantity() -> int:
    """Return the quantity from the body. Raises Refused."""
    value = body().get("quantity")
    if type(value) is not int or not 1 <= value <= LARGEST_QUANTITY:
        raise Refused(422, "validation_failed", f"quantity: a whole number from 1 to {LARGEST_QUANTITY}.")
    return value


def body() -> dict[str, Any]:
    """Return the body, which is one JSON object. Raises Refused."""
    content = request.get_json()
    if not isinstance(content, dict):
        raise Refused(400, "malformed_request", "Send one JSON object.")
    return content
