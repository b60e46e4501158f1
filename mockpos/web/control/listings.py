"""Control calls about listings: looking at them, adding, changing and deleting one.

What a body says is laid over what is there, and read as a file's is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockpos.codecs.documents import event_document, listing_document, read_event, read_listing
from mockpos.codecs.fields import BadDocument
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, Stock
from mockpos.services.import_listings import ImportMode, import_listings
from mockpos.services.ports import Transaction
from mockpos.web.control.calls import Context, ControlCall
from mockpos.web.control.listing_fields import ListingChange, NewListing
from mockpos.web.control.listings_page import MOST_LOOKED_AT, Asked, page, shown

_SEATS = ("seat_from", "seat_thru", "seat_labels")


def read_new(tx: Transaction, body: Mapping[str, Any]) -> Listing:
    """Read a listing that is not there yet. Raises BadInput."""
    return _read(tx, {}, None, _seated(body, body.get("seat_from"), body["quantity"], 1))


def read_change(tx: Transaction, present: Listing, body: Mapping[str, Any]) -> Listing:
    """Read what a listing is to become. Raises BadInput."""
    document = listing_document(present, Stock.untouched(present))
    if body.get("retired") is False:
        document.pop("superseded_by", None)
    if not body.keys().isdisjoint(("quantity", *_SEATS)):
        low, _, _ = (document.pop(name, None) for name in _SEATS)
        step = present.numbering.step if present.numbering else 1
        body = _seated(body, body.get("seat_from", low), body.get("quantity", present.quantity), step)
    return _read(tx, document, present.event, body)


def _seated(body: Mapping[str, Any], low: Any, quantity: int, step: int) -> Mapping[str, Any]:
    """Return a body with both ends of its seats, or neither. An end left out is counted on, odd and even rows too."""
    thru = body.get("seat_thru")
    rest = {name: value for name, value in body.items() if name not in _SEATS}
    if "seat_labels" in body:
        return {**rest, "seat_from": body["seat_labels"][0], "seat_labels": body["seat_labels"]}
    if isinstance(low, str):
        return {**rest, "seat_from": low, "seat_thru": thru}
    if low is not None:
        return {**rest, "seat_from": low, "seat_thru": low + (quantity - 1) * step if thru is None else thru}
    if thru is not None:
        raise BadInput("seat_thru: needs a seat_from")
    return rest


def _read(tx: Transaction, document: dict[str, Any], event: Event | None, body: Mapping[str, Any]) -> Listing:
    try:
        event = _event(tx, event, body)
        said = {name: value for name, value in body.items() if name != "event"}
        events = {event.event_id: event} if event else {}
        return read_listing({**document, **said, "event_id": event.event_id if event else None}, events)
    except BadDocument as error:
        raise BadInput(str(error)[:500]) from None


def _event(tx: Transaction, present: Event | None, body: Mapping[str, Any]) -> Event | None:
    """Return the event that a body means: none, one of the inventory's, the present one changed, or a new one."""
    said = body.get("event")
    event_id = body["event_id"] if "event_id" in body else (said or {}).get("event_id")
    if said and said.get("event_id", event_id) != event_id:
        raise BadDocument("event_id and event.event_id name two events")
    if ("event" in body and said is None) or ("event_id" in body and event_id is None):
        if said or event_id:
            raise BadDocument("event and event_id: one says that there is no event, the other names one")
        return None
    if event_id is None and said is None:
        return present
    known = present if event_id is None or (present and present.event_id == event_id) else _known(tx, event_id)
    if said is None:
        if known is None:
            raise BadDocument(f"event_id: no listing is for an event {event_id!r}; describe it in event")
        return known
    return _changed(known, said)


def _changed(known: Event | None, said: Mapping[str, Any]) -> Event:
    document = event_document(known) if known else {}
    before = document.get("venue")
    venue = {**(before if isinstance(before, Mapping) else {}), **said.get("venue", {})}
    try:
        return read_event({**document, **said, "venue": venue})
    except BadDocument as error:
        raise BadDocument(f"event: {error}") from None


def _known(tx: Transaction, event_id: str) -> Event | None:
    """Find an event by its id, among those that listings are for."""
    of_it = (listing.event for listing in tx.listings() if listing.event and listing.event.event_id == event_id)
    return next(of_it, None)


def _show_all(context: Context) -> Mapping[str, Any]:
    store = context.sandbox.store
    store.expire_due()
    found, cursor = page(context.sandbox, context.query)
    now = context.sandbox.clock.now()
    return {
        "listings": (shown(listing, stock, now) for listing, stock in found),
        "next_cursor": cursor,
        "total": store.listing_count(),
    }


def _show(context: Context, remote_id: str) -> Mapping[str, Any]:
    context.sandbox.store.expire_due()
    with context.sandbox.store.transaction() as tx:
        return _shown(tx, found_listing(tx, remote_id))


def _add(context: Context) -> Mapping[str, Any]:
    return changed(context, lambda tx: _bring(tx, read_new(tx, context.body), ImportMode.NEW))


def _change(context: Context, remote_id: str) -> Mapping[str, Any]:
    def carry_out(tx: Transaction) -> Listing:
        present = stored_listing(tx, remote_id)
        return _bring(tx, read_change(tx, present, context.body), ImportMode.UPDATE)

    return changed(context, carry_out)


def _delete(context: Context, remote_id: str) -> Mapping[str, Any]:
    store = context.sandbox.store
    store.expire_due()
    with store.transaction() as tx:
        stock = tx.stock(stored_listing(tx, remote_id))
        if stock.held or stock.sold:
            taken = f"{stock.held} of its tickets are held and {stock.sold} sold"
            raise MockMisuse("mock_listing_conflict", f"{taken}: it stays. Retire it instead (POST /pos/retire).")
        tx.drop_listing(remote_id)
    return {"deleted": remote_id}


def changed(context: Context, carry_out: Callable[[Transaction], Listing]) -> dict[str, Any]:
    """Change a listing in one transaction, and show it as it is then."""
    store = context.sandbox.store
    store.expire_due()
    with store.transaction() as tx:
        return _shown(tx, carry_out(tx))


def found_listing(tx: Transaction, remote_id: str) -> Listing:
    """Return a listing, or refuse."""
    listing = tx.listing(remote_id)
    if listing is None:
        raise MockMisuse("mock_unknown_listing", f"There is no listing with the Remote ID {remote_id[:140]!r}.")
    return listing


def stored_listing(tx: Transaction, remote_id: str) -> Listing:
    """Return a listing that can change, or refuse."""
    listing = found_listing(tx, remote_id)
    if tx.is_built_in(remote_id):
        raise MockMisuse("mock_listing_conflict", f"{remote_id} is built in: it never changes.")
    return listing


def _bring(tx: Transaction, listing: Listing, mode: ImportMode) -> Listing:
    """Put a listing into the inventory; its event becomes the same for all listings that are for it."""
    event = listing.event
    others = (one for one in tx.listings() if one.event and event and one.event.event_id == event.event_id)
    before = tx.listing(listing.remote_id)
    same_event = event is None or (before is not None and before.event == event)
    report = import_listings(
        tx, [listing], mode=mode, current=() if same_event else (one for one in others if one.event != event)
    )
    if report.conflicts:
        raise MockMisuse("mock_listing_conflict", f"{listing.remote_id}: {report.conflicts[0].reason}")
    return tx.listing(listing.remote_id) or listing


def _shown(tx: Transaction, listing: Listing) -> dict[str, Any]:
    return shown(listing, tx.stock(listing), tx.now)


_UNKNOWN = ("mock_unknown_listing",)
_IN_USE = (*_UNKNOWN, "mock_listing_conflict")

CALLS = (
    ControlCall(
        area="listings", method="GET", path="/listings", summary="List listings", serve=_show_all, query=Asked,
        description="In the order they came, a page at a time: send next_cursor as cursor until it is null. A page "
        f"looks at {MOST_LOOKED_AT:,} listings at most, so with filters it may hold few or none and still have a next.",
    ),
    ControlCall(
        area="listings", method="POST", path="/listings", summary="Add a listing", serve=_add, body=NewListing,
        status=201, errors=("mock_listing_conflict",),
        description="An event that is described here becomes the same for every listing with its event_id.",
    ),
    ControlCall(
        area="listings", method="GET", path="/listings/{remote_id}", summary="Show a listing", serve=_show,
        errors=_UNKNOWN, page="/console/listing?remote_id={remote_id}",
        description="Built-in listings (the magic Remote IDs) too. A Remote ID with a slash is found by the filter "
        "remote_id of the list.",
    ),
    ControlCall(
        area="listings", method="PATCH", path="/listings/{remote_id}", summary="Change a listing", serve=_change,
        body=ListingChange, errors=_IN_USE,
        description="What is left out stays. Quantity and seats cannot change while anything is held or sold. What "
        "changes of its event changes for every listing of that event: postpone it here, for example.",
    ),
    ControlCall(
        area="listings", method="DELETE", path="/listings/{remote_id}", summary="Delete a listing", serve=_delete,
        errors=_IN_USE,
        description="Refused while anything of it is held or sold.",
    ),
)  # fmt: skip
