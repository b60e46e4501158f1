"""The fields of a listing as a control call takes them, and of what may be asked about listings.

Their names are those of inventory files. What depends on several of them is checked where they are put together.
"""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from mockpos.domain.event import EventState
from mockpos.domain.identifiers import LONGEST, opaque_id
from mockpos.domain.listing import ListingType, SplitType, TicketFormat, ViewType
from mockpos.domain.money import parse_price
from mockpos.domain.seats import LABEL_PATTERN, LONGEST_LABEL, MOST_NAMED, is_label
from mockpos.validation.schema import ReadBy, Strict, truth

LARGEST = 1_000_000_000
_WHOLE = re.compile(r"[0-9]{1,10}")
_TEXT: dict[str, str | list[Any] | dict[Any, Any]] = {"invalid": "must be a text"}
_NOT_A_CHOICE = "must be one of {choices}"


class Words(fields.String):
    """A text that a file can hold: no half of a surrogate pair, and no NUL."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise ValidationError("must not have a NUL or half a surrogate pair")
        return text


class Opaque(fields.String):
    """A Remote ID; trimmed when loaded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return opaque_id(super()._deserialize(value, attr, data, **kwargs))
        except ValueError as error:
            raise ValidationError(str(error)) from None


def _price(value: Any) -> str:
    """Read a price in US dollars, a text or a number, as it stands in files."""
    try:
        if not isinstance(value, bool | list | dict):
            return str(parse_price(str(value)[:60]))
    except ValueError:
        pass
    raise ValidationError('must be a price from 0 to 9999999.99, such as "122.00"')


def _seat(value: Any) -> int | str:
    """Read a seat: a number, or a label such as A5."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
        return value
    if isinstance(value, str) and is_label(value):
        return value
    raise ValidationError('must be a whole number, or a label such as "A5"')


def whole_number(text: str, digits: int = 18) -> int | None:
    """Read a whole number from a form, a header or a cursor; None for any other text, and for one of more digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


class AskedWhole(fields.Integer):
    """A whole number in a query."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or _WHOLE.fullmatch(value) is None:
            raise ValidationError("must be a whole number")
        return int(value)


def asked_truth(**options: Any) -> fields.Boolean:
    """Return a field for true and false in a query."""
    return fields.Boolean(
        truthy={"true"}, falsy={"false"}, error_messages={"invalid": "must be true or false"}, **options
    )


def asked_limit() -> AskedWhole:
    """Return the field for how much a page holds."""
    return AskedWhole(load_default=100, validate=validate.Range(1, 1000))


def words(longest: int, shortest: int = 0, **options: Any) -> Words:
    """Return a field for a bounded text that may be kept in a file."""
    return Words(validate=validate.Length(shortest, longest), error_messages=_TEXT, **options)


def remote_id_field(**options: Any) -> Opaque:
    """Return a field for a Remote ID."""
    schema = {"minLength": 1, "maxLength": LONGEST, "pattern": r"^[!-~]([ -~]*[!-~])?$"}
    return Opaque(error_messages=_TEXT, metadata={"schema": schema}, **options)


def price(**options: Any) -> ReadBy:
    """Return a field for a price."""
    schema = {"type": "string", "pattern": r"^[0-9]{1,7}(\.[0-9]{1,2})?$", "examples": ["122.00"]}
    return ReadBy(_price, {}, metadata={"schema": schema}, **options)


def seat(**options: Any) -> ReadBy:
    """Return a field for a seat."""
    schema = {
        "type": ["integer", "string", "null"], "minimum": 0, "maximum": LARGEST,
        "pattern": f"^{LABEL_PATTERN}$", "maxLength": LONGEST_LABEL,
    }  # fmt: skip
    return ReadBy(_seat, {}, metadata={"schema": schema}, **options)


def whole(least: int = 1, **options: Any) -> fields.Integer:
    """Return a field for a number of tickets or a seat's number."""
    return fields.Integer(
        strict=True, validate=validate.Range(least, LARGEST),
        error_messages={"invalid": "must be a whole number"}, **options,
    )  # fmt: skip


def choice(kind: Any, **options: Any) -> fields.String:
    """Return a field for one of the words of an enum."""
    form = validate.OneOf([member.value for member in kind], error=_NOT_A_CHOICE)
    return fields.String(validate=form, error_messages=_TEXT, **options)


class VenueFields(Strict):
    """Where an event happens."""

    name = words(300, 1)
    city = words(200)
    time_zone = words(64, allow_none=True)


class EventFields(Strict):
    """An event, or what changes of it: for every listing that is for it."""

    event_id = words(128, 1)
    name = words(300, 1)
    occurs_at_local = words(40, 1)
    time_tba = truth()
    venue = fields.Nested(VenueFields)
    performers = fields.List(words(300), validate=validate.Length(0, 100))
    state = choice(EventState)
    category = words(200)


class ListingChange(Strict):
    """What changes of a listing; the rest stays. ``event_id`` names an event that other listings have."""

    section = words(200, 1)
    row = words(200)
    quantity = whole()
    seat_from = seat(allow_none=True)
    seat_thru = seat(allow_none=True)
    seat_labels = fields.List(
        words(LONGEST_LABEL, 1), validate=validate.Length(1, MOST_NAMED),
        metadata={"description": "Every seat, where the first and the last do not say what is between them."},
    )  # fmt: skip
    split_type = choice(SplitType)
    custom_splits = fields.List(whole(), validate=validate.Length(0, 1000))
    format = choice(TicketFormat)
    in_hand = truth()
    in_hand_on = words(10, 10, allow_none=True)
    wholesale_price = price()
    retail_price = price(allow_none=True)
    internal_notes = words(10_000)
    broker_notes = words(10_000)
    external_notes = words(10_000)
    type = choice(ListingType)
    view_type = choice(ViewType)
    broadcast = truth()
    mapped = truth()
    retired = truth()
    superseded_by = remote_id_field(allow_none=True)
    event_id = words(128, 1, allow_none=True)
    event = fields.Nested(EventFields, allow_none=True)


class NewListing(ListingChange):
    """A new listing: ``event`` whole, or the ``event_id`` of one that other listings have, or neither."""

    remote_id = remote_id_field(required=True)
    section = words(200, 1, required=True)
    quantity = whole(required=True)
    wholesale_price = price(required=True)
