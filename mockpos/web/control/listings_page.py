"""Pages of listings: what is asked for, from where on. A page costs what it looks at, never the whole inventory."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import validate

from mockpos.codecs.documents import USUAL, event_document, listing_document, splits_now
from mockpos.codecs.fields import runs_to_text
from mockpos.domain.clock import Millis
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import Listing, SplitType, Stock
from mockpos.domain.seats import runs_of
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.model import Globs
from mockpos.server.greenlets import paced
from mockpos.validation.schema import Strict
from mockpos.web.control.listing_fields import (
    LARGEST,
    AskedWhole,
    asked_limit,
    asked_truth,
    choice,
    whole_number,
    words,
)

LONGEST_CURSOR = 800
_MOST_DIGITS = 15


def write_cursor(number: int, name: str) -> str:
    """Write a place down."""
    return urlsafe_b64encode(f"{number}:{name}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """Read a place. Raises BadInput for a text that ``write_cursor`` never wrote."""
    try:
        number, colon, name = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        number = colon = name = ""
    place = whole_number(number, _MOST_DIGITS)
    if not colon or place is None:
        raise BadInput("cursor: take it from next_cursor of the page before")
    return place, name


MOST_LOOKED_AT = 100_000
"""How many listings one page looks at."""

Found = list[tuple[Listing, Stock]]
_Test = Callable[[Listing, Stock], bool]


class Asked(Strict):
    """Which listings; all that is given must hold."""

    remote_id = words(200, 1, metadata={"description": "A Remote ID, or a pattern with *, ? and [...]."})
    event = words(200, 1, metadata={"description": "The event's id, or a part of its name in any letter case."})
    venue = words(200, 1, metadata={"description": "A part of the venue's name in any letter case."})
    section = words(200, 1)
    row = words(200, 1)
    split_type = choice(SplitType)
    available_min = AskedWhole(validate=validate.Range(0, LARGEST))
    available_max = AskedWhole(validate=validate.Range(0, LARGEST))
    held = asked_truth(metadata={"description": "Whether anything of it is held."})
    sold = asked_truth(metadata={"description": "Whether anything of it is sold."})
    retired = asked_truth()
    broadcast = asked_truth()
    mapped = asked_truth()
    limit = asked_limit()
    cursor = words(LONGEST_CURSOR, 1)


def page(sandbox: Sandbox, query: Mapping[str, Any]) -> tuple[Found, str | None]:
    """Return the listings of one page, and the cursor of the next. Raises BadInput for a cursor nobody gave."""
    place, remote_id = read_cursor(query["cursor"]) if "cursor" in query else (0, "")
    tests = [make(query[name]) for name, make in _TESTS.items() if name in query]
    found: Found = []
    for looked_at, (at, listing, stock) in enumerate(paced(sandbox.store.listings_from(place, remote_id))):
        if len(found) == query["limit"] or looked_at == MOST_LOOKED_AT:
            return found, write_cursor(at, listing.remote_id)
        if all(test(listing, stock) for test in tests):
            found.append((listing, stock))
    return found, None


def _event(asked: str) -> _Test:
    part = asked.casefold()
    return lambda listing, _: (
        listing.event is not None and (listing.event.event_id == asked or part in listing.event.name.casefold())
    )


def _venue(asked: str) -> _Test:
    part = asked.casefold()
    return lambda listing, _: listing.event is not None and part in listing.event.venue.name.casefold()


def _remote_id(asked: str) -> _Test:
    match = Globs((asked,)).match
    return lambda listing, _: match(listing.remote_id)


_TESTS: Mapping[str, Callable[[Any], _Test]] = {
    "retired": lambda asked: lambda listing, _: listing.retired is asked,
    "broadcast": lambda asked: lambda listing, _: listing.broadcast is asked,
    "mapped": lambda asked: lambda listing, _: listing.mapped is asked,
    "split_type": lambda asked: lambda listing, _: listing.split_type.value == asked,
    "section": lambda asked: lambda listing, _: listing.section == asked,
    "row": lambda asked: lambda listing, _: listing.row == asked,
    "available_min": lambda asked: lambda _, stock: stock.available >= asked,
    "available_max": lambda asked: lambda _, stock: stock.available <= asked,
    "held": lambda asked: lambda _, stock: (stock.held > 0) is asked,
    "sold": lambda asked: lambda _, stock: (stock.sold > 0) is asked,
    "remote_id": _remote_id,
    "event": _event,
    "venue": _venue,
}


_PLAIN: dict[str, object] = {
    "custom_splits": [],
    "seat_from": None,
    "seat_thru": None,
    "retail_price": None,
    **USUAL,
    "last_sold_at": None,
}
"""What a file leaves out, and this does not."""


def shown(listing: Listing, stock: Stock, now: Millis) -> dict[str, Any]:
    """Show a listing. ``splits`` are the valid quantities for what is left."""
    return {
        **_PLAIN,
        **listing_document(listing, stock),
        "event": event_document(listing.event) if listing.event else None,
        "available": stock.available,
        "held": stock.held,
        "sold": stock.sold,
        "free_seats": runs_to_text(listing.numbering, runs_of(stock.free)) if listing.numbering else [],
        "splits": splits_now(listing, stock),
        "not_for_sale_because": "retired" if listing.retired else listing.not_for_sale_because(now),
    }
