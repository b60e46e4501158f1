"""What the documentation pages show, worked out from contract and catalogue. Must not know HTML."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from mockpos.contract.bodies import request_body, success_body
from mockpos.contract.model import Contract, ErrorShape, OperationRule
from mockpos.domain.catalogue import Catalogue, Operation, ResponseCode, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.web.docs.commands import SHIPPED, Commands, Offer
from mockpos.web.docs.magic_parts import HeaderWay, header_ways_of, magic_rows_of
from mockpos.web.docs.scenario_reference import MockErrorPart, mock_errors
from mockpos.web.openapi.error_schemas import example_body
from mockpos.web.openapi.fields import EXAMPLES
from mockpos.web.openapi.security import how_to_send, security_schemes
from mockpos.web.openapi.wording import TEXTS, OperationText


@dataclass(frozen=True, slots=True)
class CodePart:
    """One response code as the pages show it. ``limited_to``: the calls that can meet it, where not all can.

    ``magic_commands`` show the first of the magic Remote IDs; ``headers`` are the ways by header. Both may be empty.
    """

    code: ResponseCode
    status: int
    operations: str
    limited_to: str
    example: str
    commands: str
    magic_ids: Sequence[str]
    magic_commands: str
    headers: Sequence[HeaderWay]


@dataclass(frozen=True, slots=True)
class OperationPart:
    """One operation as the pages show it. ``shared`` are the transport codes it may answer."""

    name: str
    text: OperationText
    rule: OperationRule
    request: str
    answer: str
    command: str
    codes: Sequence[CodePart]
    shared: Sequence[CodePart]


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything the pages show."""

    contract: Contract
    how_to_send_the_key: str
    error_shape: str
    operations: Sequence[OperationPart]
    offer: Offer
    transport: Sequence[CodePart]
    codes: Sequence[CodePart]
    mock_errors: Sequence[MockErrorPart]
    keys: str


TRY_GLOBAL_ID = "a-new-global-id"
TRY_ORDER_ID = "a-new-order-id"
"""Stand on the pages for ids that nobody has used; the routes replace them."""


def reference(
    contract: Contract, api_key: str, base_url: str, catalogue: Catalogue = CATALOGUE, offer: Offer = SHIPPED
) -> Reference:
    """Work out what the pages show for a contract, a key, the server's address and what its inventory sells."""
    commands = Commands(contract, api_key, base_url, offer)
    parts = {code.code: _code_part(contract, code, commands) for code in catalogue}
    return Reference(
        contract=contract,
        how_to_send_the_key=how_to_send(contract.key),
        error_shape=_SHAPES[contract.errors.shape],
        operations=[
            _operation_part(contract, catalogue, rule, commands, parts) for rule in contract.operations.values()
        ],
        offer=offer,
        transport=[part for part in parts.values() if part.code.is_transport],
        codes=list(parts.values()),
        mock_errors=mock_errors(commands),
        keys=json.dumps(_keys_to_fill_in(contract, api_key)),
    )


_ALL = ", ".join(Operation)

_SHAPES = {
    ErrorShape.PROBLEM: "problem details (RFC 9457)",
    ErrorShape.ENVELOPE: "one object, error, that holds the code and what belongs to it",
    ErrorShape.TEMPLATE: "an object of the contract's own making",
}


def _code_part(contract: Contract, code: ResponseCode, commands: Commands) -> CodePart:
    operation = code.operations[0] if not code.is_transport else None
    operations = _operations_of(contract, code)
    magic = magic_rows_of(code.code)
    return CodePart(
        code=code,
        status=contract.status(code),
        operations=operations,
        limited_to=operations if code.is_transport and operations != _ALL else "",
        example=_pretty(example_body(contract, code, operation)),
        commands=commands.case(code.code),
        magic_ids=[row.remote_id for row in magic],
        magic_commands=commands.magic(magic[0]) if magic else "",
        headers=header_ways_of(commands, code.code),
    )


def _operation_part(
    contract: Contract, catalogue: Catalogue, rule: OperationRule, commands: Commands, parts: dict[str, CodePart]
) -> OperationPart:
    text = TEXTS[rule.operation]
    values = {**EXAMPLES, "status": text.status}
    answers = [parts[code.code] for code in contract.codes_of(catalogue, rule.operation)]
    return OperationPart(
        name=rule.operation.value,
        text=text,
        rule=rule,
        request=_pretty(request_body(rule, values)),
        answer=_pretty(success_body(rule, values)) if rule.answers_body else "",
        command=_COMMANDS[rule.operation](commands),
        codes=[part for part in answers if not part.code.is_transport],
        shared=[part for part in answers if part.code.is_transport],
    )


_COMMANDS: dict[Operation, Callable[[Commands], str]] = {
    Operation.HOLD: lambda commands: commands.hold(TRY_GLOBAL_ID),
    Operation.RELEASE: lambda commands: commands.release(TRY_GLOBAL_ID),
    Operation.INVOICE: lambda commands: commands.invoice(TRY_GLOBAL_ID, TRY_ORDER_ID),
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


_STRING = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf"(?P<name>{_STRING})(?=\s*:)|(?P<text>{_STRING})|(?P<word>true|false|null|-?\d[\d.eE+-]*)")
_YAML = re.compile(r"""(?P<note>(?:^|(?<=\s))\#.*$)|(?P<name>^[ -]*[A-Za-z_]+(?=:(?:\s|$)))""", re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")


def highlighted(json_text: str) -> Markup:
    """Return JSON with its names, strings and other values marked."""
    return _marked(
        _TOKEN, json_text, lambda found: Markup('<span class="json-{}">{}</span>').format(found.lastgroup, found[0])
    )


def yaml_marked(text: str) -> Markup:
    """Return YAML with its comments and the names that begin a line marked."""
    return _marked(
        _YAML, text, lambda found: Markup('<span class="yaml-{}">{}</span>').format(found.lastgroup, found[0])
    )


def code_spans(sentence: str) -> Markup:
    """Return a sentence whose `words in backticks` are code."""
    return _marked(_SPAN, sentence, lambda found: Markup("<code>{}</code>").format(found[1]))


def _marked(pattern: re.Pattern[str], source: str, mark: Callable[[re.Match[str]], Markup]) -> Markup:
    pieces: list[Markup] = []
    end = 0
    for found in pattern.finditer(source):
        pieces += [escape(source[end : found.start()]), mark(found)]
        end = found.end()
    return Markup("").join([*pieces, escape(source[end:])])
