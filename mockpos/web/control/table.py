"""The table of control calls, area by area: routes, OpenAPI and documentation are derived from it."""

from mockpos.web.control import clock, sandboxes, snapshots
from mockpos.web.control.calls import ControlCall

CONTROL_CALLS: tuple[ControlCall, ...] = (
    *sandboxes.CALLS,
    *clock.CALLS,
    *snapshots.CALLS,
)
