"""One line of the live feed: a call, its code, and its time on the scale of TEvo's five seconds.

Written by hand and not by a template: under load ten times a second a few of them are made.
"""

from markupsafe import Markup

from mockpos.domain.calls import Sent
from mockpos.telemetry.call_record import CallRecord
from mockpos.web.console.formats import BUDGET_MS, clock_time, dom_id, duration, link, short, shown

_SUCCESSES = ("held", "released", "invoiced")


def tone(status: int, code: str, sent: Sent) -> str:
    """Say how a call ended, as one word: ok, lost (nobody heard the answer), refused or failed."""
    if sent is not Sent.COMPLETE:
        return "lost"
    if code in _SUCCESSES:
        return "ok"
    return "refused" if status < 500 else "failed"  # HTTP: from 500 on it is the server's fault


def call_row(root: str, call: CallRecord) -> Markup:
    """Draw one call as a line of the feed; without a root nothing leads to its page."""
    inner = Markup(
        '<span class="op">%s</span><span class="code">%s</span><span class="who">%s</span>%s<span class="ms">%s</span>'
        "<time>%s</time>"
    ) % (
        call.operation or "—", code_words(call), short(call.global_id or call.target, 28),
        time_bar(call.duration_ms, call.delay_served_ms, cut=call.sent is not Sent.COMPLETE),
        duration(call.duration_ms), clock_time(call.at)[:8],
    )  # fmt: skip
    if root:
        inner = Markup('<a href="%s" data-row>%s</a>') % (link(root, f"/calls/{call.request_id}"), inner)
    else:
        inner = Markup('<div class="line">%s</div>') % inner
    kind = tone(call.status, call.code, call.sent)
    return Markup('<li class="call %s" id="c-%s">%s</li>') % (kind, dom_id(call.request_id), inner)


def code_words(call: CallRecord) -> Markup:
    """Write a call's code, and what became of its answer where the caller never got it."""
    code = shown(call.code)
    if call.sent is Sent.COMPLETE:
        return code
    return Markup("%s <em>%s</em>") % (code, "answer lost" if call.sent is Sent.CUT else "caller left")


def time_bar(total_ms: float, delay_ms: float, *, cut: bool = False) -> Markup:
    """Draw a duration against the budget: what was asked to be waited, then work and sending."""
    scale = 100 / max(BUDGET_MS, total_ms)
    delay = min(delay_ms, total_ms) * scale
    work = max(total_ms * scale - delay, 1.5)
    end = delay + work
    parts = Markup('<rect class="delay" width="%.1f" height="6"/>') % delay if delay else Markup("")
    parts += Markup('<rect class="work" x="%.1f" width="%.1f" height="6"/>') % (delay, work)
    if cut:
        parts += Markup('<path class="cut" d="M%.1f 0l3 2-3 2 3 2"/>') % end
    if total_ms > BUDGET_MS:
        parts += Markup('<path class="limit" d="M%.1f 0v6"/>') % (BUDGET_MS * scale)
    return Markup(
        '<svg class="bar" viewBox="0 0 104 6" preserveAspectRatio="none" aria-hidden="true">%s</svg>'
    ) % parts  # fmt: skip
