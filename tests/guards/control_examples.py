"""Writes ``web/control/examples.json`` by running every control call in order (``make format`` does)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from mockpos.bootstrap import build
from mockpos.contract.loader import load_contract
from mockpos.domain.clock import Millis, parse_rfc3339
from mockpos.files import shipped
from mockpos.settings import read_settings
from mockpos.web.app import build_app
from mockpos.web.control.calls import PATH_EXAMPLES, PREFIX, ControlCall
from mockpos.web.control.examples import BODIES, EXAMPLES_FILE, QUERIES
from mockpos.web.control.table import CONTROL_CALLS
from tests.json_layout import one_a_line

BROKER_FILE = """\
TicketID,Event,Venue,EventDate,EventTime,Quantity,Section,Row,SeatFrom,SeatThru,Cost
TG-9100,Orchids in Winter,Larch Hall,12/13/2027,6:05PM,2,A,4,7,8,31.50
"""
"""What the file holds that the example of an import sends."""


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
    path = call.path.format_map(PATH_EXAMPLES)
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


def as_text() -> str:
    """Return the file: a line for each call, so that a change shows which calls answer otherwise."""
    return one_a_line(make_examples())


if __name__ == "__main__":
    EXAMPLES_FILE.write_text(as_text(), encoding="utf-8")
