"""A single hold, to see whether a server answers one, and what."""

import http.client
import json
import secrets
from dataclasses import dataclass

from bench.load.wrk import FIRST_LISTING

HEADERS = {"X-API-Key": "mockpos-dev-key", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the beginning of a body."""

    status: int
    text: str


def hold_once(port: int, path: str, remote_id: str = f"TG-{FIRST_LISTING}", *, timeout_s: float = 30) -> Answer | None:
    """Hold two tickets; return what was answered, or None when nobody listens."""
    body = json.dumps({"remote_id": remote_id, "quantity": 2, "global_id": f"one-{secrets.token_hex(6)}"})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("POST", path, body, HEADERS)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode("utf-8", "replace")[:300])
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
