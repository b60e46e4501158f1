"""The table of control calls, area by area: routes, OpenAPI and documentation are derived from it."""

from mockpos.web.control import (
    audit,
    clock,
    coverage,
    holds,
    listing_import,
    listings,
    listings_export,
    live,
    pos,
    requests,
    sandboxes,
    scenario,
    snapshots,
    timing,
    verify,
)
from mockpos.web.control.calls import ControlCall

CONTROL_CALLS: tuple[ControlCall, ...] = (
    *sandboxes.CALLS,
    *listings.CALLS,
    *listing_import.CALLS,
    *listings_export.CALLS,
    *pos.CALLS,
    *holds.CALLS,
    *scenario.CALLS,
    *clock.CALLS,
    *snapshots.CALLS,
    *requests.CALLS,
    *verify.CALLS,
    *audit.CALLS,
    *timing.CALLS,
    *coverage.CALLS,
    *live.CALLS,
)
