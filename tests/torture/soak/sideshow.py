"""What goes on beside the shoppers: sandboxes come and go, scenarios change, the clock moves, listeners come and leave.

Nothing here changes what an audit of the default sandbox finds.
"""

import http.client
import random
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from tests.torture.client import KEY, Answer, Client, Lost
from tests.torture.findings import Finding
from tests.torture.soak.counting import Calls
from tests.torture.soak.shoppers import MOODY_LISTING

GoesOn = Callable[[], bool]

_LOSES = {
    "id": "loses-first-answers", "on": "hold", "when": {"remote_id": "TG-L*", "attempt": 1},
    "fault": "reset", "phase": "after_commit",
}  # fmt: skip
_IS_MOODY = {"id": "is-moody", "on": "hold", "when": {"remote_id": MOODY_LISTING}, "respond": "pos_unavailable"}
SCENARIOS = [{"name": "soak", "rules": [_LOSES]}, {"name": "soak-moody", "rules": [_LOSES, _IS_MOODY]}]
"""What is active in the default sandbox, in turn."""

_PAGES = ("/_mock/audit", "/_mock/requests?limit=20", "/_mock/timing", "/_mock/holds", "/_mock/coverage")
_SHORT_TTL = "2s"
_LEFT_TO_THEIR_TTL = 0.2


class SideLoad:
    """Control calls of all kinds, each loop for a thread of its own."""

    def __init__(self, url: str, all_calls: Calls) -> None:
        self.findings: list[Finding] = []
        self.made: dict[str, int] = {"sandboxes": 0, "streams": 0, "scenario changes": 0, "clock advances": 0}
        self._url = url
        self._all_calls = all_calls
        self._numbers = count(1)

    def choose_first_scenario(self, client: Client) -> None:
        """Begin with the first one."""
        self._ask(client, 200, "PUT", "/_mock/scenario", {"scenario": SCENARIOS[0]})

    def turn_the_clock(self, goes_on: GoesOn) -> None:
        """Let time pass, change the scenario, look at pages that a person looks at."""
        turns = count()
        with Client(self._url) as client:
            while goes_on():
                self._ask(client, 200, "POST", "/_mock/clock", {"advance": "30s"})
                self.made["clock advances"] += 1
                for path in _PAGES:
                    self._ask(client, 200, "GET", path)
                turn = next(turns)
                if turn % 3 == 0:
                    self._ask(client, 200, "PUT", "/_mock/scenario", {"scenario": SCENARIOS[1 - turn % 2]})
                    self.made["scenario changes"] += 1
                time.sleep(0.2)

    def make_sandboxes(self, goes_on: GoesOn) -> None:
        """Make a sandbox, live in it, drop it or leave it to its TTL; again and again."""
        chance = random.Random(f"sandboxes {next(self._numbers)}")
        with Client(self._url) as client:
            while goes_on():
                name = f"soak-{next(self._numbers)}"
                is_left = chance.random() < _LEFT_TO_THEIR_TTL
                asked: dict[str, Any] = {"name": name, "ttl": _SHORT_TTL} if is_left else {"name": name}
                if chance.random() < 0.3:
                    asked["from"] = chance.choice([{"sandbox": "default"}, {"fixture": "arena"}])
                made = self._ask(client, 201, "POST", "/_mock/sandboxes", asked)
                self.made["sandboxes"] += 1
                if is_left:
                    continue
                with Client(self._url, key=made.body["api_key"]) as tenant:
                    self._live_in(tenant, name, chance)
                self._ask(client, 200, "DELETE", f"/_mock/sandboxes/{name}")

    def listen(self, goes_on: GoesOn) -> None:
        """Follow the events for a moment and leave without a word; again and again."""
        chance = random.Random("events")
        while goes_on():
            self._listen_once("", chance.randint(1, 30))
            time.sleep(0.02)

    def _live_in(self, tenant: Client, name: str, chance: random.Random) -> None:
        listing = self._ask(tenant, 200, "GET", "/_mock/listings?limit=1&available_min=2").body["listings"][0]
        self._trade(tenant, name, listing["remote_id"])
        self._ask(tenant, 200, "PUT", "/_mock/snapshots/then")
        self._ask(tenant, 200, "PUT", "/_mock/scenario", {"name": chance.choice(["lost-answers", "flapping"])})
        for number in range(5):
            with suppress(Lost):
                self._call(tenant, "POST", "/v1/holds", _hold(f"{name}-x{number}", listing["remote_id"]))
        self._ask(tenant, 200, "POST", "/_mock/snapshots/then/restore")
        self._listen_once(f"/s/{name}", 3)
        self._ask(tenant, 200, "DELETE", "/_mock/scenario")
        self._ask(tenant, 200, "POST", "/_mock/reset")
        self._trade(tenant, name, listing["remote_id"])

    def _trade(self, tenant: Client, name: str, remote_id: str) -> None:
        """Hold and invoice one, hold and release another: after a reset under the same ids again."""
        self._ask(tenant, 200, "POST", "/v1/holds", _hold(f"{name}-1", remote_id))
        self._ask(tenant, 200, "POST", "/v1/invoices", {"global_id": f"{name}-1", "order_id": name})
        self._ask(tenant, 200, "POST", "/v1/holds", _hold(f"{name}-2", remote_id))
        self._ask(tenant, 200, "DELETE", f"/v1/holds/{name}-2")

    def _listen_once(self, base: str, lines: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(self._url).netloc, timeout=20)
        try:
            connection.request("GET", f"{base}/_mock/events", headers={"X-API-Key": KEY})
            response = connection.getresponse()
            self._all_calls.add()
            self.made["streams"] += 1
            if response.status != 200:
                self.findings.append(Finding("event stream", f"{response.status} {response.read()[:300]!r}"))
                return
            for _ in range(lines if not base else 2):  # a sandbox nobody else calls in says hello, and nothing more
                response.readline()
        finally:
            connection.close()

    def _ask(self, client: Client, status: int, method: str, path: str, body: object = None) -> Answer:
        answer = self._call(client, method, path, body)
        if answer.status != status:
            said = f"{method} {path}: expected {status}, heard {answer.status} {str(answer.body)[:300]}"
            self.findings.append(Finding("control call", said))
        return answer

    def _call(self, client: Client, method: str, path: str, body: object = None) -> Answer:
        self._all_calls.add()
        return client.call(method, path, body)


def _hold(global_id: str, remote_id: str) -> dict[str, object]:
    return {"remote_id": remote_id, "quantity": 1, "global_id": global_id}
