"""The automator: the three operations on one store, under one set of policies."""

from dataclasses import dataclass

from mockpos.services.create_invoice import InvoiceAnswer, InvoicePolicy, create_invoice
from mockpos.services.place_hold import HoldAnswer, place_hold
from mockpos.services.ports import Store
from mockpos.services.release_hold import ReleaseAnswer, hold_not_found, release_hold


@dataclass(frozen=True, slots=True)
class Automator:
    """What TEvo calls. Each call is one transaction, and returns once its outcome is as durable as asked.

    A refusal waits for that too: it may rest on another call's commit that a loss of power could still undo.
    """

    store: Store
    hold_ttl_ms: int
    invoice_policy: InvoicePolicy

    def hold(self, *, remote_id: str, quantity: int, global_id: str) -> HoldAnswer:
        """Hold tickets of a listing. Raises Refusal."""
        try:
            with self.store.transaction() as tx:
                return place_hold(
                    tx, remote_id=remote_id, quantity=quantity, global_id=global_id, ttl_ms=self.hold_ttl_ms
                )
        finally:
            self.store.settle()

    def release(self, *, global_id: str) -> ReleaseAnswer:
        """Release a hold. Raises Refusal."""
        try:
            with self.store.transaction() as tx:
                answer = release_hold(tx, global_id=global_id)
        finally:
            self.store.settle()
        if answer.hold is None:  # refused only now: the tombstone had to be committed
            raise hold_not_found(global_id)
        return answer

    def invoice(self, *, global_id: str, order_id: str) -> InvoiceAnswer:
        """Invoice a hold to TEvo's order. Raises Refusal."""
        try:
            with self.store.transaction() as tx:
                return create_invoice(tx, global_id=global_id, order_id=order_id, policy=self.invoice_policy)
        finally:
            self.store.settle()
