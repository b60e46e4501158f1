"""The automator: the three operations on one store, under one set of policies."""

from collections.abc import Sequence
from dataclasses import dataclass

from mockpos.domain.hold import Hold
from mockpos.scenario.outcomes import PosAction
from mockpos.services.create_invoice import InvoiceAnswer, InvoicePolicy, create_invoice
from mockpos.services.place_hold import HoldAnswer, place_hold
from mockpos.services.ports import Store
from mockpos.services.pos import act
from mockpos.services.release_hold import ReleaseAnswer, hold_not_found, release_hold


@dataclass(frozen=True, slots=True)
class Automator:
    """What TEvo calls. Each call is one transaction, and returns once its outcome is as durable as asked.

    A refusal waits for that too: it may rest on another call's commit that a loss of power could still undo.
    ``pos`` is what the broker does in the same transaction, when the call changes anything.
    """

    store: Store
    hold_ttl_ms: int
    invoice_policy: InvoicePolicy

    def hold(self, *, remote_id: str, quantity: int, global_id: str, pos: Sequence[PosAction] = ()) -> HoldAnswer:
        """Hold tickets of a listing. Raises Refusal."""
        try:
            with self.store.transaction() as tx:
                answer = place_hold(
                    tx, remote_id=remote_id, quantity=quantity, global_id=global_id, ttl_ms=self.hold_ttl_ms
                )
                if pos and not answer.replayed:
                    act(tx, pos, answer.hold)
                return answer
        finally:
            self.store.settle()

    def release(self, *, global_id: str, pos: Sequence[PosAction] = ()) -> ReleaseAnswer:
        """Release a hold. Raises Refusal."""
        try:
            with self.store.transaction() as tx:
                answer = release_hold(tx, global_id=global_id)
                if pos and answer.hold is not None and not answer.replayed:
                    act(tx, pos, answer.hold)
        finally:
            self.store.settle()
        if answer.hold is None:  # refused only now: the tombstone had to be committed
            raise hold_not_found(global_id)
        return answer

    def invoice(self, *, global_id: str, order_id: str, pos: Sequence[PosAction] = ()) -> InvoiceAnswer:
        """Invoice a hold to TEvo's order. Raises Refusal."""
        try:
            with self.store.transaction() as tx:
                answer = create_invoice(tx, global_id=global_id, order_id=order_id, policy=self.invoice_policy)
                hold = tx.hold(global_id) if pos and not answer.replayed else None
                if hold is not None:
                    act(tx, pos, hold)
                return answer
        finally:
            self.store.settle()

    def peek(self, global_id: str) -> Hold | None:
        """Look at a hold, alive or remembered, without a transaction: what a scenario's rules may know of it."""
        return self.store.peek(global_id)
