"""Request fields off the wire and response fields onto it, compiled once from the contract."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from marshmallow import Schema, ValidationError, fields

from mockpos.contract.bodies import nested
from mockpos.contract.model import RESPONSE_FIELDS, SUCCESS_STATES, OperationRule, WirePath
from mockpos.domain.errors import Refusal
from mockpos.domain.identifiers import is_global_id, opaque_id
from mockpos.domain.listing import LARGEST_QUANTITY
from mockpos.validation.schema import ReadBy
from mockpos.web.contract.bodies import REQUIRED, name_misspelt

_REQUIRED: dict[str, Any] = {"required": REQUIRED, "null": "Must not be null."}
_LONGEST_NUMBER = 128


def read_opaque_id(value: object) -> str:
    """Read a Remote ID or Order ID: a string, or a whole number kept as its decimal string. Raises ValidationError."""
    try:
        return opaque_id(value if isinstance(value, str) else _whole_number_text(value))
    except ValueError as error:
        raise ValidationError(str(error)) from None


def read_global_id(value: object) -> str:
    """Read a Global ID: letters, digits, dot, underscore, colon and hyphen. Raises ValidationError."""
    if isinstance(value, str) and is_global_id(value):
        return value
    raise ValidationError("Must be 1 to 128 letters, digits, '.', '_', ':' or '-', beginning with a letter or digit.")


def read_quantity(value: object) -> int:
    """Read a whole number as JSON Schema counts them: 2 and 2.0, not 2.5, "2" or true. Raises ValidationError."""
    number = value if isinstance(value, int | Decimal) and not isinstance(value, bool) else 0
    if 1 <= number <= LARGEST_QUANTITY and number == int(number):
        return int(number)
    raise ValidationError(f"Must be a whole number from 1 to {LARGEST_QUANTITY}.")


Read = Callable[[object], object]

_READ: dict[str, Read] = {
    "remote_id": read_opaque_id,
    "order_id": read_opaque_id,
    "global_id": read_global_id,
    "quantity": read_quantity,
}


class RequestReader:
    """Reads the fields of one operation."""

    def __init__(self, rule: OperationRule, *, refuse_unknown: bool) -> None:
        self._paths = rule.body_fields()
        self._global_id_name = rule.global_id_name
        self._constants = rule.request_constants
        self._is_flat = all(len(path) == 1 for path in self._paths.values()) and not self._constants
        self._plain = [(name, path[0], _READ[name]) for name, path in self._paths.items()] if self._is_flat else []
        self._refuse_unknown = refuse_unknown
        unknown: Literal["exclude", "raise"] = "raise" if refuse_unknown else "exclude"
        places = {path: (name, _READ[name]) for name, path in self._paths.items()}
        places |= {path: (".".join(path), _constant(value)) for path, value in self._constants.items()}
        self._schema = _schema(places, unknown)

    def read(self, body: Mapping[str, Any], global_ids: list[str] | None) -> dict[str, Any]:
        """Return the operation's arguments by our own names.

        ``global_ids`` are those found in the path or query, or None when the Global ID stands in the body.
        Raises Refusal ``validation_failed`` with every field that is wrong.
        """
        errors: dict[str, list[str]] = {}
        values: dict[str, Any] = {}
        try:
            if self._paths or self._constants:
                values = self._read_right(body) or self._load(body)
        except ValidationError as error:
            errors = dict(_flat_messages(error.messages_dict))
            name_misspelt(errors, body, [".".join(path) for path in self._paths.values()])
            error.__traceback__ = None  # marshmallow's frames lead back to it: only a collector would free them
        if global_ids is not None:
            self._read_global_id(global_ids, values, errors)
        if errors:
            names = ", ".join(sorted(errors))
            count = "1 field is wrong" if len(errors) == 1 else f"{len(errors)} fields are wrong"
            raise Refusal("validation_failed", f"{count}: {names}.", errors=errors)
        return values

    def _read_right(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Read a flat body that is all right; None when the schema has to look, which says all that is wrong.

        The schema's own way through a good body costs 12 us more.
        """
        if not self._plain or (self._refuse_unknown and len(body) != len(self._plain)):
            return None
        try:
            return {name: read(body[key]) for name, key, read in self._plain}
        except (KeyError, ValidationError):
            return None

    def _load(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Read any body. Raises ValidationError."""
        loaded: dict[str, Any] = self._schema.load(body)
        if self._is_flat:
            return loaded
        flat = _flattened(loaded)
        return {name: flat[name] for name in self._paths}

    def _read_global_id(self, given: list[str], values: dict[str, Any], errors: dict[str, list[str]]) -> None:
        if len(given) != 1:
            errors[self._global_id_name] = ["Is required." if not given else "Must be given once."]
            return
        try:
            values["global_id"] = read_global_id(given[0])
        except ValidationError as error:
            errors[self._global_id_name] = [str(message) for message in error.messages]


class ResponseWriter:
    """Lays out the success body of one operation."""

    def __init__(self, rule: OperationRule) -> None:
        self._state = rule.state
        names: dict[WirePath, object] = {path: name for name, path in rule.response.items() if path}
        constants = {path: (value,) for path, value in rule.response_constants.items()}
        self._layout = nested(names | constants)
        ours = {name: name for name in RESPONSE_FIELDS[rule.operation]}
        self._is_ours = (
            list(self._layout.items()) == list(ours.items()) and self._state == SUCCESS_STATES[rule.operation]
        )

    def write(self, values: dict[str, object]) -> dict[str, object]:
        """Return the body for the answer's values, in the contract's order. The caller gives them away."""
        if self._is_ours:
            return values
        values["status"] = self._state
        return _filled(self._layout, values)


def _filled(layout: Mapping[str, Any], values: Mapping[str, object]) -> dict[str, object]:
    """Return a layout with values in place of their names, and constants out of the tuples that tell them apart."""
    return {
        member: values[part] if type(part) is str else part[0] if type(part) is tuple else _filled(part, values)
        for member, part in layout.items()
    }


def _constant(expected: object) -> Read:
    """Return a reader that takes one value alone."""

    def read(value: object) -> object:
        if value != expected or isinstance(value, bool) is not isinstance(expected, bool):
            raise ValidationError(f"Must be {json.dumps(expected, ensure_ascii=False)}.")
        return value

    return read


def _schema(places: Mapping[WirePath, tuple[str, Read]], unknown: Literal["exclude", "raise"]) -> Schema:
    """Return a schema whose loaded values carry our names at their places on the wire."""
    members: dict[str, fields.Field[Any]] = {}
    deeper: dict[str, dict[WirePath, tuple[str, Read]]] = {}
    for path, (name, read) in places.items():
        if len(path) == 1:
            members[name] = ReadBy(read, {}, required=True, data_key=path[0], error_messages=_REQUIRED)
        else:
            deeper.setdefault(path[0], {})[path[1:]] = (name, read)
    for step, below in deeper.items():
        nested = fields.Nested(_schema(below, unknown), required=True, data_key=step, error_messages=_REQUIRED)
        members[f"in {step}"] = nested
    schema = Schema.from_dict(members)(unknown=unknown)
    schema.error_messages = {
        **schema.error_messages,
        "unknown": "Is not a field of this call.",
        "type": "Must be an object.",
    }
    return schema


def _flattened(loaded: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in loaded.items():
        if isinstance(value, dict):
            flat.update(_flattened(value))
        else:
            flat[name] = value
    return flat


def _flat_messages(messages: Mapping[str, Any], around: str = "") -> list[tuple[str, list[str]]]:
    flat: list[tuple[str, list[str]]] = []
    for name, value in messages.items():
        place = around if name == "_schema" else f"{around}.{name}" if around else str(name)
        if isinstance(value, Mapping):
            flat += _flat_messages(value, place)
        else:
            flat.append((place or "body", [str(message) for message in value]))
    return flat


def _whole_number_text(value: object) -> str:
    """Return a number's decimal string when JSON Schema would call it an integer."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value.bit_length() < 4 * _LONGEST_NUMBER else "9" * (_LONGEST_NUMBER + 1)
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _LONGEST_NUMBER and value == int(value):
        return str(int(value))
    raise ValidationError("Must be a string or a whole number.")
