"""The table of control calls, area by area: routes, OpenAPI and documentation are derived from it."""

from mockpos.web.control import (
    clock,
    holds,
    listing_import,
    listings,
    listings_export,
    live,
    pos,
    reports,
    requests,
    sandboxes,
    scenario,
    snapshots,
)
from mockpos.web.control.calls import ControlCall

_ROOMS = (
    sandboxes, listings, listing_import, listings_export, pos, holds, scenario, clock, snapshots, requests, reports,
    live,
)  # fmt: skip

CONTROL_CALLS: tuple[ControlCall, ...] = tuple(call for room in _ROOMS for call in room.CALLS)
