"""Control calls about a sandbox's clock."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from mockpos.domain.clock import ClockSetting, Millis, parse_rfc3339, rfc3339
from mockpos.domain.errors import BadInput
from mockpos.domain.hold import Hold
from mockpos.sandboxes.sandbox import SandboxClock
from mockpos.telemetry.events.state import CLOCK_CHANGED
from mockpos.validation.schema import duration, moment, truth
from mockpos.web.control.calls import Context, ControlCall, OneOf

_LATEST = parse_rfc3339("3000-01-02T00:00:00Z")


class ClockChange(OneOf):
    """One change of the clock: exactly one of its fields."""

    advance = duration(metadata={"description": "Move it ahead by so much."})
    freeze = truth(metadata={"description": "Let it stand still; false lets it go on from there."})
    set = moment(metadata={"description": "Move it there, ahead or back."})
    reset = truth(metadata={"description": "Show the machine's time again.", "schema": {"const": True}})

    @validates_schema
    def check_reset(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse what would do nothing."""
        if data.get("reset") is False:
            raise ValidationError("reset must be true")


def _show(context: Context) -> Mapping[str, Any]:
    store = context.sandbox.store
    return _shown(context.sandbox.clock.setting, store.now(), store.stands_still_ms())


def _change(context: Context) -> Mapping[str, Any]:
    told: dict[str, Any] = {}

    def at_once(clock: SandboxClock) -> None:
        _set(context.body, clock)
        told.update(_shown(clock.setting, clock.now()))  # before anybody else changes it again

    expired = context.sandbox.change_clock(at_once)
    context.sandbox.telemetry.events.tell(CLOCK_CHANGED, told)
    return {**told, "expired": map(_expired, expired)}


def _shown(setting: ClockSetting, now: Millis, stands_still_ms: int = 0) -> dict[str, Any]:
    return {
        "now": rfc3339(now),
        "frozen": setting.frozen_at is not None,
        "offset_ms": setting.offset_ms,
        "real": setting.is_real,
        "stands_still_ms": stands_still_ms,
    }


def _set(body: Mapping[str, Any], clock: SandboxClock) -> None:
    if "advance" in body:
        if clock.now() + body["advance"] > _LATEST:
            raise BadInput("body.advance: the clock goes no further than the year 2999")
        clock.advance(body["advance"])
    elif "freeze" in body:
        clock.freeze(body["freeze"])
    elif "set" in body:
        clock.set(body["set"])
    else:
        clock.reset()


def _expired(hold: Hold) -> dict[str, Any]:
    return {
        "global_id": hold.global_id,
        "remote_id": hold.remote_id,
        "quantity": hold.quantity,
        "expired_at": rfc3339(hold.expires_at),
    }


CALLS = (
    ControlCall(
        area="clock", method="GET", path="/clock", summary="Show the sandbox's clock", serve=_show,
        description="stands_still_ms is 0, unless the machine's clock jumped back behind the newest commit: then time "
        "stands still for so long, until that clock has caught up. POST {\"reset\": true} goes on at its time.",
    ),
    ControlCall(
        area="clock", method="POST", path="/clock", summary="Advance, freeze, set or reset the clock", serve=_change,
        body=ClockChange,
        description="Holds, expiry and events being over follow this clock alone. The answer lists the holds that "
        "expired, in the order they did. Delays and the TTL of a sandbox are real time.",
    ),
)  # fmt: skip
