"""Pages of holds and invoices: live ones by when they were made, then ended ones in the order they ended.

A hold that ends between two pages may be on both, and is never on none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import nsmallest
from typing import Any

from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.invoice import Invoice
from mockpos.server.greenlets import pause
from mockpos.services.ports import Store
from mockpos.web.control.listings_cursor import read_cursor, write_cursor

MOST_LOOKED_AT = 100_000
"""How many ended holds one page looks at."""

_AT_A_TIME = 200  # then other calls take their turn

Ended = list[tuple[Hold, Invoice | None]]


def page_of_holds(store: Store, query: Mapping[str, Any]) -> tuple[list[Hold], str | None]:
    """Return the holds of one page, and the cursor of the next. Raises BadInput for a cursor nobody gave."""
    remote_id, status, limit = query.get("remote_id"), query.get("status"), query["limit"]
    number, name = read_cursor(query["cursor"]) if "cursor" in query else (0, "live")
    found: list[Hold] = []
    if name != "ended":
        live = () if status not in (None, HoldStatus.HELD) else _paced(store.live_holds(remote_id))
        after = (number, name.partition("=")[2])
        found = nsmallest(limit + 1, (hold for hold in live if _age(hold) > after), key=_age)
        if len(found) > limit:
            last = found[limit - 1]
            return found[:limit], write_cursor(last.held_at, f"live={last.global_id}")
        if status is HoldStatus.HELD:
            return found, None
        if len(found) == limit:
            return found, write_cursor(0, "ended")
        number = 0

    def wanted(hold: Hold, _: Invoice | None) -> bool:
        return remote_id in (None, hold.remote_id) and status in (None, hold.status)

    ended, cursor = page_of_ended(store, number, limit - len(found), wanted)
    return found + [hold for hold, _ in ended], cursor


def page_of_ended(
    store: Store, number: int, limit: int, wanted: Callable[[Hold, Invoice | None], bool]
) -> tuple[Ended, str | None]:
    """Return up to ``limit`` of the ended holds from a number on, and the cursor of the next page."""
    found: Ended = []
    looked_at = 0
    while entries := store.ended_from(number, _AT_A_TIME):
        for at, hold, invoice in entries:
            if len(found) == limit or looked_at == MOST_LOOKED_AT:
                return found, write_cursor(at, "ended")
            if wanted(hold, invoice):
                found.append((hold, invoice))
            looked_at, number = looked_at + 1, at + 1
        pause(0)
    return found, None


def _paced(holds: Iterable[Hold]) -> Iterator[Hold]:
    """Iterate, letting other calls take their turn every so often."""
    for number, hold in enumerate(holds, 1):
        yield hold
        if number % _AT_A_TIME == 0:
            pause(0)


def _age(hold: Hold) -> tuple[int, str]:
    return hold.held_at, hold.global_id
