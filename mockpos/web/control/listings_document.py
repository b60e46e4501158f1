"""A listing as control calls show it: every field, its event whole, and what is left of it."""

from typing import Any

from mockpos.documents.listings import event_document, listing_document, splits_now
from mockpos.documents.seat_runs import runs_to_text
from mockpos.domain.clock import Millis
from mockpos.domain.listing import Listing, ListingType, Stock, ViewType

_PLAIN: dict[str, object] = {
    "custom_splits": [],
    "seat_from": None,
    "seat_thru": None,
    "retail_price": None,
    "in_hand": True,
    "in_hand_on": None,
    "internal_notes": "",
    "broker_notes": "",
    "external_notes": "",
    "type": ListingType.EVENT.value,
    "view_type": ViewType.FULL.value,
    "broadcast": True,
    "mapped": True,
    "retired": False,
    "superseded_by": None,
    "last_sold_at": None,
}
"""What a file leaves out when it is so."""

EXAMPLE: dict[str, Any] = {
    **_PLAIN,
    "remote_id": "TG-1001",
    "event": {
        "event_id": "2306558",
        "name": "Atlanta Hawks at New Orleans Saints",
        "occurs_at_local": "2026-12-13T18:05:00",
        "venue": {"name": "Mercedes-Benz Superdome", "city": "New Orleans", "time_zone": "America/Chicago"},
        "performers": ["New Orleans Saints", "Atlanta Hawks"],
        "state": "shown",
        "category": "NFL",
    },
    "event_id": "2306558",
    "section": "109",
    "row": "22",
    "quantity": 4,
    "seat_from": 5,
    "seat_thru": 8,
    "split_type": "never_leave_one",
    "format": "Eticket",
    "wholesale_price": "120.00",
    "available": 4,
    "held": 0,
    "sold": 0,
    "free_seats": ["5-8"],
    "splits": [1, 2, 4],
    "not_for_sale_because": None,
}


def shown(listing: Listing, stock: Stock, now: Millis) -> dict[str, Any]:
    """Show a listing. ``splits`` are the valid quantities for what is left."""
    return {
        **_PLAIN,
        **listing_document(listing, stock),
        "event": event_document(listing.event) if listing.event else None,
        "available": stock.available,
        "held": stock.held,
        "sold": stock.sold,
        "free_seats": runs_to_text(listing.numbering, stock.free) if listing.numbering else [],
        "splits": splits_now(listing, stock),
        "not_for_sale_because": "retired" if listing.retired else listing.not_for_sale_because(now),
    }
