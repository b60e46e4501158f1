"""A call as a value: what it asks for, how it is sent over HTTP, and what its answer says in the model's words.

Moments become milliseconds, lists tuples, runs of seats seats; prose, links and ids of requests are left out, and so
is what the contract leaves to the implementation (``did_you_mean``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

Body = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROSE = {"type", "title", "detail", "instance", "retryable", "request_id", "did_you_mean"}
_MOMENTS = {"held_at", "expires_at", "released_at", "invoiced_at", "expired_at", "next_expiry_at", "now"}
_OF_A_LISTING = (
    "remote_id", "available", "held", "sold", "free_seats", "retired", "broadcast", "superseded_by", "wholesale_price",
    "splits",
)  # fmt: skip
_OF_A_HOLD = ("global_id", "remote_id", "quantity", "status", "held_at", "expires_at", "stolen", "invoice_id")


@dataclass(frozen=True)
class Call:
    """One call. ``name`` is the model's method, ``arguments`` are its arguments."""

    name: str
    arguments: tuple[tuple[str, Any], ...]

    def __repr__(self) -> str:
        return f"call({', '.join([repr(self.name), *(f'{key}={value!r}' for key, value in self.arguments)])})"

    def __str__(self) -> str:
        return " ".join([self.name.replace("_", " "), *(_shown(key, value) for key, value in self.arguments)])

    def get(self, name: str) -> Any:
        return dict(self.arguments).get(name)


def call(name: str, **arguments: Any) -> Call:
    return Call(name, tuple(arguments.items()))


def request_of(made: Call) -> tuple[str, str, Body | None]:
    """Return method, path and body of a call."""
    given = dict(made.arguments)
    match made.name:
        case "hold":
            return "POST", "/v1/holds", given
        case "release":
            return "DELETE", f"/v1/holds/{quote(given['global_id'])}", None
        case "invoice":
            return "POST", "/v1/invoices", given
        case "sell" | "retire" | "expire_hold":
            return "POST", f"/_mock/pos/{made.name.replace('_', '-')}", given
        case "reprice":
            return "POST", "/_mock/pos/reprice", {"remote_id": given["remote_id"], "wholesale_price": given["price"]}
        case "put_back":
            return "PATCH", f"/_mock/listings/{given['remote_id']}", {"retired": False}
        case "broadcast":
            return "PATCH", f"/_mock/listings/{given['remote_id']}", {"broadcast": given["on"]}
        case "look":
            return "GET", f"/_mock/listings/{given['remote_id']}", None
        case "look_up":
            return "GET", f"/_mock/holds/{given['global_id']}", None
        case "set_clock":
            return "POST", "/_mock/clock", _clock_body(given)
        case "start_anew":
            return "POST", "/_mock/reset", {}
    raise ValueError(made)


def answer_of(made: Call, body: Mapping[str, Any]) -> Body:
    """Return what a body says, in the model's words."""
    said = {key: _moment(value) if key in _MOMENTS else _frozen(value) for key, value in body.items()}
    if "code" in said:
        return {key: value for key, value in said.items() if key not in _PROSE | {"status"}}
    match made.name:
        case "sell":
            return {"sold_now": said["sold_now"], "broken_holds": said["broken_holds"], **_listing(body["listing"])}
        case "retire" | "reprice" | "put_back" | "broadcast" | "look":
            return _listing(body)
        case "expire_hold" | "look_up":
            return {key: said[key] for key in _OF_A_HOLD}
        case "set_clock":
            expired = tuple(each["global_id"] for each in body["expired"])
            return {"now": said["now"], "frozen": said["frozen"], "expired": expired}
        case "start_anew":
            return {"listings": said["listings"]}
    return said


def _clock_body(given: Body) -> Body:
    name, value = next(iter(given.items()))
    return {"to": {"set": rfc3339(value)}, "advance": {"advance": f"{value}ms"}}.get(name, {name: value})


def _listing(shown: Mapping[str, Any]) -> Body:
    said = {key: _frozen(shown[key]) for key in _OF_A_LISTING}
    step = 1 if shown["quantity"] == 1 else ((shown["seat_thru"] or 0) - (shown["seat_from"] or 0)) // (
        shown["quantity"] - 1
    )  # fmt: skip
    seats: list[str] = []
    for run in shown["free_seats"]:
        low, _, high = run.partition("-")
        seats += [str(number) for number in range(int(low), int(high or low) + 1, step)]
    return {**said, "free_seats": tuple(seats)}


def _shown(key: str, value: Any) -> str:
    return f"x{value}" if key == "quantity" else str(value) if key.endswith("_id") else f"{key}={value}"


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _moment(value: str | int | None) -> int | None:
    if not isinstance(value, str):
        return value
    return (datetime.fromisoformat(value) - _EPOCH) // timedelta(milliseconds=1)


def rfc3339(at: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
