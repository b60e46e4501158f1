"""The numbers: seats and money, calls a second, answer times against TEvo's limit, codes met, the audit's verdict."""

from collections import Counter
from itertools import islice

from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.pages import Pages

_SECONDS = 60
_LOOKED_AT = 10_000
_MOST_FINDINGS = 50


def show(pages: Pages, sandbox: Sandbox) -> str:
    """Show the numbers as they stand."""
    audit = pages.call(sandbox, "GET", "/audit", query={"pending": "ok"})
    calls = sandbox.telemetry.journal.newest(_LOOKED_AT)
    now_s = sandbox.clock.now() // 1000
    ages = Counter(now_s - call.at // 1000 for call in calls)
    rates = [ages[age] for age in reversed(range(_SECONDS))]  # the calls of each second, the oldest second first
    return pages.render(
        sandbox, "numbers", inventory=pages.live.inventory(sandbox), audit=audit,
        timing=pages.call(sandbox, "GET", "/timing"), coverage=pages.call(sandbox, "GET", "/coverage"),
        findings=list(islice(audit["findings"], _MOST_FINDINGS)), rates=rates, rate=sum(rates[-5:]) / 5,
    )  # fmt: skip
