"""The server under comparison: one sandbox of it, called over HTTP, with its clock frozen."""

import http.client
import json
from decimal import Decimal
from typing import Any

from tests.oracle.listing import Listing

Said = tuple[int, dict[str, Any]]


class Server:
    """A sandbox of its own on a running server. Raises OSError when nobody answers."""

    def __init__(self, port: int, fixture: str = "arena") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.key = ""
        _, made = self.control("POST", "/_mock/sandboxes", {"from": {"fixture": fixture}})
        self.key = made["api_key"]
        self.now = self.control("POST", "/_mock/clock", {"freeze": True})[1]["now"]

    def call(self, method: str, path: str, body: Any = None) -> Said:
        """Make a call with the sandbox's key; return status and JSON."""
        headers = {"X-API-Key": self.key} if self.key else {}
        text = None
        if body is not None:
            text = json.dumps(body)
            headers["Content-Type"] = "application/json"
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    def control(self, method: str, path: str, body: Any = None) -> Said:
        """Make a control call that must succeed."""
        status, said = self.call(method, path, body)
        assert status < 300, (method, path, body, status, said)
        return status, said

    def listings(self) -> dict[str, Listing]:
        """Return the inventory as the oracle wants it."""
        told = self.control("GET", "/_mock/listings?limit=500")[1]["listings"]
        return {one["remote_id"]: _listing(one) for one in told}

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _listing(one: dict[str, Any]) -> Listing:
    return Listing(
        one["remote_id"],
        labels=_labels(one),
        price=Decimal(one["wholesale_price"]),
        split=one["split_type"],
        custom=tuple(one["custom_splits"]),
        quantity=one["quantity"],
        retired=one["retired"],
        not_for_sale=one["not_for_sale_because"] is not None,
    )


def _labels(one: dict[str, Any]) -> list[str]:
    """Return the seats' labels: the shipped inventories number theirs."""
    if one["seat_from"] is None:
        return []
    first, last = int(one["seat_from"]), int(one["seat_thru"])
    step = 1 if last - first + 1 == one["quantity"] else 2
    return [str(number) for number in range(first, last + 1, step)]
