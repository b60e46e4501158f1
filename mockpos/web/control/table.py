"""The table of control calls, area by area: routes, OpenAPI and documentation are derived from it."""

from mockpos.web.control import (
    clock,
    holds,
    listing_files,
    listings,
    pos,
    reports,
    requests,
    sandboxes,
    scenario,
    snapshots,
)
from mockpos.web.control.calls import ControlCall

_ROOMS = (sandboxes, listings, listing_files, pos, holds, scenario, clock, snapshots, requests, reports)

CONTROL_CALLS: tuple[ControlCall, ...] = tuple(call for room in _ROOMS for call in room.CALLS)
