"""The small world that machines play in, as mockpos has it and as the model has it, and how the two are compared."""

from typing import Any

from mockpos.domain import listing as domain
from mockpos.domain.listing import SplitType
from mockpos.domain.seats import Numbering
from mockpos.settings import Settings, read_settings
from mockpos.store.memory_store import MemoryStore
from mockpos.store.world import Limits, World
from mockpos.web.control.holds import shown_hold
from mockpos.web.control.listings_page import shown
from tests.conftest import a_listing, a_world
from tests.machine.calls import answer_of, call
from tests.machine.listing_model import Listing, a_model_listing
from tests.machine.model import Model, Policy
from tests.machine.pos_model import says_hold, says_listing

LISTINGS = (
    a_model_listing("TG-1", 12),
    a_model_listing("TG-2", 5, split="never_leave_one"),
    a_model_listing("TG-3", 4, first_seat=None, split="pairs", price="35.50"),
    a_model_listing("TG-4", 3, first_seat=11, step=2, split="all"),
)


def model_listings(*listings: Listing) -> dict[str, Listing]:
    return {listing.remote_id: listing for listing in listings or LISTINGS}


def real_world(policy: Policy, *listings: Listing) -> World:
    """Return mockpos's world with the same listings."""
    limits = Limits(policy.remember_holds, policy.remember_releases)
    return a_world(*map(real_listing, listings or LISTINGS), limits=limits)


def real_listing(listing: Listing) -> domain.Listing:
    numbers = [int(label) for label in listing.labels]
    numbering = Numbering(numbers[0], numbers[1] - numbers[0] if len(numbers) > 1 else 1) if numbers else None
    return a_listing(
        listing.remote_id, listing.quantity, numbering=numbering, split_type=SplitType(listing.split),
        wholesale_price=listing.price,
    )  # fmt: skip


def settings_of(policy: Policy, **more: str) -> Settings:
    given = {
        "hold_ttl": f"{policy.ttl_ms}ms",
        "lapsed_hold": "reacquire" if policy.reacquire else "strict",
        "orders_may_repeat": str(policy.orders_may_repeat),
        "remember_holds": str(policy.remember_holds),
        "remember_releases": str(policy.remember_releases),
    }
    return read_settings({**given, **more}, {})


def state_of_model(model: Model) -> dict[str, Any]:
    """Return everything a world says: listings, holds, and what is remembered in the order it is forgotten."""
    return {
        "listings": {key: says_listing(listing) for key, listing in model.listings.items()},
        "holds": {key: says_hold(hold) for key, hold in model.holds.items()},
        "ended": tuple(model.ended),
        "released_early": tuple(model.released_early),
    }


def state_of_store(store: MemoryStore) -> dict[str, Any]:
    world = store.snapshot()
    look, look_up = call("look"), call("look_up")
    listings = [answer_of(look, shown(listing, stock, world.committed_at)) for listing, stock in world.each_listing()]
    ended = [hold for hold, _ in world.each_closed()]
    holds = [answer_of(look_up, shown_hold(hold)) for hold in (*world.each_live(), *ended)]
    return {
        "listings": {each["remote_id"]: each for each in listings},
        "holds": {each["global_id"]: each for each in holds},
        "ended": tuple(hold.global_id for hold in ended),
        "released_early": tuple(key for key, _ in world.tombstones.items()),
    }
