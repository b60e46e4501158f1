"""What a control call is: one row of the table that routes, OpenAPI and documentation are derived from."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from mockpos.bootstrap import Mock
from mockpos.domain.errors import BadInput, MockMisuse, Refusal
from mockpos.sandboxes.keys import DEFAULT
from mockpos.sandboxes.registry import NAME
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.greenlets import in_slices, offload
from mockpos.validation.schema import Strict
from mockpos.web.contract.bodies import unpacked
from mockpos.web.exchange import current_exchange
from mockpos.web.replies import dump

PREFIX = "/_mock"
"""What every call's path begins with, behind its sandbox's."""

PATH_EXAMPLES = {
    "sandbox_name": "checkout-17",
    "remote_id": "TG-1001",
    "global_id": "te-7f3a",
    "name": "before-checkout",
    "request_id": "b1946ac9-000017",
}
"""What may stand in a path, for the examples of all calls."""

Answer = Mapping[str, Any] | Response


@dataclass(frozen=True, slots=True)
class Context:
    """One control call on its way. ``body`` and ``query`` were checked against their schemas."""

    mock: Mock
    sandbox: Sandbox
    body: Mapping[str, Any]
    query: Mapping[str, Any]
    base_url: str

    @property
    def is_about_all(self) -> bool:
        """True when the caller asks about all sandboxes. Raises BadInput for one that is in a sandbox of its own."""
        if self.query.get("sandboxes") is None:
            return False
        self.require_default("sandboxes=all")
        return True

    def require_default(self, asked: str) -> None:
        """Raise BadInput unless the call was made without a sandbox of its own: nothing leaks from one to another."""
        if self.sandbox.name != DEFAULT:
            raise BadInput(f"query: {asked} can be asked only without a sandbox's key or path")


class Everywhere(Strict):
    """Where to look: in one sandbox, or in all."""

    sandboxes = fields.String(
        validate=validate.OneOf(["all"]),
        metadata={"description": "all: over all sandboxes, those that were dropped included."},
    )


class OneOf(Strict):
    """Exactly one of its fields."""

    json_schema: ClassVar = {"minProperties": 1, "maxProperties": 1}

    @validates_schema
    def check_one(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse none and several."""
        if len(data) != 1:
            raise ValidationError(f"must have exactly one of {', '.join(self.fields)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlCall:
    """One call of the control plane.

    ``path`` stands behind ``PREFIX`` and may hold ``{name}`` parts, which ``serve`` gets as keyword arguments.
    What a success answers is documented by running it: see ``examples``.
    ``errors`` are the codes it may refuse with, beside those of every control call. ``page`` is the console's page of
    the same, below ``PREFIX``, which a browser that comes here is led to.
    """

    area: str
    method: str
    path: str
    summary: str
    serve: Callable[..., Answer]
    description: str = ""
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    status: int = 200
    errors: tuple[str, ...] = ()
    media_type: str = "application/json"
    body_may_be_missing: bool = False
    page: str = ""

    @property
    def endpoint(self) -> str:
        """Return a name for routing and for OpenAPI's operationId: ``get_listings_remote_id``."""
        words = self.path.strip("/").replace("{", "").replace("}", "").replace("/", "_").replace("-", "_")
        return f"{self.method.lower()}_{words}"


_PIECE = 64 * 1024


def written(answer: Mapping[str, Any]) -> list[bytes]:
    """Write an answer in pieces. A member whose value is an iterator becomes an array, item by item."""
    if not any(isinstance(value, Iterator) for value in answer.values()):
        return [dump(answer)]
    between = in_slices()
    pieces: list[bytes] = []
    piece = bytearray()
    for name, value in answer.items():
        piece += b'%b"%b":' % (b"," if piece or pieces else b"{", name.encode())
        if not isinstance(value, Iterator):
            piece += dump(value)
            continue
        separator = b"["
        for item in value:
            piece += separator + dump(item)
            separator = b","
            if len(piece) >= _PIECE:
                pieces.append(bytes(piece))
                piece.clear()
            between()
        piece += b"[]" if separator == b"[" else b"]"
    return [*pieces, bytes(piece + b"}")]


_LARGE = 64 * 1024


def body_bytes(limit: int) -> bytes:
    """Return the body of the present call. Raises MockMisuse."""
    request = current_exchange().request
    with as_the_mocks_own():
        if len(request.body) > _LARGE:  # then others go on meanwhile
            return offload(lambda: unpacked(request, limit))
        return unpacked(request, limit)


@contextmanager
def as_the_mocks_own() -> Iterator[None]:
    """Raise MockMisuse where a body is refused: no automator has the control plane."""
    try:
        yield
    except Refusal as refusal:
        misuse = MockMisuse(f"mock_{refusal.code}", refusal.detail)
        misuse.accepted_codings = refusal.accepted_codings
        raise misuse from None


def name(**options: Any) -> fields.String:
    """Return a field for the name of a sandbox or a snapshot."""
    form = validate.Regexp(f"(?:{NAME.pattern})\\Z", error="must be 1 to 64 letters, digits, '_' or '-'")
    return fields.String(validate=form, error_messages={"invalid": "must be a text"}, **options)


def key(**options: Any) -> fields.String:
    """Return a field for an API key: what a header can carry, as for --api-key."""
    form = validate.Regexp(
        r"[!-~]([ -~]{0,254}[!-~])?\Z", error="must be 1 to 256 printable ASCII characters, without spaces around it"
    )
    return fields.String(validate=form, error_messages={"invalid": "must be a text"}, **options)


def seed(**options: Any) -> fields.Integer:
    """Return a field for a seed."""
    return fields.Integer(
        strict=True, validate=validate.Range(-(10**18), 10**18),
        error_messages={"invalid": "must be a whole number"}, **options,
    )  # fmt: skip
