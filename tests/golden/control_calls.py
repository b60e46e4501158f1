"""A morning at the control plane: every control call at least once, over a world and a clock that stand still."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


_numbers = count(1)


def product(method: str, path: str, body: Any = None, **headers: str) -> Call:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Call(method, path, body, {"X-API-Key": "mockpos-dev-key", "X-Request-Id": f"call-{next(_numbers)}", **named})


def hold(remote_id: str, quantity: int, global_id: str, **headers: str) -> Call:
    body = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
    return product("POST", "/v1/holds", body, **headers)


def invoice(global_id: str, order_id: str, **headers: str) -> Call:
    return product("POST", "/v1/invoices", {"global_id": global_id, "order_id": order_id}, **headers)


def control(method: str, path: str, body: Any = None, **headers: str) -> Call:
    return Call(method, "/_mock" + path, body, {name.replace("_", "-"): value for name, value in headers.items()})


def _calls() -> Iterator[Call]:
    yield control("POST", "/clock", {"freeze": True})
    yield control("POST", "/clock", {"set": "2026-11-23T20:00:00Z"})
    yield from _purchases()
    yield from _journal()
    yield from _sandboxes()
    yield from _listings()
    yield from _pos()
    yield from _scenario()
    yield from _snapshots()
    yield control("POST", "/clock", {"advance": "20m"})
    yield control("POST", "/clock", {"advance": "20m", "freeze": False})
    yield control("GET", "/clock")
    yield control("GET", "/audit")
    yield control("GET", "/audit?pending=ok")
    yield control("GET", "/holds")


def _purchases() -> Iterator[Call]:
    yield hold("TG-1042", 2, "checkout-1")
    yield hold("TG-1042", 2, "checkout-1")
    yield invoice("checkout-1", "199401-473339")
    yield product("DELETE", "/v1/holds/checkout-1")
    yield hold("TG-PAIRS", 2, "checkout-2")
    yield product("DELETE", "/v1/holds/checkout-2")
    yield hold("TG-1042", 2, "checkout-3")
    yield hold("TG-1O42", 2, "checkout-4")
    yield hold("TG-PAIRS", 3, "checkout-4")
    yield hold("TG-POSTPONED", 1, "checkout-4")
    yield hold("MOCK-POS_UNAVAILABLE", 1, "checkout-5")
    yield hold("TG-1042", 1, "checkout-6", X_Mockpos_Scenario="lost-answer")
    yield product("POST", "/v1/holds", {"remoteId": "TG-1042", "quantity": "2"})
    yield product("DELETE", "/v1/holds/never-held")
    yield product("GET", "/v1/hold")
    yield product("GET", "/v1/holds")


def _journal() -> Iterator[Call]:
    yield control("GET", "/requests?limit=3")
    yield control("GET", "/requests?operation=hold&code=held&remote_id=TG-1042")
    yield control("GET", "/requests?limit=0")
    for number in (1, 4, 8, 11, 14):
        yield control("GET", f"/requests/call-{number}")
        yield control("GET", f"/requests/call-{number}/curl")
    yield control("GET", "/requests/unknown")
    yield control("POST", "/verify", {"operation": "hold", "code": "held", "count": 4})
    yield control("POST", "/verify", {"operation": "hold", "code": "held", "remote_id": "TG-1O42", "count": {"min": 1}})
    yield control("POST", "/verify", {"count": "many", "colour": "red"})
    yield control("GET", "/coverage")
    yield control("GET", "/timing")
    yield control("GET", "/events")
    yield control("DELETE", "/requests")


def _sandboxes() -> Iterator[Call]:
    yield control("POST", "/sandboxes", {"name": "checkout-17", "api_key": "checkout-17-key", "ttl": "1h"})
    yield control("POST", "/sandboxes", {"name": "checkout-17"})
    yield control("PUT", "/sandboxes/checkout-18", {"ttl": "1h", "api_key": "checkout-18-key"})
    yield control("PUT", "/sandboxes/checkout-18", {"from": {"fixture": "tiny"}})
    yield control("PUT", "/sandboxes/default")
    yield control("DELETE", "/sandboxes/checkout-18")
    yield control("POST", "/sandboxes", {"name": "copy", "from": {"sandbox": "default"}, "seed": 7})
    yield control("POST", "/sandboxes", {"from": {"planet": "Mars"}, "ttl": "soon"})
    yield control("GET", "/sandboxes")
    yield control("GET", "/sandboxes/checkout-17")
    yield control("PATCH", "/sandboxes/checkout-17", {"enabled": False})
    yield hold("TG-1042", 1, "elsewhere", X_API_Key="checkout-17-key")
    yield control("GET", "/holds", X_API_Key="checkout-17-key")
    yield control("DELETE", "/sandboxes/checkout-17")
    yield control("DELETE", "/sandboxes/checkout-17")
    yield control("POST", "/reset", {"seed": 7}, X_API_Key="nobody")
    yield Call("POST", "/s/copy/_mock/reset", {"seed": 7})


def _listings() -> Iterator[Call]:
    yield control("GET", "/listings")
    yield control("GET", "/listings?event=Kestrels&available_min=2&limit=1")
    yield control("GET", "/listings?available_min=few")
    yield control(
        "POST", "/listings",
        {"remote_id": "TG-9001", "section": "109", "row": "22", "quantity": 4, "seat_from": 5,
         "wholesale_price": "120.00"},
    )  # fmt: skip
    yield control("POST", "/listings", {"remote_id": "TG-9002", "quantity": 0, "price": "1"})
    yield control("GET", "/listings/TG-9001")
    yield control("GET", "/listings/TG-1001")
    yield control("PATCH", "/listings/TG-9001", {"wholesale_price": "95.00"})
    yield control("DELETE", "/listings/TG-9001")
    yield control("GET", "/listings/export?format=csv")
    yield control("GET", "/listings/export")
    yield Call("POST", "/_mock/listings/import?mode=update", CSV, {"Content-Type": "text/csv"})
    yield Call("POST", "/_mock/listings/import?mode=update", CSV.replace('"2"', '"two"'), {"Content-Type": "text/csv"})
    yield control("POST", "/listings/import", {"nothing": "here"})


CSV = """\
"TicketID","Event","Venue","EventDate","EventTime","Quantity","Section","Row","SeatFrom","SeatThru","Cost"
"TG-9100","Orchids in Winter","Larch Hall","12/13/2027","6:05PM","2","A","4","7","8","31.50"
"""


def _pos() -> Iterator[Call]:
    yield control("POST", "/pos/sell", {"remote_id": "TG-GA", "quantity": 2})
    yield control("POST", "/pos/sell", {"remote_id": "TG-GA", "quantity": 2000})
    yield control("POST", "/pos/retire", {"remote_id": "TG-LAST", "superseded_by": "TG-GA"})
    yield control("POST", "/pos/reprice", {"remote_id": "TG-GA", "wholesale_price": "135.00"})
    yield control("POST", "/pos/expire-hold", {"global_id": "checkout-3"})
    yield control("GET", "/holds?status=held")
    yield control("GET", "/holds/checkout-3")
    yield control("GET", "/holds/te-7f3a")
    yield control("GET", "/invoices?remote_id=TG-1042")


def _scenario() -> Iterator[Call]:
    yield control("GET", "/scenarios")
    yield control("GET", "/scenario")
    yield control("PUT", "/scenario", {"name": "lost-answers"})
    yield hold("TG-1042", 1, "checkout-9")
    yield control("GET", "/scenario")
    yield control("PUT", "/scenario", {"name": "lost-anwsers"})
    late = {"id": "late", "on": "hold", "delay": "2s"}
    yield control("POST", "/scenario/check", {"scenario": {"name": "rush", "rules": [late]}})
    yield control("POST", "/scenario/check", {"scenario": {"name": "rush", "rules": [{**late, "dealy": "2s"}]}})
    yield control("POST", "/scenario/check", {"yaml": "name: rush\nrules:\n  - id: late\n    on: holds\n"})
    yield control("DELETE", "/scenario")
    yield control("GET", "/magic")


def _snapshots() -> Iterator[Call]:
    yield control("PUT", "/snapshots/before-checkout")
    yield control("GET", "/snapshots")
    yield hold("TG-1042", 1, "checkout-10")
    yield control("POST", "/snapshots/before-checkout/restore")
    yield control("POST", "/snapshots/after-checkout/restore")
    yield control("DELETE", "/snapshots/before-checkout")


CALLS = tuple(_calls())
