"""The control call that sets the catalogue of codes against what the client has met."""

from collections.abc import Mapping
from typing import Any

from mockpos.web.control.calls import Context, ControlCall


def show(context: Context) -> Mapping[str, Any]:
    """Show which answers were met, and which never."""
    return context.sandbox.telemetry.coverage.report()


CALLS = (
    ControlCall(
        area="coverage", method="GET", path="/coverage", summary="Show which documented answers were met", serve=show,
        example={
            "documented": 68, "seen": 1, "percentage": 1.4,
            "operations": [{
                "operation": "hold", "documented": 24, "seen": 1,
                "codes": [{"code": "held", "title": "Held", "count": 12}],
            }],
            "missing": [{
                "operation": "hold", "code": "listing_sold_out", "title": "Listing sold out",
                "provoke": "Hold every ticket of a listing, then hold one more.",
            }],
            "other": [{"operation": "hold", "code": "mock_unknown_scenario", "count": 1}],
        },
        description="Every pair of operation and code, how often it was met, and how to provoke those that were not. "
        "other counts what stands beside the catalogue.",
    ),
)  # fmt: skip
