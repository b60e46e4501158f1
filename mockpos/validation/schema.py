"""A mapping that takes its own fields and no other: a misspelt one must not pass unseen."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields

from mockpos.validation.problems import nearest

_PLAIN = {
    "Missing data for required field.": "is missing",
    "Field may not be null.": "must not be null",
    "Not a valid string.": "must be a text",
    "Not a valid list.": "must be a list",
    "Not a valid mapping type.": "must be an object",
}
"""Marshmallow's own messages, in the words of all others."""


class Strict(Schema):
    """A mapping without unknown fields; each is told with what was probably meant.

    ``elsewhere`` tells of names that belong somewhere else. ``json_schema`` is what JSON Schema says of the mapping
    beside its fields, such as ``minProperties``.
    """

    elsewhere: ClassVar[Mapping[str, str]] = {}
    json_schema: ClassVar[Mapping[str, Any]] = {}

    class Meta:
        """Marshmallow's own settings."""

        unknown = RAISE

    error_messages = {"unknown": "is not a field that belongs here", "type": "must be an object"}  # noqa: RUF012  # marshmallow's way

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give a field's messages our words."""
        field_obj.error_messages = {
            name: _PLAIN.get(message, message) if isinstance(message, str) else message
            for name, message in field_obj.error_messages.items()
        }

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Say of each unknown field what was probably meant."""
        assert isinstance(error.messages, dict)
        known = [field.data_key or name for name, field in self.fields.items()]
        for name, messages in error.messages.items():
            if name not in known and messages == [self.error_messages["unknown"]]:
                belongs = self.elsewhere.get(str(name))
                messages[0] += f"; it belongs {belongs}" if belongs else nearest(name, known)
