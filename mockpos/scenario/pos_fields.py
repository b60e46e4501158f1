"""Reads the ``pos`` list of a rule: what the broker does in the POS with this call's commit."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError

from mockpos.complaints import nearest, shown
from mockpos.domain.identifiers import opaque_id
from mockpos.domain.money import parse_price
from mockpos.scenario.outcomes import ExpireHold, PosAction, Reprice, Retire, Sell, SellRest, Steal
from mockpos.scenario.schema_fields import whole

MOST_ACTIONS = 10
MOST_SOLD = 1_000_000


def read_pos(value: Any) -> tuple[PosAction, ...]:
    """Read the list of actions; each item is one action."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_ACTIONS:
        raise ValidationError(f"must be a list of 1 to {MOST_ACTIONS} actions, such as [{{sell_rest: true}}]")
    actions: list[PosAction] = []
    faults: dict[Any, Any] = {}
    for index, item in enumerate(value):
        try:
            actions.append(_action(item))
        except ValidationError as error:
            faults[index] = error.messages
    if faults:
        raise ValidationError(faults)
    return tuple(actions)


def _action(item: Any) -> PosAction:
    if not isinstance(item, Mapping) or len(item) != 1:
        raise ValidationError(f"must be one action, such as sell: 2; allowed: {', '.join(ACTIONS)}")
    ((name, value),) = item.items()
    if name not in ACTIONS:
        raise ValidationError({name: [f"is not something a broker does{nearest(name, ACTIONS)}"]})
    try:
        return ACTIONS[name](value)
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from None


def _flag(action: PosAction) -> Callable[[Any], PosAction]:
    def read(value: Any) -> PosAction:
        if value is not True:
            raise ValidationError(f"{shown(value)} is not allowed; it can only be true")
        return action

    return read


def _retire(value: Any) -> Retire:
    if not isinstance(value, Mapping) or list(value) != ["superseded_by"]:
        raise ValidationError("must be {superseded_by: ID}, or {superseded_by: null} when nothing replaces it")
    successor = value["superseded_by"]
    if successor is None:
        return Retire(None)
    try:
        return Retire(opaque_id(successor if isinstance(successor, str) else ""))
    except ValueError:
        message = f"{shown(successor)} is not a Remote ID; it must be text of 1 to 128 characters, or null"
        raise ValidationError({"superseded_by": [message]}) from None


def _reprice(value: Any) -> Reprice:
    if not isinstance(value, str):
        raise ValidationError(f'{shown(value)} is not a price; write it in quotes, such as "99.00"')
    try:
        return Reprice(parse_price(value))
    except ValueError as error:
        raise ValidationError(str(error)) from None


ACTIONS: dict[str, Callable[[Any], PosAction]] = {
    "sell_rest": _flag(SellRest()),
    "sell": lambda value: Sell(whole(1, MOST_SOLD)(value)),
    "steal": _flag(Steal()),
    "expire_hold": _flag(ExpireHold()),
    "retire": _retire,
    "reprice": _reprice,
}
"""What a broker can do, by the name it has in a scenario file."""
