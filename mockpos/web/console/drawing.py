"""What templates write and draw with, under one name: ``f``."""

from markupsafe import Markup

from mockpos.domain.calls import Sent
from mockpos.telemetry.call_record import CallRecord
from mockpos.web.console.call_rows import call_row, code_words, time_bar
from mockpos.web.console.formats import (
    clock_time,
    day,
    dollars,
    dom_id,
    duration,
    icon,
    link,
    short,
    shown,
    splits,
    thousands,
    usual_quantity,
)

__all__ = [
    "bar_of", "call_row", "clock_time", "code_words", "day", "dollars", "dom_id", "duration", "icon", "link", "short",
    "shown", "splits", "thousands", "usual_quantity",
]  # fmt: skip


def bar_of(call: CallRecord) -> Markup:
    """Draw how long a call took."""
    return time_bar(call.duration_ms, call.delay_served_ms, cut=call.sent is Sent.CUT)
