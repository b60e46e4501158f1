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
)
from mockpos.web.control.calls import ControlCall

CONTROL_CALLS: tuple[ControlCall, ...] = (
    *sandboxes.CALLS,
    *listings.CALLS,
    *listing_files.CALLS,
    *pos.CALLS,
    *holds.CALLS,
    *scenario.CALLS,
    *clock.CALLS,
    *sandboxes.SNAPSHOT_CALLS,
    *requests.CALLS,
    *reports.CALLS,
)
"""Every call, in the order in which OpenAPI and documentation show them: routes are derived from it too."""
