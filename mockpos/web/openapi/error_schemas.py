"""The schema of error bodies in the three shapes a contract can choose.

Must not make bodies: mockpos.web.contract.errors does, and a test holds the two together.
"""

from collections.abc import Mapping, Sequence

from mockpos.contract.model import Contract, ErrorShape
from mockpos.domain.catalogue import ResponseCode
from mockpos.web.openapi.fields import ANCHORED_GLOBAL_ID
from mockpos.web.openapi.layout import Json


def error_schema(contract: Contract, codes: Sequence[ResponseCode]) -> Json:
    """Return the schema of the errors that share one status."""
    members = _members(contract, codes)
    details = _details(codes)
    match contract.errors.shape:
        case ErrorShape.PROBLEM:
            return {"type": "object", "required": list(members), "properties": {**members, **details}}
        case ErrorShape.ENVELOPE:
            inner = {
                "code": members["code"],
                "message": members["detail"],
                "retryable": members["retryable"],
                "request_id": members["request_id"],
                "details": {"type": "object", "properties": details},
            }
            error = {"type": "object", "required": list(inner), "properties": inner}
            return {"type": "object", "required": ["error"], "properties": {"error": error}}
        case ErrorShape.TEMPLATE:
            return _of_template(
                contract.errors.template, {**members, "details": {"type": "object", "properties": details}}
            )


def _members(contract: Contract, codes: Sequence[ResponseCode]) -> Json:
    retryable = sorted({code.retryable for code in codes})
    return {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "Where the code is documented.",
        },
        "title": {"type": "string", "description": "The code in words; the same at every occurrence."},
        "status": {"type": "integer", "const": contract.status(codes[0]), "description": "The HTTP status again."},
        "detail": {"type": "string", "description": "What happened this time, for people; do not parse it."},
        "instance": {
            "type": "string",
            "format": "uri-reference",
            "description": "Identifies this occurrence.",
        },
        "code": {
            **_one_of([contract.code_name(code.code) for code in codes]),
            "description": "What happened, for programs.",
        },
        "retryable": {
            "type": "boolean",
            **({"const": retryable[0]} if len(retryable) == 1 else {}),
            "description": "Whether sending the same call again, unchanged, is the right next step.",
        },
        "request_id": {
            "type": "string",
            "pattern": ANCHORED_GLOBAL_ID,
            "description": "The X-Request-Id of this call.",
        },
    }


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


def _of_template(template: object, members: Mapping[str, Json]) -> Json:
    match template:
        case Mapping():
            properties = {str(name): _of_template(value, members) for name, value in template.items()}
            return {"type": "object", "required": list(properties), "properties": properties}
        case list():
            # Not prefixItems: Schemathesis 4.32 turns those into a form that it then refuses itself.
            entries = [_of_template(value, members) for value in template]
            return {
                "type": "array",
                "items": {"anyOf": entries} if entries else {},
                "minItems": len(entries),
                "maxItems": len(entries),
            }
        case str() if template.startswith("$"):
            return members[template[1:]]
    return {"const": template}
