"""What the pages show of operations and codes, worked out from contract and catalogue. Must not know HTML."""

import json
from typing import Any

from mockpos.contract.bodies import success_body
from mockpos.contract.model import Contract, ErrorShape, OperationRule
from mockpos.domain.catalogue import Operation, ResponseCode, Scope
from mockpos.domain.codes import CATALOGUE, MOCK_CODES
from mockpos.web.docs.commands import Commands
from mockpos.web.docs.scenarios import header_ways_of, magic_rows_of
from mockpos.web.openapi.schemas import EXAMPLES, example_body
from mockpos.web.openapi.wording import TEXTS, how_to_send, security_schemes

TRY_GLOBAL_ID = "a-new-global-id"
TRY_ORDER_ID = "a-new-order-id"
"""Stand on the pages for ids that nobody has used; the routes replace them."""

_ALL = ", ".join(Operation)
_SHAPES = {
    ErrorShape.PROBLEM: "problem details (RFC 9457)",
    ErrorShape.ENVELOPE: "one object, error, that holds the code and what belongs to it",
    ErrorShape.TEMPLATE: "an object of the contract's own making",
}


def reference(contract: Contract, commands: Commands) -> dict[str, Any]:
    """Work out what the pages show, with commands for a key, the server's address and what its inventory sells."""
    parts = {code.code: _code_part(contract, code, commands) for code in CATALOGUE}
    mock_commands = {"mock_unknown_scenario": commands.header(Operation.HOLD, "hold-listing_sold_ot")}
    return {
        "contract": contract,
        "how_to_send_the_key": how_to_send(contract.key),
        "error_shape": _SHAPES[contract.errors.shape],
        "operations": [_operation_part(contract, rule, commands, parts) for rule in contract.operations.values()],
        "offer": commands.offer,
        "transport": [part for part in parts.values() if part["code"].is_transport],
        "codes": list(parts.values()),
        "mock_errors": [{"code": code, "command": mock_commands.get(name, "")} for name, code in MOCK_CODES.items()],
        "keys_to_fill_in": json.dumps(_keys_to_fill_in(contract, commands.api_key)),
    }


def _code_part(contract: Contract, code: ResponseCode, commands: Commands) -> dict[str, Any]:
    """Return one response code as the pages show it. ``limited_to``: the calls that can meet it, where not all can."""
    operation = code.operations[0] if not code.is_transport else None
    operations = _operations_of(contract, code)
    magic = magic_rows_of(code.code)
    return {
        "code": code,
        "status": contract.status(code),
        "operations": operations,
        "limited_to": operations if code.is_transport and operations != _ALL else "",
        "example": _pretty(example_body(contract, code, operation)),
        "commands": commands.case(code.code),
        "magic_ids": [row.remote_id for row in magic],
        "magic_commands": commands.magic(magic[0]) if magic else "",
        "headers": header_ways_of(commands, code.code),
    }


def _operation_part(
    contract: Contract, rule: OperationRule, commands: Commands, parts: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Return one operation as the pages show it. ``shared`` are the transport codes it may answer."""
    answers = [parts[code.code] for code in contract.codes_of(CATALOGUE, rule.operation)]
    return {
        "name": rule.operation.value,
        "text": TEXTS[rule.operation],
        "rule": rule,
        "answer": _pretty(success_body(rule, EXAMPLES)) if rule.answers_body else "",
        "command": commands.operation(rule.operation, TRY_GLOBAL_ID, TRY_ORDER_ID),
        "codes": [part for part in answers if not part["code"].is_transport],
        "shared": [part for part in answers if part["code"].is_transport],
    }


def _operations_of(contract: Contract, code: ResponseCode) -> str:
    if code.scope is Scope.NO_OPERATION:
        return "no operation: the path or method has none"
    names = [
        operation.value
        for operation in Operation
        if operation in code.operations
        and (code.scope is not Scope.WITH_BODY or contract.operations[operation].has_body)
    ]
    return ", ".join(names)


def _keys_to_fill_in(contract: Contract, api_key: str) -> dict[str, str]:
    """Return what the interactive reference fills in: the key in the first way to send it, for one is enough."""
    scheme = next(iter(security_schemes(contract.key)))
    return {scheme: api_key if scheme == "bearer" else contract.key.value(api_key)}


def _pretty(body: object) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
