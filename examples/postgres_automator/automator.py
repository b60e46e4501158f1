"""The three decisions, each in one transaction. The order of locks is always the same: the listing, then its holds.

Any number of processes and machines may do this on one database: what they share is the row lock of the listing, the
unique Global ID and the unique Order ID.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from tables import EXPIRED, HELD, INVOICED, NEVER_HELD, RELEASED, Hold, Listing

Answer = dict[str, object]
HOLD_FOR = timedelta(seconds=float(os.environ.get("HOLD_SECONDS", "900")))
_DEADLOCK, _UNIQUE = "40P01", "23505"
_TRIES = 5


class Refused(Exception):
    """A call is refused, with a status and a code for programs and a sentence for people."""


class Automator:
    """Answers hold, release and invoice."""

    def __init__(self, begin: sessionmaker[Session]) -> None:
        self._begin = begin

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer:
        """Hold tickets, or answer as before when the same hold comes again."""
        return self._in_transaction(lambda session: _hold(session, remote_id, quantity, global_id))

    def release(self, global_id: str) -> Answer:
        """Give held tickets back. Releasing again, or after the hold lapsed, is a success too."""
        return self._in_transaction(lambda session: _release(session, global_id))

    def invoice(self, global_id: str, order_id: str) -> Answer:
        """Sell held tickets, once."""
        return self._in_transaction(lambda session: _invoice(session, global_id, order_id))

    def _in_transaction(self, decide: Callable[[Session], Answer | Refused]) -> Answer:
        """Decide in one transaction, again when another one came first. A refusal is committed too: it may remember."""
        for attempt in range(1, _TRIES + 1):
            try:
                with self._begin.begin() as session:
                    decided = decide(session)
                break
            except (IntegrityError, OperationalError) as error:
                if attempt == _TRIES or _sqlstate(error) not in (_DEADLOCK, _UNIQUE):
                    raise
        if isinstance(decided, Refused):
            raise decided
        return decided


def _hold(session: Session, remote_id: str, quantity: int, global_id: str) -> Answer | Refused:
    listing = _locked_listing(session, remote_id)
    known = session.get(Hold, global_id, with_for_update=True)
    if known is not None and known.state != HELD:
        return Refused(409, "global_id_closed", f"{global_id} is {known.state}; take a new one.")
    if known is not None and (known.remote_id, known.quantity) != (remote_id, quantity):
        return Refused(409, "global_id_conflict", f"{global_id} holds something else.")
    if known is not None and known.answer is not None:
        return {**known.answer, "replayed": True}
    if listing is None:
        return Refused(404, "listing_not_found", f"There is no listing {remote_id}.")
    if quantity > listing.free:
        code = "listing_sold_out" if listing.free == 0 else "insufficient_quantity"
        return Refused(409, code, f"{listing.free} tickets of {remote_id} are free.")
    if not listing.allows(quantity):
        return Refused(422, "invalid_split", f"{quantity} of {listing.free} cannot be sold together.")
    listing.free -= quantity
    now = _now(session)
    answer: Answer = {
        "global_id": global_id, "remote_id": remote_id, "quantity": quantity, "status": HELD, "held_at": _rfc3339(now),
        "expires_at": _rfc3339(now + HOLD_FOR), "available_quantity": listing.free, "replayed": False,
    }  # fmt: skip
    session.add(Hold(global_id=global_id, remote_id=remote_id, quantity=quantity, state=HELD,
                     expires_at=now + HOLD_FOR, answer=answer))  # fmt: skip
    return answer


def _release(session: Session, global_id: str) -> Answer | Refused:
    hold, listing = _locked_hold(session, global_id)
    if hold is None:  # remembered, because its hold may be on the way still
        session.execute(insert(Hold).values(global_id=global_id, state=NEVER_HELD, quantity=0))
    if hold is None or listing is None:
        return Refused(404, "hold_not_found", f"{global_id} was never held.")
    if hold.state == INVOICED:
        return Refused(409, "hold_already_invoiced", f"{global_id} is sold; a release does not undo that.")
    if hold.state == HELD:
        listing.free += hold.quantity
    hold.state = RELEASED
    return {"global_id": global_id, "remote_id": hold.remote_id, "quantity": hold.quantity, "status": RELEASED,
            "available_quantity": listing.free}  # fmt: skip


def _invoice(session: Session, global_id: str, order_id: str) -> Answer | Refused:
    hold, listing = _locked_hold(session, global_id)
    if hold is None or listing is None:
        return Refused(404, "hold_not_found", f"{global_id} was never held.")
    if hold.state == INVOICED and hold.order_id == order_id and hold.sale is not None:
        return {**hold.sale, "replayed": True}
    if hold.state == EXPIRED:
        return Refused(410, "hold_expired", f"{global_id} has lapsed.")
    if hold.state == RELEASED:
        return Refused(409, "hold_released", f"{global_id} was released.")
    taken = session.scalar(select(Hold.global_id).where(Hold.order_id == order_id))
    if hold.state == INVOICED or taken is not None:
        return Refused(409, "order_id_conflict", f"{global_id} or order {order_id} is invoiced already.")
    hold.state, hold.order_id = INVOICED, order_id
    hold.sale = {
        "global_id": global_id, "order_id": order_id, "invoice_id": f"INV-{global_id}", "remote_id": hold.remote_id,
        "quantity": hold.quantity, "status": INVOICED, "invoiced_at": _rfc3339(_now(session)), "replayed": False,
        "total": {"amount": str(listing.price * hold.quantity), "currency": "USD"},
    }  # fmt: skip
    return hold.sale


def _locked_hold(session: Session, global_id: str) -> tuple[Hold | None, Listing | None]:
    """Return a hold and its listing, both locked: the listing first, as everywhere."""
    remote_id = session.scalar(select(Hold.remote_id).where(Hold.global_id == global_id))
    listing = _locked_listing(session, remote_id) if remote_id is not None else None
    return session.get(Hold, global_id, with_for_update=True, populate_existing=True), listing


def _locked_listing(session: Session, remote_id: str) -> Listing | None:
    """Return a listing, locked until the transaction ends, after its lapsed holds have ended."""
    listing = session.get(Listing, remote_id, with_for_update=True)
    if listing is not None:
        lapsed = update(Hold).where(Hold.remote_id == remote_id, Hold.state == HELD, Hold.expires_at <= _now(session))
        freed = session.scalars(lapsed.values(state=EXPIRED).returning(Hold.quantity)).all()
        listing.free += sum(freed)
    return listing


def _now(session: Session) -> datetime:
    """Return the database's time: all machines agree on it, and it is read after the wait for a lock."""
    now = session.scalar(select(func.clock_timestamp()))
    assert now is not None
    return now


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
