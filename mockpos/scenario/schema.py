"""Every field of a scenario file, declared once: what it takes, means and looks like. Reader, docs and editors follow.

What the parts of a scenario must be to each other is checked in checks.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields, post_load

from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.listing import LARGEST_QUANTITY
from mockpos.scenario import kinds
from mockpos.scenario.kinds import Kind, between, duration, flag, one_or_many, text, whole, word
from mockpos.scenario.model import Conditions, DrawBy
from mockpos.scenario.outcomes import (
    Delay,
    Fault,
    FaultKind,
    Fixed,
    LogNormal,
    Phase,
    PlainAction,
    PosAction,
    Raw,
    Reprice,
    Retire,
    Sell,
    Uniform,
)
from mockpos.validation.schema import ReadBy, Strict, read_each

ANY = "any"
MOST_RULES = 1000
MOST_ACTIONS = 10
LONGEST_SUMMARY = 300
CODES = tuple(code.code for code in CATALOGUE if code.scope is not Scope.NO_OPERATION)

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_NAME_TAKES = "1 to 64 letters, digits, dots, dashes, underscores"
_NAME_MEANING = "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
_MEDIA_TYPE = r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(\s*;[ -~]*)?"
_ON = (*(operation.value for operation in Operation), ANY)
_EMPTY = "must not be empty or null"


def _field(kind: Kind, meaning: str, example: object, **options: Any) -> ReadBy:
    """Return a field of one kind, with its meaning and an example."""
    noted = _noted(kind.takes, meaning, example, kind.schema)
    return ReadBy(kind.read, {}, metadata=noted, error_messages={"null": _EMPTY}, **options)


def _noted(takes: str, meaning: str, example: object, schema: Mapping[str, Any]) -> dict[str, Any]:
    described = {"description": f"{meaning} Takes: {takes}.", **schema, "examples": [example]}
    return {"note": (takes, meaning, example), "schema": described}


def _nested(schema: type[Strict], takes: str, meaning: str, example: object) -> fields.Nested:
    return fields.Nested(schema, metadata=_noted(takes, meaning, example, {}), error_messages={"null": _EMPTY})


class _Mapping(Strict):
    """A mapping of a scenario file."""

    error_messages = {"type": "must be a mapping (key: value lines)"}  # noqa: RUF012  # marshmallow's way


def _read_on(value: Any) -> frozenset[Operation]:
    names = value if isinstance(value, list) else [value]
    if not names:
        raise ValidationError(f"is empty; allowed: {', '.join(_ON)}, or a list of them")
    chosen = [word(_ON, "an operation").read(name) for name in names]
    return frozenset(Operation) if ANY in chosen else frozenset(Operation(name) for name in chosen)


class DelaySchema(_Mapping):
    """A delay that varies: ``{min, max}`` or ``{median, p99}``."""

    error_messages = {"unknown": "is not known here"}  # noqa: RUF012  # marshmallow's way

    min = _field(duration(), "The shortest, all from here to max equally likely.", "2s")
    max = _field(duration(), "The longest.", "8s")
    median = _field(duration(), "Half of the calls are faster.", "400ms")
    p99 = _field(duration(), "One call in a hundred is slower.", "2s")


def _read_delay(value: Any) -> Delay:
    if not isinstance(value, Mapping):
        return Fixed(duration().read(value))
    parts = DelaySchema().load(value)
    match parts:
        case {"min": least, "max": most} if len(parts) == 2:
            if least > most:
                raise ValidationError(f"min {value['min']} is more than max {value['max']}")
            return Uniform(least, most)
        case {"median": median, "p99": p99} if len(parts) == 2:
            if not 0 < median < p99:
                told = f"the median, {value['median']}, must be over 0 and less than the p99, {value['p99']}"
                raise ValidationError(told)
            return LogNormal(median, p99)
    raise ValidationError("must be a duration such as 250ms, or {min, max}, or {median, p99}")


class WhenSchema(_Mapping):
    """The conditions of a rule."""

    remote_id = _field(kinds.GLOBS, "The Remote ID; at a release and an invoice, that of the stored hold.", "TG-1*")
    quantity = _field(
        between(LARGEST_QUANTITY), "How many tickets; at a release and an invoice, those of the stored hold.",
        {"min": 2, "max": 4},
    )  # fmt: skip
    global_id = _field(kinds.GLOBS, "The Global ID.", "order-*")
    order_id = _field(kinds.GLOBS, "TEvo's Order ID, which only an invoice has.", "1994*")
    header = _field(kinds.HEADERS, "Request headers; letter case counts in values, not in names.", {"X-Buyer": "vip*"})
    attempt = _field(between(), "The nth call of this operation with this Global ID, from 1.", {"max": 2})
    call = _field(
        between(), "The nth call of this operation in this sandbox, from 1; depends on the order of arrival.",
        {"min": 3},
    )  # fmt: skip
    chance = _field(kinds.CHANCE, "A seeded draw, keyed on draw_by and the attempt.", 0.33)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Conditions:
        """Return the conditions."""
        return Conditions(**data)


class RawSchema(_Mapping):
    """An answer from outside the contract."""

    status = _field(whole(200, 599, "200 to 599"), "The HTTP status.", 502, required=True)
    content_type = _field(
        text("media type", _MEDIA_TYPE, "a media type such as text/html"), "Default text/html.", "text/html"
    )
    body = _field(kinds.BODY, "At most 65,536 bytes.", "<h1>Bad gateway</h1>")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Raw:
        """Return the raw answer."""
        return Raw(**data)


class PosSchema(_Mapping):
    """What a broker can do in the POS: exactly one of these."""

    json_schema = {"minProperties": 1, "maxProperties": 1}  # noqa: RUF012  # read, never changed
    error_messages = {"unknown": "is not something a broker does"}  # noqa: RUF012  # marshmallow's way

    sell_rest = _field(flag(PlainAction.SELL_REST), "Sell every free ticket of the listing elsewhere.", True)
    sell = _field(whole(1, 1_000_000).into(Sell), "Sell so many free tickets of the listing elsewhere.", 2)
    steal = _field(flag(PlainAction.STEAL), "Sell the tickets of this hold elsewhere: its invoice is rejected.", True)
    expire_hold = _field(flag(PlainAction.EXPIRE_HOLD), "Let this hold lapse at once.", True)
    retire = _field(
        kinds.SUCCESSOR.into(Retire), "Replace the listing by another, or withdraw it.", {"superseded_by": "TG-2042"}
    )
    reprice = _field(kinds.PRICE.into(Reprice), "Change the wholesale price; later holds pay it.", "99.00")


def _read_pos(value: Any) -> tuple[PosAction, ...]:
    def read(_: int, item: Any) -> PosAction:
        if not isinstance(item, Mapping) or len(item) != 1:
            allowed = ", ".join(PosSchema._declared_fields)
            raise ValidationError(f"must be one action, such as sell: 2; allowed: {allowed}")
        action: PosAction = next(iter(PosSchema().load(item).values()))
        return action

    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ACTIONS:
        raise ValidationError(f"must be a list of 1 to {MOST_ACTIONS} actions, such as [{{sell_rest: true}}]")
    return tuple(read_each(value, read))


class RuleSchema(_Mapping):
    """One rule."""

    elsewhere = dict.fromkeys(WhenSchema._declared_fields, "under when")

    id = _field(
        text(_NAME_TAKES, _NAME, _NAME_MEANING),
        "Names the rule in headers, logs and draws; unique in the file.", "refuse-a-third", required=True,
    )  # fmt: skip
    on = _field(
        Kind("hold, release, invoice, any, or a list", one_or_many({"enum": list(_ON)}), _read_on),
        "The operations it is for.", ["hold", "invoice"], required=True,
    )  # fmt: skip
    when = _nested(
        WhenSchema, "conditions",
        "All must match; left out, every call does. A rule that matches and does nothing lets the call through.",
        {"chance": 0.33},
    )  # fmt: skip
    draw_by = _field(
        word(DrawBy, "something to key draws on").into(DrawBy),
        "What a draw is keyed on. global_id (the default) and remote_id give the same fate at any concurrency; "
        "call depends on the order of arrival.",
        "global_id",
    )
    times = _field(
        whole(1),
        "It fires at most so often, then later rules are tried. Exact in number; whom it hits depends on order.", 5,
    )  # fmt: skip
    delay = _field(
        Kind("250ms, {min, max} or {median, p99}", {}, _read_delay),
        "How long the call waits: always the same, uniform, or log-normal. At most 10 minutes.",
        {"median": "400ms", "p99": "2s"},
    )
    delay_at = _field(
        word(Phase, "a phase").into(Phase),
        "Wait before the state is touched (the default), or commit at once and answer late.", "after_commit",
    )  # fmt: skip
    respond = _field(
        word(CODES, "a code that an operation documents", "a code of the catalogue"),
        "Answer with this code. Every operation in `on` must document it.", "invoice_rejected",
    )  # fmt: skip
    details = _field(
        Kind("mapping", {"type": "object"}, lambda value: value),
        "Members of the forced answer; those left out are filled in.", {"reason": "credit limit reached"},
    )  # fmt: skip
    retry_after = _field(
        duration(1, 86_400_000), "The header Retry-After, for codes that carry it; sent in whole seconds.", "2s"
    )
    fault = _field(
        word(FaultKind, "a fault").into(lambda kind: Fault(FaultKind(kind))),
        "Break the connection instead of answering.", "reset",
    )  # fmt: skip
    raw = _nested(
        RawSchema, "{status, content_type, body}", "Answer as a proxy in between would.",
        {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
    )  # fmt: skip
    phase = _field(
        word(Phase, "a phase").into(Phase),
        "before_commit (the default): nothing happens. after_commit: the call is carried out, then the caller "
        "gets the forced outcome; with internal_error, pos_timeout, raw and faults only.",
        "after_commit",
    )
    pos = _field(
        Kind("list of actions", {}, _read_pos),
        "What the broker does in the POS in the same transaction as this call's commit.", [{"sell_rest": True}],
    )  # fmt: skip


class ScenarioSchema(_Mapping):
    """A whole scenario file."""

    elsewhere = dict.fromkeys(
        [name for name in RuleSchema._declared_fields if name not in ("id", "when", "pos")], "in a rule, under rules"
    )

    name = _field(
        text(_NAME_TAKES, _NAME, _NAME_MEANING, {"pattern": f"^{_NAME}$", "not": {"const": "none"}}),
        "What callers and options call it; the file's name without its ending.", "flaky-invoice", required=True,
    )  # fmt: skip
    summary = _field(
        text(
            "text", rf"(?s)[^\x00-\x08]{{1,{LONGEST_SUMMARY}}}", f"text of 1 to {LONGEST_SUMMARY} characters",
            {"minLength": 1, "maxLength": LONGEST_SUMMARY},
        ),
        "One line for lists.", "One invoice in three is refused.",
    )  # fmt: skip
    seed = _field(
        whole(0, 2**63 - 1, "whole number"),
        "Every draw is keyed on it: another seed, another fate for each Global ID. Default 0.", 7,
    )  # fmt: skip
    rules = fields.List(
        fields.Nested(RuleSchema, error_messages={"null": "is empty; a rule is a mapping (key: value lines)"}),
        required=True,
        error_messages={"required": "is missing", "null": "is empty", "invalid": "must be a list of rules"},
        metadata=_noted(
            "list of rules", "Tried in order; the first that matches decides alone.",
            [{"id": "slow", "on": "any", "delay": "250ms"}],
            {"type": "array", "minItems": 1, "maxItems": MOST_RULES, "items": {"$ref": "#/$defs/rule"}},
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldNote:
    """One field. ``within`` is what it stands in: scenario, rule, when, delay, raw or pos."""

    within: str
    name: str
    takes: str
    meaning: str
    example: object


FIELDS: tuple[FieldNote, ...] = tuple(
    FieldNote(schema.__name__.removesuffix("Schema").lower(), name, *field.metadata["note"])
    for schema in (ScenarioSchema, RuleSchema, WhenSchema, DelaySchema, RawSchema, PosSchema)
    for name, field in schema().fields.items()
)
