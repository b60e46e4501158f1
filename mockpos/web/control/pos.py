"""Control calls for what the broker does in the POS on its own, whatever the automator is in the middle of."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mockpos.codecs.fields import BadDocument
from mockpos.codecs.fields import price as read_price
from mockpos.domain.errors import BadInput, MockMisuse
from mockpos.domain.hold import HoldStatus
from mockpos.domain.listing import Listing
from mockpos.services import pos
from mockpos.services.ports import Transaction
from mockpos.validation.schema import Strict, truth
from mockpos.web.control.calls import Context, ControlCall
from mockpos.web.control.holds import shown_hold
from mockpos.web.control.listing_fields import price, remote_id_field, whole, words
from mockpos.web.control.listings import changed, stored_listing
from mockpos.web.control.listings_page import shown


class Sale(Strict):
    """A sale to somebody else."""

    remote_id = remote_id_field(required=True)
    quantity = whole(required=True)
    steal_held = truth(load_default=False)


class Withdrawal(Strict):
    """A listing that the broker takes off sale."""

    remote_id = remote_id_field(required=True)
    superseded_by = remote_id_field(allow_none=True)


class NewPrice(Strict):
    """What a listing costs from now on."""

    remote_id = remote_id_field(required=True)
    wholesale_price = price(required=True)


class EndedHold(Strict):
    """The hold that ends."""

    global_id = words(128, 1, required=True)


def _sell(context: Context) -> Mapping[str, Any]:
    quantity = context.body["quantity"]

    def carry_out(tx: Transaction, between: Callable[[], None] = lambda: None) -> tuple[list[str], Mapping[str, Any]]:
        listing = stored_listing(tx, context.body["remote_id"])
        _check_sale(tx, listing, quantity, steal=context.body["steal_held"])
        broken = [hold.global_id for hold in pos.sell_held(tx, listing, quantity, between)]
        return broken, shown(listing, tx.stock(listing), tx.now)

    store = context.sandbox.store
    store.expire_due()
    if context.body["steal_held"] and store.hold_counts()[0] > _FEW_HOLDS:
        broken, listing = store.long_transaction(carry_out)
    else:
        with store.transaction() as tx:
            broken, listing = carry_out(tx)
    return {"sold_now": quantity, "broken_holds": broken, "listing": listing}


def _retire(context: Context) -> Mapping[str, Any]:
    by = context.body.get("superseded_by")
    if by == context.body["remote_id"]:
        raise BadInput("superseded_by: a listing cannot take its own place")
    return _put(context, lambda listing: replace(listing, retired=True, superseded_by=by))


def _reprice(context: Context) -> Mapping[str, Any]:
    try:
        amount = read_price(context.body, "wholesale_price")
    except BadDocument as error:
        raise BadInput(str(error)) from None
    return _put(context, lambda listing: replace(listing, wholesale_price=amount))


def _expire_hold(context: Context) -> Mapping[str, Any]:
    store, global_id = context.sandbox.store, context.body["global_id"]
    with store.transaction() as tx:
        hold = tx.hold(global_id)
        if hold is None:
            raise MockMisuse("mock_unknown_hold", f"There is no hold with the Global ID {global_id!r}.")
        if hold.status is not HoldStatus.HELD:
            raise MockMisuse("mock_pos_refused", f"The hold is {hold.status.value} already.")
        pos.expire(tx, hold)
        return shown_hold(tx.hold(global_id) or hold)


def _put(context: Context, change: Callable[[Listing], Listing]) -> Mapping[str, Any]:
    def carry_out(tx: Transaction) -> Listing:
        listing = change(stored_listing(tx, context.body["remote_id"]))
        tx.put(listing)
        return listing

    return changed(context, carry_out)


def _check_sale(tx: Transaction, listing: Listing, quantity: int, *, steal: bool) -> None:
    """Refuse a sale of more tickets than there are: of free ones, and of held ones where they may be stolen."""
    stock = tx.stock(listing)
    for_sale = stock.available + (stock.held if steal else 0)
    if quantity > for_sale:
        hint = "" if steal or not stock.held else f"; {stock.held} are held: steal_held sells those too"
        raise MockMisuse("mock_pos_refused", f"{quantity} cannot be sold: {stock.available} are free{hint}.")


_FEW_HOLDS = 200
"""With more live holds a sale that may break them lets other calls go on meanwhile."""

_ERRORS = ("mock_unknown_listing", "mock_listing_conflict")

CALLS = (
    ControlCall(
        area="pos", method="POST", path="/pos/sell", summary="Sell tickets to somebody else", serve=_sell, body=Sale,
        errors=(*_ERRORS, "mock_pos_refused"),
        description="Free tickets first. With steal_held also those of live holds, the newest hold first, as many "
        "as it takes; the invoice of a broken hold is rejected (invoice_rejected, reason sold_elsewhere).",
    ),
    ControlCall(
        area="pos", method="POST", path="/pos/retire", summary="Take a listing off sale", serve=_retire,
        body=Withdrawal, errors=_ERRORS,
        description="New holds meet listing_retired; live holds can still be invoiced.",
    ),
    ControlCall(
        area="pos", method="POST", path="/pos/reprice", summary="Change a wholesale price", serve=_reprice,
        body=NewPrice, errors=_ERRORS,
        description="For later holds only: a hold keeps the price it was made at.",
    ),
    ControlCall(
        area="pos", method="POST", path="/pos/expire-hold", summary="End a live hold now", serve=_expire_hold,
        body=EndedHold, errors=("mock_unknown_hold", "mock_pos_refused"),
        description="Whatever its TTL says; its tickets are free again.",
    ),
)  # fmt: skip
