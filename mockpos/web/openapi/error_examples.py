"""What an error looks like under the active contract: example bodies, made by the code that makes the live ones."""

from mockpos.contract.errors import error_body
from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.domain.split import LARGEST_QUANTITY
from mockpos.web.openapi.layout import Json
from mockpos.web.openapi.security import how_to_send

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
