"""The automator: the three operations on one store, under one set of policies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mockpos.domain.calls import StateView
from mockpos.scenario.outcomes import PosAction
from mockpos.services.create_invoice import InvoiceAnswer, InvoicePolicy, create_invoice
from mockpos.services.place_hold import HoldAnswer, place_hold
from mockpos.services.ports import Store, Transaction
from mockpos.services.pos import act
from mockpos.services.release_hold import ReleaseAnswer, hold_not_found, release_hold


class CallEffect(Protocol):
    """Filled in by the automator while it carries a call out, inside the call's own transaction."""

    before: StateView | None
    after: StateView | None
    committed: bool


def state_of(tx: Transaction, remote_id: str | None, global_id: str) -> StateView:
    """Look at one listing and one Global ID; without a Remote ID, at the listing of the hold."""
    hold = tx.hold(global_id)
    if remote_id is None and hold is not None:
        remote_id = hold.remote_id
    listing = tx.listing(remote_id) if remote_id is not None else None
    status = hold.status if hold is not None else None
    if listing is None:
        return StateView(hold_status=status)
    stock = tx.stock(listing)
    return StateView(stock.available, stock.held, stock.sold, status)


A = TypeVar("A", HoldAnswer, ReleaseAnswer, InvoiceAnswer)


@dataclass(frozen=True, slots=True)
class Automator:
    """What TEvo calls. Each call is one transaction. Who answers it waits for the disk first (``Store.settle``).

    ``pos`` is what the broker does in the same transaction, when the call changes anything; ``effect`` is filled in.
    """

    store: Store
    hold_ttl_ms: int
    invoice_policy: InvoicePolicy

    def hold(
        self, *, remote_id: str, quantity: int, global_id: str,
        pos: Sequence[PosAction] = (), effect: CallEffect | None = None,
    ) -> HoldAnswer:  # fmt: skip
        """Hold tickets of a listing. Raises Refusal."""
        ttl_ms = self.hold_ttl_ms
        return self._carry_out(
            lambda tx: place_hold(tx, remote_id=remote_id, quantity=quantity, global_id=global_id, ttl_ms=ttl_ms),
            global_id,
            remote_id,
            pos,
            effect,
        )

    def release(
        self, *, global_id: str, pos: Sequence[PosAction] = (), effect: CallEffect | None = None
    ) -> ReleaseAnswer:
        """Release a hold. Raises Refusal."""
        answer = self._carry_out(lambda tx: release_hold(tx, global_id=global_id), global_id, None, pos, effect)
        if answer.hold is None:  # refused only now: the tombstone had to be committed
            raise hold_not_found(global_id)
        return answer

    def invoice(
        self, *, global_id: str, order_id: str, pos: Sequence[PosAction] = (), effect: CallEffect | None = None
    ) -> InvoiceAnswer:
        """Invoice a hold to TEvo's order. Raises Refusal."""
        policy = self.invoice_policy
        return self._carry_out(
            lambda tx: create_invoice(tx, global_id=global_id, order_id=order_id, policy=policy),
            global_id,
            None,
            pos,
            effect,
        )

    def _carry_out(
        self,
        operation: Callable[[Transaction], A],
        global_id: str,
        remote_id: str | None,
        pos: Sequence[PosAction],
        effect: CallEffect | None,
    ) -> A:
        """Run one operation in its transaction."""
        self.store.catch_up(remote_id, global_id)
        with self.store.transaction() as tx:
            if effect is not None:
                effect.before = effect.after = state_of(tx, remote_id, global_id)
            answer = operation(tx)
            if pos and not answer.replayed:
                hold = tx.hold(global_id)
                if hold is not None:
                    act(tx, pos, hold)
            if effect is not None and not answer.replayed:
                effect.after, effect.committed = state_of(tx, remote_id, global_id), True
        return answer
