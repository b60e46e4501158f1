"""A client of a served mockpos on one connection that it keeps, and makes anew when it breaks."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import KEY
from tests.machine.calls import Body, Call, answer_of, request_of

LOST = (OSError, http.client.HTTPException, json.JSONDecodeError)
"""What a client sees of an answer that does not arrive whole."""

NOBODY_KNOWS = {"pos_timeout", "internal_error"}
"""Answers that do not say whether the call took effect."""


class HttpClient:
    """One caller. ``prefix`` is the path of its sandbox, ``key`` its API key."""

    def __init__(self, url: str, *, key: str = KEY, prefix: str = "", timeout_s: float = 20) -> None:
        self.prefix = prefix
        self.headers = {"X-API-Key": key, "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout_s)

    def exchange(self, method: str, path: str, body: Any = None) -> tuple[int, Body]:
        """Send a request and return status and body. Raises one of LOST."""
        sent = json.dumps(body) if body is not None else None
        self.connection.request(method, self.prefix + path, sent, self.headers)
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def send(self, made: Call) -> Body | None:
        """Make a call and return its answer in the model's words; None when it was lost, or nobody knows."""
        try:
            _, body = self.exchange(*request_of(made))
        except LOST:
            self.connection.close()  # the next request opens it anew
            return None
        return None if body.get("code") in NOBODY_KNOWS else answer_of(made, body)

    def control(self, method: str, path: str, body: Any = None) -> Body:
        """Make a control call that must succeed."""
        status, said = self.exchange(method, f"/_mock{path}", body)
        assert status in (200, 201), said
        return said

    def close(self) -> None:
        self.connection.close()
