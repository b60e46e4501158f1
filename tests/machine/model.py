"""The wire contract in plain Python: one world, and what each call on it answers when calls come one after another.

It restates spec/contract.md, rules 1 to 9 and the order of checks, in the contract's own words; ``sandbox.py`` does the
same for spec/control.md (what the point of sale does on its own, and the clock). It knows nothing of mockpos.
Answers are the bodies of the contract, with moments as milliseconds and lists as tuples.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tests.machine.clock_model import Clock
from tests.machine.listing_model import Listing

Answer = dict[str, Any]


class Refused(Exception):
    """A call is refused with a code and its details. What was put before stays."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.answer: Answer = {"code": code, **details}


@dataclass(frozen=True)
class Policy:
    """The settings that change what calls do. ``remember`` is how many of each are remembered (rule 9)."""

    ttl_ms: int = 900_000
    reacquire: bool = False
    orders_may_repeat: bool = False
    remember_holds: int = 1_000_000
    remember_releases: int = 100_000


@dataclass(frozen=True)
class Hold:
    """One Global ID that held, with all that its answers said: a replay says it again."""

    global_id: str
    remote_id: str
    quantity: int
    seats: frozenset[int]
    price: Decimal
    held_at: int
    expires_at: int
    left_after_hold: int
    status: str = "held"
    stolen: bool = False
    released_at: int = 0
    released_late: bool = False
    left_after_release: int = 0
    order_id: str | None = None
    invoice_id: str | None = None
    invoiced_at: int = 0
    reacquired: bool = False


@dataclass
class Model:
    """The state of one sandbox."""

    listings: dict[str, Listing]
    clock: Clock
    policy: Policy = Policy()
    built_in: dict[str, Listing] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    ended: dict[str, None] = field(default_factory=dict)
    """Global IDs whose hold ended, those that ended first first."""
    released_early: dict[str, None] = field(default_factory=dict)
    """The tombstones, oldest first."""
    invoices_made: int = 0
    committed_at: int = 0
    now: int = 0
    """The moment of the call, read once."""

    def copy(self) -> "Model":
        """Return one that is the same now and does not change when this one does."""
        holds, ended, early = dict(self.holds), dict(self.ended), dict(self.released_early)
        return replace(self, listings=dict(self.listings), holds=holds, ended=ended, released_early=early)

    def key(self) -> object:
        """Return what two models have in common exactly when no call can tell them apart."""
        remembered = tuple(self.ended), tuple(self.released_early)
        numbers = self.invoices_made, self.committed_at, self.clock
        return frozenset(self.listings.values()), frozenset(self.holds.values()), remembered, numbers

    # -- the three operations, in the order of checks ------------------------------------------------------------------

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer:
        self.begin()
        hold = self.holds.get(global_id)
        if hold is not None and hold.status == "held" and (hold.remote_id, hold.quantity) == (remote_id, quantity):
            return self.says_held(hold, replayed=True)  # rule 2, before anything about the listing
        if global_id in self.released_early:  # rule 3
            raise Refused("global_id_closed", hold_status="released_before_hold")
        if hold is not None and hold.status != "held":
            raise Refused("global_id_closed", hold_status=hold.status)
        if hold is not None:
            raise Refused("global_id_conflict")
        listing = self.listing(remote_id)
        if listing is None:
            raise Refused("listing_not_found", remote_id=remote_id)
        if listing.retired:
            raise Refused("listing_retired", superseded_by=listing.superseded_by)
        if not listing.broadcast:
            raise Refused("listing_not_for_sale", reason="not broadcast")
        self.check_quantity(listing, quantity)
        seats = listing.choose(quantity)  # rule 1
        listing = self.put(listing.take(quantity, seats))
        expires_at = self.now + self.policy.ttl_ms  # rule 5
        hold = Hold(global_id, remote_id, quantity, seats, listing.price, self.now, expires_at, listing.available)
        self.put_hold(hold)
        return self.says_held(hold)

    def check_quantity(self, listing: Listing, quantity: int) -> None:
        if listing.sold == listing.quantity:
            raise Refused("listing_sold_out")
        if quantity > listing.quantity - listing.sold:
            raise Refused("insufficient_quantity", available_quantity=listing.available)
        if quantity > listing.available:
            ends = min(hold.expires_at for hold in self.live(listing.remote_id) if not hold.stolen)
            raise Refused("held_by_another", available_quantity=listing.available, next_expiry_at=ends)
        if not listing.may_sell(quantity):
            raise Refused("invalid_split", valid_quantities=tuple(listing.valid_quantities()))

    def release(self, global_id: str) -> Answer:
        self.begin()
        hold = self.holds.get(global_id)
        if hold is None:
            self.leave_tombstone(global_id)  # rule 3
            raise Refused("hold_not_found")
        if hold.status == "invoiced":
            raise Refused("hold_already_invoiced", invoice_id=hold.invoice_id)
        if hold.status == "released":
            return self.says_released(hold, replayed=True)  # rule 4
        left = self.give_back(hold) if hold.status == "held" else self.available(hold.remote_id)
        late = hold.status == "expired"
        done = replace(hold, status="released", released_at=self.now, released_late=late, left_after_release=left)
        self.put_hold(done)
        return self.says_released(done)

    def invoice(self, global_id: str, order_id: str) -> Answer:
        self.begin()
        hold = self.holds.get(global_id)
        if hold is None:  # a tombstone is no hold either
            raise Refused("hold_not_found")
        if hold.status == "invoiced" and hold.order_id == order_id:
            return self.says_invoiced(hold, replayed=True)  # rule 6
        if hold.status == "invoiced":
            raise Refused("order_id_conflict")
        if hold.status == "released":
            raise Refused("hold_released")
        if hold.status == "expired" and not self.can_be_taken_again(hold):
            raise Refused("hold_expired", expired_at=hold.expires_at)
        if not self.policy.orders_may_repeat and any(other.order_id == order_id for other in self.holds.values()):
            raise Refused("order_id_conflict")
        if hold.stolen:
            raise Refused("invoice_rejected", reason="sold_elsewhere")
        listing = self.listing(hold.remote_id)
        if listing is not None:
            again = listing.take(hold.quantity, hold.seats) if hold.status == "expired" else listing
            self.put(again.sell(hold.quantity))
        self.invoices_made += 1  # the contract asks that ids differ; mockpos numbers them in the order of the sales
        done = replace(
            hold, status="invoiced", order_id=order_id, invoice_id=f"INV-{self.invoices_made:06d}",
            invoiced_at=self.now, reacquired=hold.status == "expired",
        )  # fmt: skip
        self.put_hold(done)
        return self.says_invoiced(done)

    def can_be_taken_again(self, hold: Hold) -> bool:
        """Rule 7: exactly the same seats, when they are free and the listing is not retired."""
        listing = self.listing(hold.remote_id)
        if not self.policy.reacquire or listing is None or listing.retired:
            return False
        return hold.seats <= listing.free and hold.quantity <= listing.available

    # -- what the answers say ------------------------------------------------------------------------------------------

    def says_held(self, hold: Hold, replayed: bool = False) -> Answer:
        return {
            "global_id": hold.global_id, "remote_id": hold.remote_id, "quantity": hold.quantity, "status": "held",
            "seats": self.printed(hold), "held_at": hold.held_at, "expires_at": hold.expires_at,
            "available_quantity": hold.left_after_hold, "replayed": replayed,
        }  # fmt: skip

    def says_released(self, hold: Hold, replayed: bool = False) -> Answer:
        return {
            "global_id": hold.global_id, "remote_id": hold.remote_id, "quantity": hold.quantity, "status": "released",
            "released_at": hold.released_at, "expired": hold.released_late,
            "available_quantity": hold.left_after_release, "replayed": replayed,
        }  # fmt: skip

    def says_invoiced(self, hold: Hold, replayed: bool = False) -> Answer:
        total = {"amount": f"{hold.price * hold.quantity:.2f}", "currency": "USD"}
        return {
            "global_id": hold.global_id, "order_id": hold.order_id, "invoice_id": hold.invoice_id,
            "remote_id": hold.remote_id, "quantity": hold.quantity, "status": "invoiced",
            "seats": self.printed(hold), "buyer": "Ticket Evolution", "total": total, "invoiced_at": hold.invoiced_at,
            "hold_reacquired": hold.reacquired, "replayed": replayed,
        }  # fmt: skip

    # -- what every call does ------------------------------------------------------------------------------------------

    def begin(self) -> list[str]:
        """Read the clock, never before what was committed; let what is due expire for good (rule 5); return whose."""
        self.now = max(self.clock.shows(), self.committed_at)
        due = sorted((hold.expires_at, hold.global_id) for hold in self.live() if self.now >= hold.expires_at)
        for _, global_id in due:
            self.expire(self.holds[global_id])
        return [global_id for _, global_id in due]

    def expire(self, hold: Hold) -> None:
        self.give_back(hold)
        self.put_hold(replace(hold, status="expired"))

    def live(self, remote_id: str | None = None) -> list[Hold]:
        """Return the live holds on one listing, or on all."""
        return [h for h in self.holds.values() if h.status == "held" and remote_id in (None, h.remote_id)]

    def listing(self, remote_id: str) -> Listing | None:
        return self.listings.get(remote_id) or self.built_in.get(remote_id)

    def available(self, remote_id: str) -> int:
        listing = self.listing(remote_id)
        return listing.available if listing is not None else 0

    def give_back(self, hold: Hold) -> int:
        """Make a live hold's tickets free again, unless they were sold elsewhere; return how many are free then."""
        listing = self.listing(hold.remote_id)
        if listing is not None and not hold.stolen and hold.remote_id not in self.built_in:
            self.put(listing.give_back(hold.quantity, hold.seats))
        return self.available(hold.remote_id)

    def printed(self, hold: Hold) -> tuple[str, ...]:
        listing = self.listing(hold.remote_id)
        return listing.printed(hold.seats) if listing is not None else ()

    def put(self, listing: Listing) -> Listing:
        """Keep a listing; those that stand beside the inventory never run out."""
        if listing.remote_id not in self.built_in:
            self.listings[listing.remote_id] = listing
        self.committed_at = self.now
        return listing

    def put_hold(self, hold: Hold) -> None:
        self.holds[hold.global_id] = hold
        self.committed_at = self.now
        if hold.status != "held":
            self.ended.setdefault(hold.global_id)
            for global_id in _beyond(self.ended, self.policy.remember_holds):  # rule 9
                del self.ended[global_id], self.holds[global_id]

    def leave_tombstone(self, global_id: str) -> None:
        if global_id not in self.released_early:
            self.released_early[global_id] = None
            self.committed_at = self.now
        for oldest in _beyond(self.released_early, self.policy.remember_releases):  # rule 9
            del self.released_early[oldest]


def _beyond(remembered: Iterable[str], most: int) -> list[str]:
    """Return the oldest of what is remembered, as many as there are too many."""
    known = list(remembered)
    return known[: max(0, len(known) - most)]
