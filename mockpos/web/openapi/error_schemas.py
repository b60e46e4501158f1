"""The schema of error bodies in the three shapes a contract can choose.

Must not make bodies: mockpos.contract.bodies does, and a test holds the two together.
"""

from collections.abc import Mapping, Sequence

from mockpos.contract.bodies import error_body, error_template
from mockpos.contract.model import Contract, ErrorShape
from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.domain.split import LARGEST_QUANTITY
from mockpos.web.openapi.fields import ANCHORED_GLOBAL_ID
from mockpos.web.openapi.wording import Json, how_to_send

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
