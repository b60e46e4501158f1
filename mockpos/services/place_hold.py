"""Place a hold: TEvo asks for tickets before it accepts the buyer's order."""

from difflib import get_close_matches
from typing import NamedTuple

from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.counted import counted
from mockpos.domain.errors import Refusal
from mockpos.domain.hold import Hold, HoldStatus
from mockpos.domain.identifiers import BUILT_IN_PREFIX, near_ids
from mockpos.domain.listing import Listing, Stock, allows, valid_quantities
from mockpos.domain.seats import take
from mockpos.scenario.magic import MAGIC
from mockpos.services.ports import Transaction

_LONGEST_COMPARED = 64
_MOST_TOLD = 5
_MOST_SORTED = 1_000
"""Held tickets of a listing whose holds are looked through for a refusal: with more, a refused call would be slow."""


class HoldAnswer(NamedTuple):
    """A hold, and whether it was there before this call."""

    hold: Hold
    replayed: bool


def place_hold(tx: Transaction, *, remote_id: str, quantity: int, global_id: str, ttl_ms: int) -> HoldAnswer:
    """Take ``quantity`` tickets of a listing for a Global ID, for ``ttl_ms`` milliseconds.

    The order of checks is the contract's: Global ID, listing, quantity, split. Raises Refusal.
    """
    earlier = _answer_of_global_id(tx, remote_id, quantity, global_id)
    if earlier is not None:
        return HoldAnswer(earlier, replayed=True)
    listing = _sellable(tx, remote_id)
    stock = tx.stock(listing)
    _check_quantity(tx, listing, stock, quantity)
    taken, free = take(stock.free, quantity) if listing.numbering else ((), 0)
    left = stock.available - quantity
    hold = Hold(
        global_id=global_id,
        remote_id=remote_id,
        quantity=quantity,
        status=HoldStatus.HELD,
        held_at=tx.now,
        expires_at=Millis(tx.now + ttl_ms),
        unit_price=listing.wholesale_price,
        seats=taken,
        numbering=listing.numbering,
        available_after_hold=left,
    )
    tx.put(Stock(remote_id, left, stock.held + quantity, stock.sold, free, stock.last_sold_at))
    tx.put(hold)
    return HoldAnswer(hold, replayed=False)


def _answer_of_global_id(tx: Transaction, remote_id: str, quantity: int, global_id: str) -> Hold | None:
    """Return the hold to replay, or None when the id is new (contract rules 2 and 3)."""
    hold = tx.hold(global_id)
    if hold is None:
        if tx.tombstone(global_id):
            raise Refusal(
                "global_id_closed",
                f"The Global ID {global_id} was released before this hold came; hold with a new one.",
                hold_status="released_before_hold",
            )
        return None
    if hold.status is not HoldStatus.HELD:
        raise Refusal(
            "global_id_closed",
            f"The Global ID {global_id} was {_ENDINGS[hold.status]}; hold with a new one.",
            hold_status=hold.status.value,
        )
    if not hold.is_for(remote_id, quantity):
        raise Refusal(
            "global_id_conflict",
            f"The Global ID {global_id} holds {hold.quantity} of {hold.remote_id} right now.",
        )
    return hold


_ENDINGS = {HoldStatus.RELEASED: "released", HoldStatus.EXPIRED: "left to expire", HoldStatus.INVOICED: "invoiced"}


def _sellable(tx: Transaction, remote_id: str) -> Listing:
    listing = tx.listing(remote_id)
    if listing is None:
        raise Refusal(
            "listing_not_found",
            f"No listing has the Remote ID {remote_id}.",
            remote_id=remote_id,
            did_you_mean=_near(tx, remote_id),
        )
    if listing.retired:
        successor = listing.superseded_by
        detail = f"{remote_id} was replaced by {successor}." if successor else f"{remote_id} was withdrawn."
        raise Refusal("listing_retired", detail, superseded_by=successor)
    reason = listing.not_for_sale_because(tx.now)
    if reason is not None:
        raise Refusal("listing_not_for_sale", f"{remote_id} is not for sale: {reason}.", reason=reason)
    return listing


def _near(tx: Transaction, wrong: str) -> str | None:
    """Return the Remote ID that was probably meant; of the magic ones, whose names are words, the most alike."""
    near = next((near for near in near_ids(wrong) if tx.listing(near)), None)
    if near is None and wrong.upper().startswith(BUILT_IN_PREFIX):
        alike = get_close_matches(wrong.upper()[:_LONGEST_COMPARED], [magic.remote_id for magic in MAGIC], n=1)
        near = alike[0] if alike and tx.listing(alike[0]) else None
    return near


def _check_quantity(tx: Transaction, listing: Listing, stock: Stock, quantity: int) -> None:
    refusal = _shortage(tx, listing, stock, quantity)
    if refusal is not None:
        refusal.why = _holders(tx, stock)
        raise refusal


def _shortage(tx: Transaction, listing: Listing, stock: Stock, quantity: int) -> Refusal | None:
    """Return why so many tickets cannot be held, if they cannot."""
    remote_id = listing.remote_id
    unsold = listing.quantity - stock.sold
    if unsold == 0:
        when = f"; the last were sold on {rfc3339(stock.last_sold_at)}" if stock.last_sold_at is not None else ""
        return Refusal("listing_sold_out", f"{remote_id} has no tickets left{when}.")
    if quantity > unsold:
        detail = f"{remote_id} has {_tickets(unsold, 'unsold')}; {quantity} were asked for."
        return Refusal("insufficient_quantity", detail, available_quantity=stock.available)
    if quantity > stock.available:
        expiry = tx.next_expiry(remote_id)
        return Refusal(
            "held_by_another",
            f"{remote_id} has {_tickets(stock.available, 'free')}; {quantity} were asked for, "
            f"and {stock.held} are under other holds.",
            available_quantity=stock.available,
            next_expiry_at=rfc3339(expiry) if expiry is not None else None,
        )
    if allows(listing.split_type, listing.custom_splits, quantity, stock.available):
        return None
    valid = valid_quantities(listing.split_type, listing.custom_splits, stock.available)
    detail = f"{remote_id} cannot be sold in {quantity}; {_valid(valid)}."
    return Refusal("invalid_split", detail, valid_quantities=valid)


def _holders(tx: Transaction, stock: Stock) -> str:
    """Say who holds tickets of a listing and until when, the first to end first."""
    if not stock.held:
        return ""
    if stock.held > _MOST_SORTED:
        first = tx.next_expiry(stock.remote_id)
        until = f", the first until {rfc3339(first)}" if first is not None else ""
        return f"{stock.held} tickets are under live holds{until}."
    holds = sorted(
        (hold for hold in tx.live_holds(stock.remote_id) if not hold.stolen), key=lambda hold: hold.expires_at
    )
    told = [f"{hold.global_id} holds {hold.quantity} until {rfc3339(hold.expires_at)}" for hold in holds[:_MOST_TOLD]]
    if len(holds) > _MOST_TOLD:
        told.append(counted(len(holds) - _MOST_TOLD, "more hold"))
    return "; ".join(told) + "." if told else ""


def _tickets(count: int, kind: str) -> str:
    return counted(count, f"{kind} ticket")


def _valid(quantities: list[int]) -> str:
    if not quantities:
        return "no quantity is valid for what is left"
    if len(quantities) == 1:
        return f"the only valid quantity is {quantities[0]}"
    shown = [str(quantity) for quantity in quantities[:12]]
    more = ", ..." if len(quantities) > len(shown) else ""
    return f"valid quantities are {', '.join(shown[:-1])} and {shown[-1]}{more}"
