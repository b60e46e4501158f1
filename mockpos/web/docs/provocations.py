"""How to get each code from this mock: shell commands against listings that the served inventory has.

Each command that ends a sequence answers the code it stands under; a test runs them all. Independent of the wire:
curl.py writes the calls.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.web.docs.curl import SHELL_ID, Curl
from mockpos.web.openapi.error_examples import near_miss

NEW_ID = "ID=try-$RANDOM-$RANDOM"
"""A new Global ID every time the sequence is pasted."""

_MANY = "$(head -c 10000 /dev/zero | tr '\\0' a)"
QUIETLY = "-s -o /dev/null"


SITUATIONS = frozenset({"TG-RETIRED", "TG-POSTPONED", "TG-LAST", "TG-PAIRS"})
"""Listings of the shipped worlds that are refused for a reason of their own."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing that can be held, in which quantity, and which of the SITUATIONS the inventory has."""

    remote_id: str
    quantity: int
    situations: frozenset[str]


SHIPPED = Offer("TG-1042", 2, SITUATIONS)
"""What to show without an inventory."""


class Provocations:
    """Writes the commands for one contract, server and key, against the listings of one inventory."""

    def __init__(self, contract: Contract, curl: Curl, offer: Offer = SHIPPED) -> None:
        self._contract = contract
        self._curl = curl
        self.offer = offer

    def commands(self, code: ResponseCode) -> list[str]:
        """Return the commands that end in this code, one after the other; nothing when there is no way by call."""
        factory = _RECIPES.get(code.code)
        needed = _NEEDED.get(code.code)
        return factory(self) if factory and (needed is None or needed in self.offer.situations) else []

    def hold(self, remote_id: str = "", quantity: int = 0, global_id: str = SHELL_ID, **how: str | None) -> str:
        """Return a hold: of the listing that can be held, unless another is named."""
        remote_id, quantity = remote_id or self.offer.remote_id, quantity or self.offer.quantity
        values: dict[str, object] = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
        return self._call(Operation.HOLD, values, how)

    def release(self, global_id: str = SHELL_ID, **how: str | None) -> str:
        """Return a release."""
        return self._call(Operation.RELEASE, {"global_id": global_id}, how)

    def invoice(self, order_id: str, global_id: str = SHELL_ID, **how: str | None) -> str:
        """Return an invoice."""
        return self._call(Operation.INVOICE, {"global_id": global_id, "order_id": order_id}, how)

    def hold_path(self) -> str:
        """Return the path of a hold, with a Global ID in it where the contract wants one there."""
        return self._contract.operations[Operation.HOLD].path.replace("{global_id}", "try-1")

    def elsewhere(self, method: str, path: str) -> str:
        """Return a call that belongs to no operation."""
        return self._curl.elsewhere(method, path)

    def other_method(self) -> str:
        """Return a method that the hold's path does not have."""
        path = self._contract.operations[Operation.HOLD].path
        taken = {rule.method for rule in self._contract.operations.values() if rule.path == path}
        return next(method for method in ("GET", "PUT", "PATCH") if method not in taken)

    def _call(self, operation: Operation, values: dict[str, object], how: dict[str, str | None]) -> str:
        options = how.get("options") or "-i"
        api_key, body = how.get("api_key", ""), how.get("body")
        content_type, extra = how.get("content_type") or "application/json", how.get("extra") or ""
        return self._curl.call(
            operation, values, options=options, api_key=api_key, body=body, content_type=content_type, extra=extra
        )


def _twice(command: str) -> list[str]:
    return [command, command]


def _order(suffix: str = "") -> str:
    return f"{SHELL_ID}{suffix}"


_RECIPES: dict[str, Callable[[Provocations], list[str]]] = {
    "malformed_request": lambda p: [p.hold(global_id="try-1", body="-d '{'")],
    "api_key_missing": lambda p: [p.hold(global_id="try-1", api_key=None)],
    "api_key_invalid": lambda p: [p.hold(global_id="try-1", api_key="wrong")],
    "key_not_allowed": lambda p: [p.hold(global_id="try-1", api_key="old-key")],
    "unknown_endpoint": lambda p: [p.elsewhere("POST", near_miss(p.hold_path()))],
    "method_not_allowed": lambda p: [p.elsewhere(p.other_method(), p.hold_path())],
    "request_too_large": lambda p: [
        "head -c 70000 /dev/zero | tr '\\0' ' ' | " + p.hold(global_id="try-1", body="--data-binary @-")
    ],
    "uri_too_long": lambda p: [p.elsewhere("POST", f"/{_MANY}")],
    "unsupported_media_type": lambda p: [p.hold(global_id="try-1", content_type="text/plain")],
    "validation_failed": lambda p: [p.hold(quantity=-1, global_id="try-1")],
    "rate_limited": lambda p: _twice(p.hold("NO-SUCH-LISTING", 1, "try-1")),
    "headers_too_large": lambda p: [p.hold(global_id="try-1", extra=f'-H "X-Large: {_MANY}"')],
    "listing_not_found": lambda p: [p.hold("NO-SUCH-LISTING", 2, "try-1")],
    "listing_retired": lambda p: [p.hold("TG-RETIRED", 2, "try-1")],
    "listing_not_for_sale": lambda p: [p.hold("TG-POSTPONED", 2, "try-1")],
    "listing_sold_out": lambda p: [
        NEW_ID,
        p.hold("TG-LAST", 1, options=QUIETLY),
        p.invoice(_order(), options=QUIETLY),
        p.hold("TG-LAST", 1, _order("-b")),
    ],
    "insufficient_quantity": lambda p: [p.hold(quantity=1000, global_id="try-1")],
    "held_by_another": lambda p: [
        NEW_ID,
        p.hold("TG-PAIRS", 4, options=QUIETLY),
        p.hold("TG-PAIRS", 2, _order("-b")),
        p.release(options=QUIETLY),
    ],
    "invalid_split": lambda p: [p.hold("TG-PAIRS", 3, "try-1")],
    "global_id_conflict": lambda p: [NEW_ID, p.hold(options=QUIETLY), p.hold(quantity=p.offer.quantity + 1)],
    "global_id_closed": lambda p: [NEW_ID, p.hold(options=QUIETLY), p.release(options=QUIETLY), p.hold()],
    "hold_not_found": lambda p: [p.release("never-held")],
    "hold_already_invoiced": lambda p: [
        NEW_ID,
        p.hold(options=QUIETLY),
        p.invoice(_order(), options=QUIETLY),
        p.release(),
    ],
    "hold_expired": lambda p: [NEW_ID, p.hold(options=QUIETLY), "sleep 2", p.invoice(_order())],
    "hold_released": lambda p: [NEW_ID, p.hold(options=QUIETLY), p.release(options=QUIETLY), p.invoice(_order())],
    "order_id_conflict": lambda p: [
        NEW_ID,
        p.hold(options=QUIETLY),
        p.invoice(_order(), options=QUIETLY),
        p.invoice(_order("-other")),
    ],
}

_NEEDED = {
    "listing_retired": "TG-RETIRED",
    "listing_not_for_sale": "TG-POSTPONED",
    "listing_sold_out": "TG-LAST",
    "held_by_another": "TG-PAIRS",
    "invalid_split": "TG-PAIRS",
}
"""Codes that only one of the SITUATIONS answers."""
