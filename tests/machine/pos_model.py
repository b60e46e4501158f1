"""The model of what happens without the automator: the broker's own acts in the point of sale, looks, the clock.

It restates spec/control.md ("the POS acting on its own", "Clock") and the ``pos`` of spec/scenarios.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tests.machine.calls import Call
from tests.machine.clock_model import Clock
from tests.machine.listing_model import Listing
from tests.machine.model import Answer, Hold, Model, Refused


@dataclass
class Sandbox(Model):
    """A sandbox with everything that a control call may do to it."""

    origin: dict[str, Listing] = field(default_factory=dict)
    """What a reset goes back to."""

    def __post_init__(self) -> None:
        self.origin = self.origin or {key: listing.untouched() for key, listing in self.listings.items()}

    def answer(self, call: Call) -> Answer:
        """Carry out a call and return its answer, a refusal too."""
        try:
            answer: Answer = getattr(self, call.name)(**dict(call.arguments))
        except Refused as refused:
            return refused.answer
        return answer

    def machine_shows(self, moment: int) -> None:
        """Let the machine's clock go on, or jump."""
        self.clock = replace(self.clock, machine=moment)

    def started(self) -> None:
        """Stop and start, or die and start: nothing is lost, and a reset goes back to what was found at the start."""
        self.origin = {key: listing.untouched() for key, listing in self.listings.items()}

    # -- control calls -------------------------------------------------------------------------------------------------

    def sell(self, remote_id: str, quantity: int, steal_held: bool = False) -> Answer:
        """Free seats; with ``steal_held`` those of live holds too, the newest first, as many as it takes."""
        self.begin()
        listing = self.stored(remote_id)
        if quantity > listing.available + (listing.held if steal_held else 0):
            raise Refused("mock_pos_refused")
        wanted = quantity - self.sell_free(remote_id, quantity)
        broken: list[str] = []
        newest_first = sorted(self.live(remote_id), key=lambda hold: (hold.held_at, hold.global_id), reverse=True)
        for hold in newest_first:
            if wanted and not hold.stolen:
                wanted = self.break_hold(hold, wanted)
                broken.append(hold.global_id)
        return {"sold_now": quantity, "broken_holds": tuple(broken), **says_listing(self.stored(remote_id))}

    def retire(self, remote_id: str, superseded_by: str | None = None) -> Answer:
        self.begin()
        listing = replace(self.stored(remote_id), retired=True, superseded_by=superseded_by)
        return says_listing(self.put(listing))

    def reprice(self, remote_id: str, price: str) -> Answer:
        """For later holds only."""
        self.begin()
        return says_listing(self.put(replace(self.stored(remote_id), price=Decimal(price))))

    def put_back(self, remote_id: str) -> Answer:
        """Take a withdrawal back."""
        return self.change(remote_id, retired=False, superseded_by=None)

    def broadcast(self, remote_id: str, on: bool) -> Answer:
        return self.change(remote_id, broadcast=on)

    def change(self, remote_id: str, **changes: Any) -> Answer:
        self.begin()
        listing = self.stored(remote_id)
        changed = replace(listing, **changes)
        if changed != listing:
            self.put(changed)
        return says_listing(changed)

    def expire_hold(self, global_id: str) -> Answer:
        self.begin()
        hold = self.holds.get(global_id)
        if hold is None:
            raise Refused("mock_unknown_hold")
        if hold.status != "held":
            raise Refused("mock_pos_refused")
        self.expire(replace(hold, expires_at=self.now))
        return says_hold(self.holds.get(global_id) or replace(hold, status="expired", expires_at=self.now))

    def look(self, remote_id: str) -> Answer:
        self.begin()
        return says_listing(self.stored(remote_id))

    def look_up(self, global_id: str) -> Answer:
        self.begin()
        hold = self.holds.get(global_id)
        if hold is None:
            raise Refused("mock_unknown_hold")
        return says_hold(hold)

    def set_clock(
        self, advance: int = 0, to: int | None = None, freeze: bool | None = None, reset: bool = False
    ) -> Answer:
        """Change the clock in one of four ways; what was due before expires first, what is due then follows."""
        expired = self.begin()
        if reset:
            self.clock = self.clock.reset()
        elif to is not None:
            self.clock = self.clock.moved_to(to)
        elif freeze is not None:
            self.clock = self.clock.frozen(self.now) if freeze else self.clock.going(self.now)
        else:
            self.clock = self.clock.moved_to(self.now + advance)
        self.committed_at = self.clock.shows()  # set back on purpose, time does go back
        expired += self.begin()
        return {"now": self.clock.shows(), "frozen": self.clock.frozen_at is not None, "expired": tuple(expired)}

    def start_anew(self) -> Answer:
        """Reset the sandbox: the listings it began with, all free; nothing held, sold or remembered."""
        self.listings = dict(self.origin)
        self.holds, self.ended, self.released_early = {}, {}, {}
        self.invoices_made = self.committed_at = 0
        self.clock = Clock(self.clock.machine)
        return {"listings": len(self.listings)}

    # -- what a scenario lets happen in the same transaction as a call's commit ----------------------------------------

    def act(self, actions: Sequence[dict[str, Any]], global_id: str) -> None:
        """Do one action after the other to the listing and the hold of one call."""
        for action in actions:
            (name, value), hold = *action.items(), self.holds.get(global_id)
            if hold is None or self.listing(hold.remote_id) is None:
                continue
            listing = self.listing(hold.remote_id)
            assert listing is not None
            match name:
                case "sell_rest":
                    self.sell_free(hold.remote_id, listing.available)
                case "sell":
                    self.sell_free(hold.remote_id, value)
                case "steal" if hold.status == "held" and not hold.stolen:
                    self.steal(hold)
                case "expire_hold" if hold.status == "held":
                    self.expire(replace(hold, expires_at=self.now))
                case "retire":
                    self.put(replace(listing, retired=True, superseded_by=value["superseded_by"]))
                case "reprice":
                    self.put(replace(listing, price=Decimal(value)))

    # -- parts ---------------------------------------------------------------------------------------------------------

    def stored(self, remote_id: str) -> Listing:
        listing = self.listings.get(remote_id)
        if listing is None:
            raise Refused("mock_unknown_listing")
        return listing

    def sell_free(self, remote_id: str, quantity: int) -> int:
        """Sell up to so many of the free tickets to somebody else; return how many."""
        listing = self.listing(remote_id)
        assert listing is not None
        sold = min(quantity, listing.available)
        if sold:
            self.put(listing.take(sold, listing.choose(sold)).sell(sold))
        return sold

    def steal(self, hold: Hold) -> None:
        """Sell a live hold's tickets to somebody else. Its caller learns it when the invoice is rejected."""
        listing = self.listing(hold.remote_id)
        assert listing is not None
        self.put(listing.sell(hold.quantity))
        self.put_hold(replace(hold, stolen=True))

    def break_hold(self, hold: Hold, wanted: int) -> int:
        """Steal as many of a hold's tickets as are wanted, free the others, and return how many are wanted still."""
        self.steal(hold)
        beyond = max(0, hold.quantity - wanted)
        listing = self.stored(hold.remote_id)
        bought = listing.choose(hold.quantity - beyond, among=hold.seats)
        self.put(listing.sell(-beyond).give_back(beyond, hold.seats - bought if beyond else frozenset()))
        return wanted - (hold.quantity - beyond)


def says_listing(listing: Listing) -> Answer:
    return {
        "remote_id": listing.remote_id, "available": listing.available, "held": listing.held, "sold": listing.sold,
        "free_seats": listing.printed(listing.free), "retired": listing.retired, "broadcast": listing.broadcast,
        "superseded_by": listing.superseded_by, "wholesale_price": f"{listing.price:.2f}",
        "splits": tuple(listing.valid_quantities()),
    }  # fmt: skip


def says_hold(hold: Hold) -> Answer:
    return {
        "global_id": hold.global_id, "remote_id": hold.remote_id, "quantity": hold.quantity, "status": hold.status,
        "held_at": hold.held_at, "expires_at": hold.expires_at, "stolen": hold.stolen, "invoice_id": hold.invoice_id,
    }  # fmt: skip
