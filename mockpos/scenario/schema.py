"""What a scenario file must look like, key by key; what its parts mean together is checked in checks.py."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load

from mockpos.complaints import nearest, shown
from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.split import LARGEST_QUANTITY
from mockpos.scenario.conditions import Conditions, Globs
from mockpos.scenario.model import DrawBy
from mockpos.scenario.outcomes import Fault, FaultKind, Phase, Raw
from mockpos.scenario.pos_fields import read_pos
from mockpos.scenario.schema_fields import (
    Read,
    between,
    duration,
    read_chance,
    read_delay,
    read_globs,
    text,
    whole,
    word,
)

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
NAME_MEANING = "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
MEDIA_TYPE = r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(\s*;[ -~]*)?"
HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"
ANY = "any"
ON = (*Operation, ANY)
MOST_RULES = 1000
LONGEST_SUMMARY = 300
LARGEST_RAW = 65_536
LARGEST_SEED = 2**63 - 1
LONGEST_RETRY_MS = 86_400_000
CODES = tuple(code.code for code in CATALOGUE if code.scope is not Scope.NO_OPERATION)

_HEADER = re.compile(HEADER_NAME)


class _Strict(Schema):
    """A mapping without unknown keys. A key that is known elsewhere is told where."""

    elsewhere: Mapping[str, str] = {}

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "?", "type": "must be a mapping (key: value lines)"}  # noqa: RUF012  # marshmallow's way

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Say of each unknown key what was probably meant."""
        assert isinstance(error.messages, dict)
        for name in error.messages:
            if name not in self.fields and name != "_schema":
                belongs = self.elsewhere.get(str(name))
                hint = f"; it belongs {belongs}" if belongs else nearest(name, self.fields)
                error.messages[name] = [f"is not a field that belongs here{hint}"]


def _read_on(value: Any) -> frozenset[Operation]:
    names = value if isinstance(value, list) else [value]
    if not names:
        raise ValidationError(f"is empty; allowed: {', '.join(ON)}, or a list of them")
    chosen = [word(ON, "an operation")(name) for name in names]
    return frozenset(Operation) if ANY in chosen else frozenset(Operation(name) for name in chosen)


def _read_headers(value: Any) -> tuple[tuple[str, Globs], ...]:
    if not isinstance(value, Mapping) or not value:
        raise ValidationError('must be a mapping of header names to globs, such as {X-Buyer: "vip*"}')
    faults: dict[Any, Any] = {}
    found: list[tuple[str, Globs]] = []
    for name, globs in value.items():
        try:
            if not isinstance(name, str) or _HEADER.fullmatch(name) is None:
                raise ValidationError(f"{shown(name)} is not the name of a header")
            found.append((str(name), read_globs(globs)))
        except ValidationError as error:
            faults[name] = error.messages
    if faults:
        raise ValidationError(faults)
    return tuple(found)


def _read_body(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError(f"{shown(value)} is not text; write it in quotes")
    if len(value.encode("utf-8", "replace")) > LARGEST_RAW or any("\ud800" <= c <= "\udfff" for c in value):
        raise ValidationError(f"must be Unicode text of at most {LARGEST_RAW} bytes")
    return str(value)


class WhenSchema(_Strict):
    """The conditions of a rule."""

    remote_id = Read(read_globs)
    quantity = Read(between(LARGEST_QUANTITY))
    global_id = Read(read_globs)
    order_id = Read(read_globs)
    header = Read(_read_headers)
    attempt = Read(between())
    call = Read(between())
    chance = Read(read_chance)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Conditions:
        """Return the conditions."""
        return Conditions(**data)


class RawSchema(_Strict):
    """An answer from outside the contract."""

    status = Read(whole(200, 599), required=True)
    content_type = Read(text(MEDIA_TYPE, "a media type such as text/html"))
    body = Read(_read_body)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Raw:
        """Return the raw answer."""
        return Raw(**data)


_CONDITIONS = dict.fromkeys(
    ("remote_id", "quantity", "global_id", "order_id", "header", "attempt", "call", "chance"), "under when"
)
_OF_RULE = ("on", "draw_by", "times", "delay", "delay_at", "respond", "details", "retry_after", "fault", "phase", "raw")


class RuleSchema(_Strict):
    """One rule."""

    elsewhere = _CONDITIONS

    id = Read(text(NAME, NAME_MEANING), required=True)
    on = Read(_read_on, required=True)
    when = fields.Nested(WhenSchema, error_messages={"null": "must not be empty or null"})
    draw_by = Read(lambda value: DrawBy(word(DrawBy, "something to key draws on")(value)))
    times = Read(whole(1))
    delay = Read(read_delay)
    delay_at = Read(lambda value: Phase(word(Phase, "a phase")(value)))
    respond = Read(word(CODES, "a code that an operation documents"))
    details = Read(lambda value: value)
    retry_after = Read(duration(1, LONGEST_RETRY_MS))
    fault = Read(lambda value: Fault(FaultKind(word(FaultKind, "a fault")(value))))
    raw = fields.Nested(RawSchema, error_messages={"null": "must not be empty or null"})
    phase = Read(lambda value: Phase(word(Phase, "a phase")(value)))
    pos = Read(read_pos)


class ScenarioSchema(_Strict):
    """A whole scenario file."""

    elsewhere = dict.fromkeys(_OF_RULE, "in a rule, under rules")

    name = Read(text(NAME, NAME_MEANING), required=True)
    summary = Read(text(rf"(?s)[^\x00-\x08]{{1,{LONGEST_SUMMARY}}}", f"text of 1 to {LONGEST_SUMMARY} characters"))
    seed = Read(whole(0, LARGEST_SEED))
    rules = fields.List(
        fields.Nested(RuleSchema, error_messages={"null": "is empty; a rule is a mapping (key: value lines)"}),
        required=True,
        error_messages={"required": "is missing", "null": "is empty", "invalid": "must be a list of rules"},
    )
