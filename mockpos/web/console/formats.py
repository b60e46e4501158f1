"""How the console writes money, times, names and calls; templates know it as ``f``.

Everything that came from outside is escaped where it is shown.
"""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2s
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from mockpos.codecs.documents import splits_now
from mockpos.domain.calls import Sent
from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.counted import counted as counted
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, SplitType, Stock, allows
from mockpos.telemetry.call_record import CallRecord
from mockpos.telemetry.journal.document import safe_text

BUDGET_MS = 5_000
"""What TEvo allows an answer on average; every bar of time is drawn on its scale."""

_LONGEST_NAME = 40
_SUCCESSES = ("held", "released", "invoiced")
_SPLIT_WORDS = {"any": "any number", "never_leave_one": "never leaves one", "custom": "custom splits"}


@lru_cache(maxsize=8192)
def dom_id(text: str) -> str:
    """Return a name for an element that stands for any text a caller chose."""
    return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def link(root: str, path: str, **query: str | int) -> str:
    """Write the address of a console page; ``root`` is where the console of a sandbox begins."""
    asked = urlencode(query, safe="", errors="surrogatepass", quote_via=quote)
    return f"{root}{path}?{asked}" if asked else f"{root}{path}"


def shown(text: object) -> Markup:
    """Escape a text from outside; what is no Unicode is written out."""
    return escape(safe_text(str(text)))


def short(text: str, longest: int = _LONGEST_NAME) -> Markup:
    """Escape a name from outside and cut it in its middle, so that its end can still be told from others'."""
    text = safe_text(text)
    if len(text) > longest:
        text = f"{text[: longest * 2 // 3]}…{text[-longest // 4 :]}"
    return escape(text)


def sentence(text: str) -> str:
    """Write a text as a sentence, with a capital and one full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def dollars(amount: Decimal, decimals: int = 2) -> str:
    """Write a price: ``$1,234.50``, or a sum of prices without its cents: ``$96,420``."""
    return f"${amount:,.{decimals}f}"


def duration(milliseconds: float) -> str:
    """Write a duration as people say it: ``0.4 ms``, ``12 ms``, ``1.4 s``, ``3 min``, ``2 h``."""
    for below, unit, size in ((10, "ms", 1), (1_000, "ms", 1), (60_000, "s", 1_000), (3_600_000, "min", 60_000)):
        if milliseconds < below:
            digits = 1 if (below == 10 or unit == "s") and milliseconds else 0
            return f"{milliseconds / size:.{digits}f} {unit}"
    return f"{milliseconds / 3_600_000:,.1f} h"


def clock_time(at: Millis) -> str:
    """Write a moment's time of day in UTC: ``14:02:07.120``."""
    return rfc3339(at)[11:23]


def day(event: Event) -> str:
    """Write when an event is, local to its venue: ``Sat 5 Dec 2026, 19:30``."""
    when = datetime.combine(event.local_date, event.local_time)
    time = "time to be announced" if event.time_tba else f"{when:%H:%M}"
    return f"{when:%a} {when.day} {when:%b %Y}, {time}"


def splits(listing: Listing) -> str:
    """Say how a listing may be split."""
    if listing.split_type is SplitType.CUSTOM:
        return "splits " + ", ".join(map(str, listing.custom_splits[:6]))
    return _SPLIT_WORDS.get(listing.split_type.value, listing.split_type.value.replace("_", " "))


def usual_quantity(listing: Listing, stock: Stock) -> int:
    """Return how many tickets a buyer would take: two where that is allowed, else the fewest that are."""
    if allows(listing.split_type, listing.custom_splits, 2, stock.available):
        return 2
    return next(iter(splits_now(listing, stock)), 2)


def icon(name: str) -> Markup:
    """Return an icon of the console's own set (templates/console/icons.html)."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="#i-%s"/></svg>') % name


def tone(call: CallRecord) -> str:
    """Say how a call ended, as one word: ok, lost (nobody heard the answer), refused or failed."""
    if call.sent is not Sent.COMPLETE:
        return "lost"
    if call.code in _SUCCESSES:
        return "ok"
    return "refused" if call.status < 500 else "failed"  # HTTP: from 500 on it is the server's fault
