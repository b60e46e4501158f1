"""What each field of the three operations may hold: its schema and the value the examples show.

By our own names; where a field stands on the wire is the contract's business.
"""

from mockpos.domain.hold import BUYER
from mockpos.domain.identifiers import GLOBAL_ID_PATTERN, LONGEST
from mockpos.domain.money import CURRENCY
from mockpos.domain.split import LARGEST_QUANTITY
from mockpos.web.openapi.wording import Json

ANCHORED_GLOBAL_ID = f"^{GLOBAL_ID_PATTERN}$"


def shared_schemas() -> Json:
    """Return the schemas that several fields refer to."""
    return {
        "GlobalId": {
            "type": "string",
            "title": "Global ID",
            "description": "TEvo's identifier of one purchase. It ties hold, release and invoice together, and is the "
            "idempotency key of each.",
            "pattern": ANCHORED_GLOBAL_ID,
            "minLength": 1,
            "maxLength": LONGEST,
        },
        "OpaqueId": {
            "title": "Opaque identifier",
            "description": f"1 to {LONGEST} characters once white space around them is trimmed; no control "
            "characters. A whole number stands for its decimal string. Nothing is read into it: `199401-473339` is "
            "not `473339`.",
            # Two branches, not `type: [string, integer]`: generators of clients make a union of these.
            # The integer has no bounds: 128 digits are more than any of their number types counts.
            "anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST}, {"type": "integer"}],
        },
    }


def request_field(name: str) -> Json:
    """Return the schema of a request field."""
    return _REQUEST[name]


def response_field(name: str, status: str | int) -> Json:
    """Return the schema of a field in a success body. ``status`` is the operation's own word."""
    if name == "status":
        return {"type": "string" if isinstance(status, str) else "integer", "const": status}
    return _RESPONSE[name]


def _reference(name: str, description: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}", "description": description}


def _time(description: str) -> Json:
    return {"type": "string", "format": "date-time", "description": f"{description} RFC 3339, UTC, milliseconds."}


_GLOBAL_ID = _reference("GlobalId", "TEvo's identifier of this purchase: the idempotency key.")
_QUANTITY: Json = {"type": "integer", "minimum": 1, "maximum": LARGEST_QUANTITY}

_REQUEST: dict[str, Json] = {
    "remote_id": _reference("OpaqueId", "The Remote ID the supplier gave TEvo with the listing."),
    "quantity": {**_QUANTITY, "description": "How many tickets are being purchased."},
    "global_id": _GLOBAL_ID,
    "order_id": _reference("OpaqueId", "The Order ID at TEvo."),
}

_RESPONSE: dict[str, Json] = {
    "global_id": _GLOBAL_ID,
    "remote_id": {"type": "string", "description": "The Remote ID, trimmed."},
    "order_id": {"type": "string", "description": "The Order ID at TEvo, trimmed."},
    "invoice_id": {"type": "string", "description": "The invoice's number in the point of sale."},
    "quantity": {**_QUANTITY, "description": "How many tickets."},
    "seats": {
        "type": "array",
        "items": {"type": "string"},
        "description": "The seats taken, in the listing's order; empty for a listing without seat numbers.",
    },
    "buyer": {"type": "string", "const": BUYER, "description": "The buyer in the system of record."},
    "total_amount": {
        "type": "string",
        "pattern": "^[0-9]+\\.[0-9]{2}$",
        "description": "Wholesale price at the moment of the hold, times the quantity.",
    },
    "total_currency": {"type": "string", "const": CURRENCY},
    "held_at": _time("When the tickets were taken."),
    "expires_at": _time("When the hold lapses, unless it is invoiced before."),
    "released_at": _time("When the hold was released."),
    "invoiced_at": _time("When the tickets were sold."),
    "expired": {"type": "boolean", "description": "True when the hold had lapsed before the release came."},
    "hold_reacquired": {
        "type": "boolean",
        "description": "True when the hold had lapsed and the same seats were taken again for this invoice.",
    },
    "available_quantity": {
        "type": "integer",
        "minimum": 0,
        "description": "Tickets left on the listing right after the call.",
    },
    "replayed": {
        "type": "boolean",
        "description": "True when this call was answered before and this is the first answer again.",
    },
}

EXAMPLES: dict[str, object] = {
    "global_id": "order-1",
    "remote_id": "TG-1042",
    "order_id": "199401-473339",
    "invoice_id": "INV-000001",
    "quantity": 2,
    "seats": ["5", "6"],
    "buyer": BUYER,
    "total_amount": "240.00",
    "total_currency": CURRENCY,
    "held_at": "2026-11-23T14:02:07.120Z",
    "expires_at": "2026-11-23T14:17:07.120Z",
    "released_at": "2026-11-23T14:05:00.000Z",
    "invoiced_at": "2026-11-23T14:02:09.480Z",
    "expired": False,
    "hold_reacquired": False,
    "available_quantity": 6,
    "replayed": False,
}
"""One purchase of two tickets of the listing TG-1042, which every shipped world has."""
