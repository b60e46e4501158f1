"""The contract's rules as a plain program: one world, one call after the other."""

from dataclasses import dataclass
from typing import Any

from tests.oracle.listing import FREE, SOLD, Listing
from tests.oracle.times import said

TTL_MS = 15 * 60 * 1000
Body = dict[str, Any]


@dataclass(slots=True)
class Held:
    """A Global ID that held something. ``first`` and ``released`` are the answers that repeated calls get again."""

    global_id: str
    listing: Listing
    quantity: int
    places: list[int]
    unit_price: Any
    expires_at: int
    status: str
    first: Body
    released: Body | None = None
    invoice: Body | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What must come: a status, and members the body must have with these values (``...``: any value)."""

    status: int
    body: Body


def refusal(status: int, code: str, **details: Any) -> Answer:
    """Return a refusal with its own members."""
    return Answer(status, {"status": status, "code": code, **details})


class Contract:
    """A world by the contract. ``policy`` is what an invoice of a lapsed hold meets: strict or reacquire."""

    def __init__(self, listings: dict[str, Listing], now: int, policy: str) -> None:
        self.listings = listings
        self.now = now
        self.policy = policy
        self.holds: dict[str, Held] = {}
        self.tombstones: set[str] = set()
        self.orders: dict[str, str] = {}

    def expire(self) -> list[str]:
        """Let holds end that are due, the earliest first; return their Global IDs (rule 5)."""
        due = [held for held in self.holds.values() if held.status == "held" and self.now >= held.expires_at]
        for held in sorted(due, key=lambda held: held.expires_at):
            self._end(held, "expired")
        return [held.global_id for held in due]

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer:  # noqa: PLR0911  # one return for each check, in their order
        """Hold tickets (rules 1, 2, 3; the order of checks of a hold)."""
        self.expire()
        known = self.holds.get(global_id)
        if known is not None and known.status == "held":
            if (known.listing.remote_id, known.quantity) != (remote_id, quantity):
                return refusal(409, "global_id_conflict")
            return Answer(200, {**known.first, "replayed": True})
        if known is not None:
            return refusal(409, "global_id_closed", hold_status=known.status)
        if global_id in self.tombstones:
            return refusal(409, "global_id_closed", hold_status=...)
        listing = self.listings.get(remote_id)
        if listing is None:
            return refusal(404, "listing_not_found", remote_id=remote_id, did_you_mean=...)
        refused = self._refused(listing, quantity)
        if refused is not None:
            return refused
        places = listing.pick(quantity)
        listing.give(places, global_id)
        first = {
            "global_id": global_id, "remote_id": remote_id, "quantity": quantity, "status": "held",
            "seats": listing.shown(places), "held_at": said(self.now), "expires_at": said(self.now + TTL_MS),
            "available_quantity": len(listing.free), "replayed": False,
        }  # fmt: skip
        due = self.now + TTL_MS
        self.holds[global_id] = Held(global_id, listing, quantity, places, listing.price, due, "held", first)
        return Answer(200, first)

    def _refused(self, listing: Listing, quantity: int) -> Answer | None:  # noqa: PLR0911  # one return for each check, in their order
        free, unsold = len(listing.free), listing.quantity - listing.sold
        if listing.retired:
            return refusal(410, "listing_retired", superseded_by=...)
        if listing.not_for_sale:
            return refusal(409, "listing_not_for_sale", reason=...)
        if unsold == 0:
            return refusal(409, "listing_sold_out")
        if quantity > unsold:
            return refusal(409, "insufficient_quantity", available_quantity=...)
        if quantity > free:
            ends = (
                held.expires_at for held in self.holds.values() if held.status == "held" and held.listing is listing
            )
            return refusal(409, "held_by_another", available_quantity=free, next_expiry_at=said(min(ends)))
        if quantity not in listing.valid_quantities():
            return refusal(422, "invalid_split", valid_quantities=listing.valid_quantities())
        return None

    def release(self, global_id: str) -> Answer:
        """Release a hold (rules 3 and 4)."""
        self.expire()
        held = self.holds.get(global_id)
        if held is None:
            self.tombstones.add(global_id)
            return refusal(404, "hold_not_found")
        if held.status == "invoiced":
            assert held.invoice is not None
            return refusal(409, "hold_already_invoiced", invoice_id=held.invoice["invoice_id"])
        if held.released is not None:
            return Answer(200, {**held.released, "replayed": True})
        expired = held.status == "expired"
        self._end(held, "released")
        held.released = {
            "global_id": global_id, "remote_id": held.listing.remote_id, "quantity": held.quantity,
            "status": "released", "released_at": said(self.now), "expired": expired,
            "available_quantity": len(held.listing.free), "replayed": False,
        }  # fmt: skip
        return Answer(200, held.released)

    def invoice(self, global_id: str, order_id: str) -> Answer:  # noqa: PLR0911  # one return for each check, in their order
        """Invoice a hold (rules 6 and 7). The invoice's number is the server's to choose."""
        self.expire()
        held = self.holds.get(global_id)
        if held is None:
            return refusal(404, "hold_not_found")
        if held.invoice is not None:
            if held.invoice["order_id"] != order_id:
                return refusal(409, "order_id_conflict")
            return Answer(200, {**held.invoice, "replayed": True})
        if held.status == "released":
            return refusal(409, "hold_released")
        lapsed = held.status == "expired"
        listing = held.listing
        if lapsed:
            if not listing.labels:  # nobody can tell which of its tickets they were
                held.places = listing.pick(held.quantity)
            free = len(held.places) == held.quantity and all(listing.seats[place] == FREE for place in held.places)
            if self.policy == "strict" or not free or listing.retired:
                return refusal(410, "hold_expired", expired_at=said(held.expires_at))
        if order_id in self.orders:
            return refusal(409, "order_id_conflict")
        listing.give(held.places, SOLD)
        held.status = "invoiced"
        self.orders[order_id] = global_id
        held.invoice = {
            "global_id": global_id, "order_id": order_id, "invoice_id": ..., "remote_id": listing.remote_id,
            "quantity": held.quantity, "status": "invoiced", "seats": listing.shown(held.places),
            "buyer": "Ticket Evolution",
            "total": {"amount": f"{held.unit_price * held.quantity:.2f}", "currency": "USD"},
            "invoiced_at": said(self.now), "hold_reacquired": lapsed, "replayed": False,
        }  # fmt: skip
        return Answer(200, held.invoice)

    def sell(self, remote_id: str, quantity: int) -> bool:
        """Sell free seats behind TEvo's back; return whether there were enough."""
        self.expire()
        listing = self.listings[remote_id]
        if quantity > len(listing.free):
            return False
        listing.give(listing.pick(quantity), SOLD)
        return True

    def lapse(self, global_id: str) -> bool:
        """Expire a live hold now; return whether there was one."""
        self.expire()
        held = self.holds.get(global_id)
        if held is None or held.status != "held":
            return False
        held.expires_at = self.now
        self._end(held, "expired")
        return True

    def _end(self, held: Held, status: str) -> None:
        if held.status == "held":
            held.listing.give(held.places, FREE)
        held.status = status
