"""A listing as control calls show it: every field, its event whole, and what is left of it."""

from typing import Any

from mockpos.codecs.listings import USUAL, event_document, listing_document, splits_now
from mockpos.codecs.seat_runs import runs_to_text
from mockpos.domain.clock import Millis
from mockpos.domain.listing import Listing, Stock
from mockpos.domain.seats import runs_of

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
