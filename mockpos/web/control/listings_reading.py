"""From the body of a control call to a listing: what it says is laid over what is there, and read as a file's is."""

from collections.abc import Mapping
from typing import Any

from mockpos.codecs.fields import BadDocument
from mockpos.codecs.listings import event_document, listing_document, read_event, read_listing
from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, Stock
from mockpos.services.ports import Transaction

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
