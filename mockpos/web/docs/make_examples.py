"""Makes the examples of control calls by running each of them, and writes what came to ``control/examples.json``.

Run ``python -m mockpos.web.docs.make_examples`` after a change of a control call. A test compares the committed file
with what this makes, so no example can contradict its call.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from mockpos.bootstrap import build
from mockpos.contract.loader import load_contract
from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.settings import read_settings
from mockpos.shipped_files import shipped
from mockpos.web.app import build_app
from mockpos.web.control.calls import PREFIX, ControlCall
from mockpos.web.control.examples import EXAMPLES_FILE
from mockpos.web.control.table import CONTROL_CALLS

BROKER_FILE = """\
TicketID,Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost
TG-9100,Orchids in Winter,Larch Hall,12/13/2027,6:05PM,2,A,4,7,8,31.50
"""
"""What the file holds that the example of an import sends."""

_NAME = "listings.csv"

BODIES: Mapping[str, Mapping[str, Any] | str] = {
    "post_sandboxes": {"name": "checkout-17", "api_key": "checkout-17-key", "ttl": "1h"},
    "put_sandboxes_sandbox_name": {"api_key": "checkout-17-key", "ttl": "1h"},
    "patch_sandboxes_sandbox_name": {"enabled": False},
    "post_reset": {"seed": 7},
    "post_listings": {
        "remote_id": "TG-9001", "section": "109", "row": "22", "quantity": 4, "seat_from": 5,
        "wholesale_price": "120.00",
    },
    "patch_listings_remote_id": {"wholesale_price": "95.00"},
    "post_listings_import": f"-H 'Content-Type: text/csv' --data-binary @{_NAME}",
    "post_pos_sell": {"remote_id": "TG-1042", "quantity": 2},
    "post_pos_retire": {"remote_id": "TG-1004", "superseded_by": "TG-1042"},
    "post_pos_reprice": {"remote_id": "TG-1042", "wholesale_price": "135.00"},
    "post_pos_expire_hold": {"global_id": "checkout-17"},
    "put_scenario": {"name": "lost-answers"},
    "post_scenario_check": {"scenario": {"name": "rush", "rules": [{"id": "late", "on": "hold", "delay": "2s"}]}},
    "post_clock": {"advance": "20m"},
    "post_verify": {"operation": "hold", "code": "held", "count": 2},
}  # fmt: skip
"""JSON; or, for a call that reads a file, what curl is told."""

QUERIES: Mapping[str, Mapping[str, str]] = {
    "get_listings": {"section": "109", "available_min": "2"},
    "post_listings_import": {"mode": "update"},
    "get_listings_export": {"format": "csv"},
    "get_holds": {"status": "held"},
    "get_invoices": {"remote_id": "TG-1042"},
    "get_requests": {"operation": "hold", "limit": "20"},
    "get_audit": {"pending": "ok"},
}

AREAS: Mapping[str, str] = {
    "sandboxes": "A sandbox is a whole world of its own: inventory, holds, invoices, active scenario and its counters, "
    "clock, request journal, seed, API key. Parallel tests need no locks and no resets.",
    "reset": "Back to how the sandbox began. When it answers, the world is new.",
    "listings": "The inventory: look at it, change it, bring a broker's file in, take it out.",
    "pos": "What a broker's point of sale does on its own, between two calls of the automator.",
    "holds": "Holds and invoices as the point of sale knows them.",
    "scenario": "What goes wrong, and when. What a scenario can do stands under Scenarios.",
    "clock": "Holds, their expiry and events being over follow the sandbox's clock. Delays are real time.",
    "snapshots": "A sandbox as it stood, to come back to: inventory, holds, clock, scenario and what it has counted.",
    "request journal": "What was asked and answered, which rule decided and why, what it changed.",
    "verify": "What a test says must have happened, and what came nearest when it did not.",
    "audit": "What the client left behind, each finding with the calls that prove it.",
    "timing": "Ticket Evolution asks for answers within 5 seconds on average.",
    "coverage": "Which documented answers the client has met, and which never.",
    "live": "Everything that happens, as it happens.",
}
"""What an area is about, in a sentence or two."""


_MOST_SHOWN = 2
_SHOWN_HOLD, _SHOWN_REQUEST = "te-91c4", "b1946ac9-000017"
_MOMENT = parse_rfc3339("2026-11-23T14:02:07.120Z")

Step = tuple[str, str, Mapping[str, Any] | None]


def _hold(global_id: str, quantity: int = 1) -> Step:
    return "POST", "/v1/holds", {"remote_id": "TG-1042", "quantity": quantity, "global_id": global_id}


def _invoice(global_id: str, order_id: str) -> Step:
    return "POST", "/v1/invoices", {"global_id": global_id, "order_id": order_id}


_BEFORE: Mapping[str, Sequence[Step]] = {
    "post_pos_expire_hold": [_hold("checkout-17")],
    "get_holds": [_hold("te-7f3a"), _hold("te-5b21"), _invoice("te-5b21", "199401-473339")],
    "get_scenario": [("PUT", "/_mock/scenario", {"name": "lost-answers"})],
    "get_snapshots": [("PUT", "/_mock/snapshots/before-checkout", None)],
    "get_requests": [_hold(_SHOWN_HOLD)],
    "post_verify": [_hold("te-a1"), _hold("te-a2")],
}
"""What happens before a call, so that its example has something to show."""


def make_examples() -> dict[str, Any]:
    """Run every control call in the order of the table; return the JSON that each answered, by its name."""
    client = _client()
    made: dict[str, Any] = {}
    for call in CONTROL_CALLS:
        for method, path, body in _BEFORE.get(call.endpoint, ()):
            _send(client, method, path, json=body, headers=_headers(body or {}))
        if call.media_type != "application/json" or call.endpoint == "get_listings_export":
            continue
        answer = _send(client, call.method, _url(call), **_content(call))
        assert answer.status_code == call.status, f"{call.method} {_url(call)}: {answer.get_data(as_text=True)}"
        made[call.endpoint] = _cut(answer.get_json())
    return made


def _client() -> FlaskClient:
    settings = read_settings({"memory": "true", "fixture": "arena"}, {})
    ids, ticks = count(1), count()
    mock = replace(
        build(settings, _StandingClock(), monotonic=lambda: 0.0),
        new_request_id=lambda: f"b1946ac9-{next(ids):06d}",
        monotonic=lambda: next(ticks) / 4000,
    )
    return build_app(mock, load_contract()).test_client()


class _StandingClock:
    """The machine's clock, at one moment."""

    def now(self) -> Millis:
        """Return the moment."""
        return _MOMENT


def _send(client: FlaskClient, method: str, path: str, **content: Any) -> Any:
    return client.open(
        path, method=method, buffered=True, **{name: value for name, value in content.items() if value is not None}
    )


def _headers(body: Mapping[str, Any]) -> dict[str, str]:
    shown = {"X-Request-Id": _SHOWN_REQUEST} if body.get("global_id") == _SHOWN_HOLD else {}
    return {"X-API-Key": "mockpos-dev-key", **shown}


def _url(call: ControlCall) -> str:
    path = re.sub(r"{(?:\w+:)?(\w+)}", lambda found: call.path_examples[found[1]], call.path)
    query = "&".join(f"{name}={value}" for name, value in QUERIES.get(call.endpoint, {}).items())
    return f"{PREFIX}{path}" + (f"?{query}" if query else "")


def _content(call: ControlCall) -> dict[str, Any]:
    body = BODIES.get(call.endpoint)
    if isinstance(body, str):  # it sends a file
        return {"data": BROKER_FILE, "content_type": "text/csv"}
    return {"json": body} if body is not None else {}


def _cut(value: Any) -> Any:
    """Return an answer with the first entries of its lists: enough to see what stands there."""
    if isinstance(value, Mapping):
        return {name: _cut(below) for name, below in value.items()}
    if isinstance(value, str):
        return value.removeprefix(f"{shipped('scenarios').parent}/")
    if isinstance(value, list):
        kept = value[:_MOST_SHOWN] if value and isinstance(value[0], Mapping) else value[:8]
        return [_cut(item) for item in kept]
    return value


def written(examples: Mapping[str, Any]) -> str:
    """Return the file."""
    return json.dumps(examples, indent=1, ensure_ascii=False) + "\n"


def _lines() -> Iterator[str]:
    EXAMPLES_FILE.write_text(written(make_examples()), "utf-8")
    yield f"wrote {Path(EXAMPLES_FILE)}"


if __name__ == "__main__":
    print(*_lines())  # noqa: T201  # a command of its own
