"""The control call that sets the speed of the answers against what Ticket Evolution asks for."""

from collections.abc import Mapping
from typing import Any

from mockpos.sandboxes.totals import timing_of_all
from mockpos.web.control.calls import Context, ControlCall, Everywhere


def show(context: Context) -> Mapping[str, Any]:
    """Show how long callers waited."""
    if context.is_about_all:
        return timing_of_all(context.mock.sandboxes)
    return context.sandbox.telemetry.timing.report()


CALLS = (
    ControlCall(
        area="timing", method="GET", path="/timing", summary="Show how long callers waited", serve=show,
        query=Everywhere,
        description="Real durations per operation, injected delays included: what a caller saw. The verdict is ok or "
        "over the average of 5 seconds; null where nobody called. Percentiles are within 1%. With sandboxes=all the "
        "ten slowest calls are named too.",
    ),
)  # fmt: skip
