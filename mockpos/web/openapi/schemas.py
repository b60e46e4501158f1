"""Schemas: of the fields of the three operations, by our own names, and of errors in the contract's shape.

Where a field stands on the wire is the contract's business. Bodies are made by mockpos.contract.bodies; a test holds
the two together.
"""

from collections.abc import Mapping, Sequence

from mockpos.contract.bodies import error_body, error_template
from mockpos.contract.model import Contract, ErrorShape
from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.domain.hold import BUYER
from mockpos.domain.identifiers import GLOBAL_ID_PATTERN, LONGEST
from mockpos.domain.listing import LARGEST_QUANTITY
from mockpos.domain.money import CURRENCY
from mockpos.web.openapi.wording import Json, how_to_send

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


PROBLEM = "Problem"
"""The name of the schema that all errors share."""

_TEXT: Json = {"type": "string"}


def problem_schema(contract: Contract) -> Json:
    """Return the schema that all errors share, whatever their code."""
    names = list(contract.errors.codes.values())
    kinds = ["string", "integer"] if any(isinstance(name, int) for name in names) else "string"
    members: Json = {
        "type": {**_TEXT, "format": "uri-reference", "description": "Where the code is documented."},
        "title": {**_TEXT, "description": "The code in words; the same at every occurrence."},
        "status": {"type": "integer", "description": "The HTTP status again."},
        "detail": {**_TEXT, "description": "What happened this time, for people; do not parse it."},
        "instance": {**_TEXT, "format": "uri-reference", "description": "Identifies this occurrence."},
        "code": {"type": kinds, "description": "What happened, for programs."},
        "retryable": {
            "type": "boolean",
            "description": "Whether sending the same call again, unchanged, is the right next step.",
        },
        "request_id": {**_TEXT, "pattern": ANCHORED_GLOBAL_ID, "description": "The X-Request-Id of this call."},
    }
    return _laid_out(contract, members, {"details": {"type": "object"}}, whole=True)


def error_schema(contract: Contract, codes: Sequence[ResponseCode]) -> Json:
    """Return the schema of the errors that share one status: what they have beside what all errors share."""
    members: Json = {
        # An enum of one: makers of clients merge it with the shared schema's integer, and cannot merge a const.
        "status": {"type": "integer", "enum": [contract.status(codes[0])]},
        "code": _one_of([contract.code_name(code.code) for code in codes]),
    }
    details = _details(codes)
    under_details = {"details": {"type": "object", "properties": details}} if details else {}
    own = _laid_out(contract, {**members, **under_details}, details, whole=False)
    return {"allOf": [{"$ref": f"#/components/schemas/{PROBLEM}"}, own]}


def _laid_out(contract: Contract, members: Json, details: Json, *, whole: bool) -> Json:
    """Return the schema of an error in the contract's shape. ``whole``: every member is there."""
    if contract.errors.shape is ErrorShape.PROBLEM:
        properties = members if whole else {**members, **details}
        properties.pop("details", None)
        return _object(properties, whole=whole)
    known = {**members, **details} if whole else members
    return _of_template(error_template(contract), known, whole=whole) or {}


def _object(properties: Json, *, whole: bool) -> Json:
    required = {"required": list(properties)} if whole else {}
    return {"type": "object", **required, "properties": properties}


def _one_of(names: Sequence[str | int]) -> Json:
    kinds = sorted({"string" if isinstance(name, str) else "integer" for name in names})
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": list(dict.fromkeys(names))}


def _details(codes: Sequence[ResponseCode]) -> Json:
    """Return what the codes add, each member with the codes it comes with."""
    found: Json = {}
    for code in codes:
        for name, example in code.details.items():
            told = found.get(name, {}).get("description", "With")
            found[name] = {**_schema_like(name, example), "description": f"{told} `{code.code}`"}
    return found


def _schema_like(name: str, example: object) -> Json:
    """Return the schema of a detail, judged by its example. A detail that is not known is null."""
    match example:
        case bool():
            return {"type": ["boolean", "null"]}
        case int():
            return {"type": ["integer", "null"]}
        case list():
            return {"type": "array", "items": _items(name, example)}
        case dict():
            return {"type": "object", "additionalProperties": _items(name, list(example.values()))}
    text: Json = {"type": ["string", "null"]}
    return {**text, "format": "date-time"} if name.endswith("_at") else text


def _items(name: str, examples: list[object]) -> Json:
    """Return the schema of what a list or mapping holds; nothing in there is null."""
    schema = _schema_like(name, examples[0])
    kinds = schema["type"]
    return {**schema, "type": kinds[0]} if isinstance(kinds, list) else schema


def _of_template(template: object, members: Mapping[str, Json], *, whole: bool) -> Json | None:
    """Return the schema of a part of a template; None for what is not ``whole`` and has nothing of its own."""
    match template:
        case Mapping():
            parts = {str(name): _of_template(value, members, whole=whole) for name, value in template.items()}
            properties = {name: part for name, part in parts.items() if part is not None}
            return _object(properties, whole=whole) if properties or whole else None
        case list() if whole:
            # Not prefixItems: Schemathesis 4.32 turns those into a form that it then refuses itself.
            entries = [_of_template(value, members, whole=True) or {} for value in template]
            return {
                "type": "array",
                "items": {"anyOf": entries} if entries else {},
                "minItems": len(entries),
                "maxItems": len(entries),
            }
        case str() if template.startswith("$"):
            return members.get(template[1:])
    return {"const": template} if whole else None


REQUEST_ID = "req-7f3a2c"


def example_body(contract: Contract, code: ResponseCode, operation: Operation | None = None) -> Json:
    """Return one code's example body, as ``operation`` would answer it where that makes a difference."""
    detail, details = _adapted(contract, code, operation)
    return error_body(contract, code, detail, details, REQUEST_ID)


def wrong_field(contract: Contract, operation: Operation | None) -> tuple[str, str]:
    """Return the wire name of the field the example of ``validation_failed`` is about, and what is said of it."""
    if operation in (None, Operation.HOLD):
        rule = contract.operations[Operation.HOLD]
        return ".".join(rule.request["quantity"]), f"Must be a whole number from 1 to {LARGEST_QUANTITY}."
    rule = contract.operations[operation]
    if "order_id" in rule.request:
        return ".".join(rule.request["order_id"]), "Is required."
    path = rule.body_fields().get("global_id", (rule.global_id_name,))
    return (
        ".".join(path),
        "Must be 1 to 128 letters, digits, '.', '_', ':' or '-', beginning with a letter or digit.",
    )


def near_miss(path: str) -> str:
    """Return a path that is nearly this one, as a typing mistake is."""
    return path.removesuffix("s") if path.endswith("s") and not path.endswith("/s") else f"{path}s"


def _adapted(contract: Contract, code: ResponseCode, operation: Operation | None) -> tuple[str, dict[str, object]]:
    """Return detail and details with this contract's own names where the catalogue has the default's."""
    hold = contract.operations[Operation.HOLD]
    match code.code:
        case "api_key_missing":
            return f"Send the API key {how_to_send(contract.key)}.", code.details
        case "validation_failed":
            name, message = wrong_field(contract, operation)
            return f"1 field is wrong: {name}.", {"errors": {name: [message]}}
        case "unknown_endpoint":
            return f"There is nothing at {near_miss(hold.path)}.", {"did_you_mean": hold.path}
        case "method_not_allowed":
            return f"GET is not allowed at {hold.path}; allowed: {hold.method}.", code.details
        case "malformed_request" if operation is not None and not contract.operations[operation].has_body:
            return "The request line is not HTTP.", {"position": None}
    return code.detail, code.details
