"""What the store tests act with: an automator over a store, outcomes as plain values, and a look at all stock."""

from collections.abc import Callable
from typing import Any

from mockpos.domain.errors import Refusal
from mockpos.domain.seats import runs_of
from mockpos.services.automator import Automator
from mockpos.services.create_invoice import InvoicePolicy, LapsedHold
from mockpos.store.memory_store import MemoryStore

TTL = 900_000


class AnsweredAutomator(Automator):
    """An automator whose calls return when they are answered: once the disk has what they rest on."""

    def _carry_out(self, *given: Any) -> Any:
        try:
            answer = super()._carry_out(*given)
        except Refusal:
            self.store.settle()
            raise
        self.store.settle()
        return answer


def automator(store: MemoryStore, *, reacquire: bool = False, orders_may_repeat: bool = False) -> Automator:
    lapsed = LapsedHold.REACQUIRE if reacquire else LapsedHold.STRICT
    return AnsweredAutomator(store, TTL, InvoicePolicy(lapsed, orders_may_repeat))


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    """Make a call and return the code of its refusal, or "ok" or "replayed"."""
    try:
        answer = call(**arguments)
    except Refusal as refusal:
        return refusal.code
    return "replayed" if answer.replayed else "ok"


def refusal_of(call: Callable[..., Any], **arguments: Any) -> Refusal:
    try:
        call(**arguments)
    except Refusal as refusal:
        return refusal
    raise AssertionError("was not refused")


def held(store: MemoryStore, global_id: str, quantity: int = 1, remote_id: str = "TG-1") -> Any:
    return automator(store).hold(remote_id=remote_id, quantity=quantity, global_id=global_id).hold


def stock_of(store: MemoryStore, remote_id: str = "TG-1") -> tuple[int, int, int]:
    """Return (available, held, sold)."""
    for listing, stock in store.listings():
        if listing.remote_id == remote_id:
            return stock.available, stock.held, stock.sold
    raise AssertionError(f"{remote_id} is not there")


def assert_adds_up(store: MemoryStore) -> None:
    """Contract rule 1: quantity = available + held + sold, and the free seats are as many as are available."""
    world = store.snapshot()
    for listing, stock in world.each_listing():
        assert stock.available + stock.held + stock.sold == listing.quantity, listing.remote_id
        assert min(stock.available, stock.held, stock.sold) >= 0
        assert stock.free.bit_count() == (stock.available if listing.numbering else 0)
        live = [hold for hold in world.each_live() if hold.remote_id == listing.remote_id and not hold.stolen]
        assert sum(hold.quantity for hold in live) == stock.held
        if listing.numbering:
            seats = [position for runs in (runs_of(stock.free), *(hold.seats for hold in live)) for run in runs
                     for position in range(*run)]  # fmt: skip
            assert len(seats) == len(set(seats)) == stock.available + stock.held


def state_of(store: MemoryStore) -> dict[str, object]:
    """Return everything a world says, as plain values, so that two can be compared."""
    world = store.snapshot()
    return {
        "listings": list(world.each_listing()),
        "live": {hold.global_id: hold for hold in world.each_live()},
        "closed": list(world.each_closed()),
        "tombstones": dict(world.tombstones.items()),
        "orders": dict(world.orders.items()),
        "invoices_made": world.invoices_made,
        "forgotten": (world.closed.forgotten, world.tombstones.forgotten),
        "committed_at": world.committed_at,
    }
