"""The numbers: seats and money, calls a second, answer times against TEvo's limit, codes met, the audit's verdict."""

from collections.abc import Sequence
from itertools import islice

from markupsafe import Markup

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.telemetry.call_record import CallRecord
from mockpos.web.console.live import Live
from mockpos.web.console.pages import Pages
from mockpos.web.console.sums import totals

_SECONDS = 60
_LOOKED_AT = 10_000
_MOST_FINDINGS = 50


class Numbers:
    """The page of numbers."""

    def __init__(self, pages: Pages, live: Live) -> None:
        self._pages = pages
        self._live = live

    def show(self, sandbox: Sandbox) -> str:
        """Show the numbers as they stand."""
        call = self._pages.access.call
        audit = call(sandbox, "GET", "/audit", query={"pending": "ok"})
        calls = sandbox.telemetry.journal.newest(_LOOKED_AT)
        rates = calls_by_second(calls, sandbox.clock.now() // 1000)
        return self._pages.render(
            sandbox, "numbers", totals=totals(self._live.inventory(sandbox).total(), sum(rates[-5:]) / 5),
            timing=call(sandbox, "GET", "/timing"), coverage=call(sandbox, "GET", "/coverage"), audit=audit,
            findings=list(islice(audit["findings"], _MOST_FINDINGS)), rates=rates, spark=sparkline(rates),
        )  # fmt: skip


def calls_by_second(calls: Sequence[CallRecord], now_s: int) -> list[int]:
    """Count the calls of each of the last 60 seconds of the sandbox's clock, the oldest second first."""
    counts = [0] * _SECONDS
    for call in calls:  # newest first; a clock that was set back makes some newer than now
        age = now_s - call.at // 1000
        if age >= _SECONDS:
            break
        if age >= 0:
            counts[_SECONDS - 1 - age] += 1
    return counts


def sparkline(counts: Sequence[int]) -> Markup:
    """Draw counts as bars; the table behind it says the same."""
    most = max(1, *counts)
    bar = Markup('<rect x="%d" y="%.1f" width="3" height="%.1f"/>')
    bars = Markup("").join(
        bar % (place * 4, 32 - 30 * count / most, 30 * count / most) for place, count in enumerate(counts) if count
    )
    told = f"Calls a second in the last minute; at most {max(counts)}."
    return Markup(
        '<svg class="spark" viewBox="0 0 240 33" role="img" aria-label="%s"><path d="M0 32.5h240"/>%s</svg>'
    ) % (told, bars)  # fmt: skip
