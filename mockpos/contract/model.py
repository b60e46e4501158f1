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

WirePath = tuple[str, ...]
"""Where a field stands in a body: the names of the objects around it, then its own."""


@dataclass(frozen=True, slots=True)
class KeyRule:
    """How the API key comes: its header, a word before it, and whether Bearer is accepted too."""

    header: str
    scheme: str | None
    bearer: bool


@dataclass(frozen=True, slots=True)
class OperationRule:
    """How one operation looks on the wire."""

    operation: Operation
    operation_id: str
    method: str
    path: str
    global_id_in: GlobalIdIn
    request: dict[str, WirePath]
    success: int
    response: dict[str, WirePath | None]

    def body_fields(self) -> dict[str, WirePath]:
        """Return the fields that stand in the request body."""
        in_body = self.global_id_in is GlobalIdIn.BODY
        return {name: path for name, path in self.request.items() if name != "global_id" or in_body}

    @property
    def has_body(self) -> bool:
        """True when the operation takes a request body."""
        return bool(self.body_fields())

    @property
    def global_id_name(self) -> str:
        """The spelling of the Global ID, in the query or in messages."""
        return self.request["global_id"][-1]


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """How errors look. ``template`` is only there for the shape ``template``."""

    media_type: str
    shape: ErrorShape
    statuses: dict[str, int] = field(default_factory=dict)
    template: object = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A whole contract. ``source`` is where it was read from, ``warnings`` what is legal but unwise in it."""

    name: str
    version: str
    key: KeyRule
    refuse_unknown_fields: bool
    operations: dict[Operation, OperationRule]
    errors: ErrorRule
    source: str
    warnings: tuple[str, ...] = ()

    def status(self, code: ResponseCode) -> int:
        """Return the HTTP status this contract gives a code."""
        return self.errors.statuses.get(code.code, code.status)

    def codes_of(self, catalogue: Catalogue, operation: Operation) -> list[ResponseCode]:
        """List what one operation may answer under this contract."""
        return catalogue.of(operation, has_body=self.operations[operation].has_body)
