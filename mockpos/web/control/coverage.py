"""The control call that sets the catalogue of codes against what the client has met."""

from collections.abc import Mapping
from typing import Any

from mockpos.sandboxes.totals import coverage_of_all
from mockpos.web.control.calls import Context, ControlCall, Everywhere


def show(context: Context) -> Mapping[str, Any]:
    """Show which answers were met, and which never."""
    if context.is_about_all:
        return coverage_of_all(context.mock.sandboxes)
    return context.sandbox.telemetry.coverage.report()


CALLS = (
    ControlCall(
        area="coverage", method="GET", path="/coverage", summary="Show which documented answers were met", serve=show,
        query=Everywhere,
        description="Every pair of operation and code, how often it was met, and how to provoke those that were not. "
        "other counts what stands beside the catalogue. A reset begins anew; sandboxes=all counts what was met before "
        "it, and in sandboxes that were dropped, too.",
    ),
)  # fmt: skip
