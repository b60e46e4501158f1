"""A call as a value: what it asks for, how it is sent over HTTP, and what its answer says in the model's words.

Moments become milliseconds, lists tuples, runs of seats seats; prose, links and ids of requests are left out, and so
is what the contract leaves to the implementation (``did_you_mean``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

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


_REQUESTS: dict[str, tuple[str, str, Callable[[Body], Body | None]]] = {
    "hold": ("POST", "/v1/holds", dict),
    "release": ("DELETE", "/v1/holds/{global_id}", lambda given: None),
    "invoice": ("POST", "/v1/invoices", dict),
    "sell": ("POST", "/_mock/pos/sell", dict),
    "retire": ("POST", "/_mock/pos/retire", dict),
    "put_back": ("PATCH", "/_mock/listings/{remote_id}", lambda given: {"retired": False}),
    "reprice": (
        "POST", "/_mock/pos/reprice",
        lambda given: {"remote_id": given["remote_id"], "wholesale_price": given["price"]},
    ),
    "broadcast": ("PATCH", "/_mock/listings/{remote_id}", lambda given: {"broadcast": given["on"]}),
    "expire_hold": ("POST", "/_mock/pos/expire-hold", dict),
    "look": ("GET", "/_mock/listings/{remote_id}", lambda given: None),
    "look_up": ("GET", "/_mock/holds/{global_id}", lambda given: None),
    "set_clock": ("POST", "/_mock/clock", lambda given: _clock_body(given)),
    "start_anew": ("POST", "/_mock/reset", dict),
}  # fmt: skip
"""Method, path and body of each call."""


def request_of(made: Call) -> tuple[str, str, Body | None]:
    """Return method, path and body of a call."""
    given = dict(made.arguments)
    method, path, body_of = _REQUESTS[made.name]
    return method, path.format(**given), body_of(given)


def answer_of(made: Call, body: Mapping[str, Any]) -> Body:
    """Return what a body says, in the model's words."""
    said = {key: _moment(value) if key in _MOMENTS else _frozen(value) for key, value in body.items()}
    if "code" in said:
        return {key: value for key, value in said.items() if key not in _PROSE | {"status"}}
    match made.name:
        case "hold" | "release" | "invoice":
            return said
        case "sell":
            said = {"sold_now": said["sold_now"], "broken_holds": said["broken_holds"], **_listing(body["listing"])}
        case "expire_hold" | "look_up":
            said = {key: said[key] for key in _OF_A_HOLD}
        case "set_clock":
            expired = tuple(each["global_id"] for each in body["expired"])
            said = {"now": said["now"], "frozen": said["frozen"], "expired": expired}
        case "start_anew":
            said = {"listings": said["listings"]}
        case _:
            said = _listing(body)
    return said


def _clock_body(given: Body) -> Body:
    name, value = next(iter(given.items()))
    return {"to": {"set": rfc3339(value)}, "advance": {"advance": f"{value}ms"}}.get(name, {name: value})


def _listing(shown: Mapping[str, Any]) -> Body:
    said = {key: _frozen(shown[key]) for key in _OF_A_LISTING}
    first, last = shown["seat_from"] or 0, shown["seat_thru"] or 0
    step = (last - first) // max(1, shown["quantity"] - 1) or 1
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
