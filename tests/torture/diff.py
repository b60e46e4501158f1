"""Whether what is seen of one Global ID is what is known of it, to the last field. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from tests.torture.histories import Call, History, Known, State
from tests.torture.inventories import UNNUMBERED
from tests.torture.observed import Hold, Invoice, ObservedWorld

_STATES = {
    "held": State.HELD,
    "expired": State.EXPIRED,
    "released": State.RELEASED,
    "invoiced": State.INVOICED,
}


def state_seen(sight: ObservedWorld, global_id: str) -> State:
    """Return what has become of a Global ID, as far as can be seen."""
    hold = sight.holds.get(global_id)
    if hold is not None:
        return _STATES[hold.status]
    return State.TOMBSTONE if global_id in sight.tombstones else State.NOTHING


def differs(sight: ObservedWorld, global_id: str, known: Known) -> str | None:
    """Say how what is seen differs from what is known, or None where it does not."""
    hold, invoice = sight.holds.get(global_id), sight.invoices.get(global_id)
    seen = state_seen(sight, global_id)
    if seen not in _states_that_fit(sight, hold, global_id, known):
        return f"{known.state} by its answers, {seen} is seen"
    if (invoice is not None) != (known.state is State.INVOICED):
        return f"{known.state} by its answers, its invoice is {invoice}"
    if hold is None:
        return None
    wrong = [*_wrong_in_hold(hold, known), *(_wrong_in_invoice(invoice, hold, known) if invoice else ())]
    return f"{', '.join(wrong)}: {known} by its answers, {hold} {invoice or ''} is seen" if wrong else None


def truth_seen(sight: ObservedWorld, story: History) -> tuple[Known, str | None]:
    """Take what is seen for true where anything whole may be, and say what is not whole about it."""
    hold, invoice = sight.holds.get(story.global_id), sight.invoices.get(story.global_id)
    state = state_seen(sight, story.global_id)
    if hold is None:
        return Known(state), None if invoice is None else f"{invoice} without a hold"
    known = Known(state, hold.remote_id, hold.quantity, invoice.order_id if invoice else "")
    asked: list[Call | Known] = [*story.calls, story.known]
    if (hold.remote_id, hold.quantity) not in [(each.remote_id, each.quantity) for each in asked]:
        return known, f"{hold} is not what was asked for"
    if invoice is not None and invoice.order_id not in [each.order_id for each in asked]:
        return known, f"{invoice} is not what was asked for"
    return known, differs(sight, story.global_id, known)


def _states_that_fit(sight: ObservedWorld, hold: Hold | None, global_id: str, known: Known) -> set[State]:
    states = {known.state}
    if known.state is State.HELD and hold is not None:
        if hold.expires_at <= sight.since:
            states = {State.EXPIRED, State.HELD} if sight.is_file else {State.EXPIRED}
        elif hold.expires_at <= sight.until:
            states = {State.EXPIRED, State.HELD}
    if known.state is State.EXPIRED and hold is not None and hold.expires_at > sight.until:
        states = set()  # it was called expired before its time
    if sight.looked_for is not None and global_id not in sight.looked_for and known.state is State.TOMBSTONE:
        states = {State.NOTHING}
    return states


def _wrong_in_hold(hold: Hold, known: Known) -> Iterator[str]:
    if (hold.remote_id, hold.quantity) != (known.remote_id, known.quantity):
        yield "listing or quantity"
    if len(hold.seats) != (0 if hold.remote_id == UNNUMBERED else hold.quantity):
        yield "number of seats"
    if known.held is not None:
        told = replace(
            hold, seats=tuple(map(int, known.held["seats"])), held_at=known.held["held_at"],
            expires_at=known.held["expires_at"],
        )  # fmt: skip
        if hold != told:
            yield "seats or times"
    if (hold.released_at is not None) != (known.state is State.RELEASED):
        yield "moment of the release"
    if known.state is State.RELEASED and known.ended is not None and hold.released_at != known.ended["released_at"]:
        yield "moment of the release"


def _wrong_in_invoice(invoice: Invoice, hold: Hold, known: Known) -> Iterator[str]:
    if (invoice.remote_id, invoice.quantity, invoice.seats) != (hold.remote_id, hold.quantity, hold.seats):
        yield "invoice of other tickets"
    if invoice.order_id != known.order_id or invoice.invoice_id != hold.invoice_id:
        yield "order or invoice id"
    told = known.ended
    if told is not None and (invoice.invoice_id, invoice.total, invoice.invoiced_at) != (
        told["invoice_id"], told["total"]["amount"], told["invoiced_at"],
    ):  # fmt: skip
        yield "invoice"
