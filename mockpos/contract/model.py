"""The shape of a contract: what a contract file can say."""

from dataclasses import dataclass, field
from enum import StrEnum

from mockpos.domain.catalogue import Catalogue, Operation, ResponseCode


class GlobalIdIn(StrEnum):
    """Where an operation's Global ID stands."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"


class ErrorShape(StrEnum):
    """How an error body is laid out."""

    PROBLEM = "problem"
    ENVELOPE = "envelope"
    TEMPLATE = "template"


REQUEST_FIELDS: dict[Operation, tuple[str, ...]] = {
    Operation.HOLD: ("remote_id", "quantity", "global_id"),
    Operation.RELEASE: ("global_id",),
    Operation.INVOICE: ("global_id", "order_id"),
}
"""The attributes TEvo names for each call (TEvo Order Integration: supporting auto-confirm)."""

RESPONSE_FIELDS: dict[Operation, tuple[str, ...]] = {
    Operation.HOLD: (
        "global_id",
        "remote_id",
        "quantity",
        "status",
        "seats",
        "held_at",
        "expires_at",
        "available_quantity",
        "replayed",
    ),
    Operation.RELEASE: (
        "global_id",
        "remote_id",
        "quantity",
        "status",
        "released_at",
        "expired",
        "available_quantity",
        "replayed",
    ),
    Operation.INVOICE: (
        "global_id",
        "order_id",
        "invoice_id",
        "remote_id",
        "quantity",
        "status",
        "seats",
        "buyer",
        "total_amount",
        "total_currency",
        "invoiced_at",
        "hold_reacquired",
        "replayed",
    ),
}

NO_CONTENT = 204

STATES = ("held", "released", "expired", "invoiced", "released_before_hold")
"""The states of a hold that answers and the details of errors name."""

SUCCESS_STATES = {Operation.HOLD: "held", Operation.RELEASE: "released", Operation.INVOICE: "invoiced"}
"""What each operation makes of a hold."""

WirePath = tuple[str, ...]
"""Where a field stands in a body: the names of the objects around it, then its own."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """How the API key comes: its header, a word before it, and whether Bearer is accepted too."""

    header: str
    scheme: str | None
    bearer: bool

    def value(self, api_key: str) -> str:
        """Return what stands in the header."""
        return f"{self.scheme} {api_key}" if self.scheme else api_key


@dataclass(frozen=True, slots=True)
class OperationRule:
    """How one operation looks on the wire.

    ``state`` is what a success calls the hold's new state. Constants are members that always have one value.
    """

    operation: Operation
    operation_id: str
    method: str
    path: str
    global_id_in: GlobalIdIn
    request: dict[str, WirePath]
    success: int
    response: dict[str, WirePath | None]
    state: str | int
    request_constants: dict[WirePath, object] = field(default_factory=dict)
    response_constants: dict[WirePath, object] = field(default_factory=dict)

    def body_fields(self) -> dict[str, WirePath]:
        """Return the fields that stand in the request body."""
        in_body = self.global_id_in is GlobalIdIn.BODY
        return {name: path for name, path in self.request.items() if name != "global_id" or in_body}

    @property
    def has_body(self) -> bool:
        """True when the operation takes a request body."""
        return bool(self.body_fields() or self.request_constants)

    @property
    def answers_body(self) -> bool:
        """True when a success carries a body; one of 204 does not."""
        return self.success != NO_CONTENT

    @property
    def global_id_name(self) -> str:
        """The spelling of the Global ID, in the query or in messages."""
        return self.request["global_id"][-1]


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """How errors look: ``codes`` are those with another name on the wire, ``statuses`` those with another status.

    ``template`` is only there for the shape ``template``.
    """

    media_type: str
    shape: ErrorShape
    statuses: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str | int] = field(default_factory=dict)
    template: object = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A whole contract. ``states`` are those of a hold that are called otherwise on the wire.

    ``source`` is where it was read from, ``warnings`` what is legal but unwise in it, ``defaults`` what it left out.
    """

    name: str
    version: str
    key: KeyRule
    refuse_unknown_fields: bool
    operations: dict[Operation, OperationRule]
    errors: ErrorRule
    source: str
    states: dict[str, str | int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()

    def status(self, code: ResponseCode) -> int:
        """Return the HTTP status this contract gives a code."""
        return self.errors.statuses.get(code.code, code.status)

    def code_name(self, code: str) -> str | int:
        """Return what the wire calls a code."""
        return self.errors.codes.get(code, code)

    def code_called(self, name: str | int) -> str:
        """Return the code that the wire calls so; the first of several, and the name itself where there is none."""
        return next((code for code, called in self.errors.codes.items() if called == name), str(name))

    def state_name(self, state: str) -> str | int:
        """Return what the wire calls a state of a hold."""
        return self.states.get(state, state)

    def codes_of(self, catalogue: Catalogue, operation: Operation) -> list[ResponseCode]:
        """List what one operation may answer under this contract."""
        return catalogue.of(operation, has_body=self.operations[operation].has_body)
