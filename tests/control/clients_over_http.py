"""The clients of tests/telemetry/clients.py over real HTTP, or over Flask's own client."""

import http.client
import json
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import KEY, TestBed
from tests.telemetry.clients import Answer


def new_ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"gid-{next(numbers)}"


def heard(status: int, body: Any) -> Answer:
    """Read what an answer says: a success's status, an error's code."""
    return Answer(body["status"] if status < 400 else body["code"])


class OverFlask:
    """Calls an application in this process."""

    def __init__(self, bed: TestBed) -> None:
        self.bed = bed

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer:
        return self._heard(self.bed.hold(remote_id, quantity, global_id))

    def release(self, global_id: str) -> Answer:
        return self._heard(self.bed.release(global_id))

    def invoice(self, global_id: str, order_id: str) -> Answer:
        return self._heard(self.bed.invoice(global_id, order_id))

    def _heard(self, response: Any) -> Answer:
        return heard(response.status_code, response.get_json())


class OverHttp:
    """Calls a server over real connections. A lost or broken answer is heard as nothing."""

    def __init__(self, url: str, key: str = KEY) -> None:
        self.address = urlsplit(url).netloc
        self.key = key

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer:
        return self._call("POST", "/v1/holds", remote_id=remote_id, quantity=quantity, global_id=global_id)

    def release(self, global_id: str) -> Answer:
        return self._call("DELETE", f"/v1/holds/{global_id}")

    def invoice(self, global_id: str, order_id: str) -> Answer:
        return self._call("POST", "/v1/invoices", global_id=global_id, order_id=order_id)

    def _call(self, method: str, path: str, **asked: object) -> Answer:
        connection = http.client.HTTPConnection(self.address, timeout=20)
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(asked) if asked else None, headers)
            response = connection.getresponse()
            return heard(response.status, json.loads(response.read()))
        except (OSError, http.client.HTTPException, ValueError):
            return Answer(None)
        finally:
            connection.close()


def control(url: str, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    """Make a control call; return its status and its answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    headers = {"Content-Type": "application/json", **({"X-API-Key": key} if key else {})}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
