"""Broken automators, one fault each: invoices."""

import time
from typing import Any

from tests.conformance.good import Automator, Refused


class InvoiceCrashes(Automator):
    """Answers every invoice with 500."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        super().invoice(global_id, order_id)
        raise Refused(500, "hold_not_found", "Oops.")


class SoldIsFree(Automator):
    """Puts tickets back on sale once they are invoiced."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            is_new = self.holds.get(global_id, {}).get("status") == "held"
            answer = super().invoice(global_id, order_id)
            if is_new:
                self.free[answer["remote_id"]] += answer["quantity"]
            return answer


class SellsAgainOnReplay(Automator):
    """Sells more tickets when the same invoice comes again."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            hold = self.holds.get(global_id, {})
            if hold.get("status") == "invoiced" and hold["order_id"] == order_id:
                self.free[hold["remote_id"]] -= hold["quantity"]
            return super().invoice(global_id, order_id)


class NewInvoiceOnReplay(Automator):
    """Writes a second invoice for the same order."""

    invoices = 0

    def invoice(self, global_id: str, order_id: str) -> Any:
        self.invoices += 1
        return {**super().invoice(global_id, order_id), "invoice_id": f"INV-{self.invoices}"}


class UnknownIsInvoiced(Automator):
    """Invoices a Global ID that it never held."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        if global_id not in self.holds:
            return {"global_id": global_id, "status": "invoiced"}
        return super().invoice(global_id, order_id)


class UnknownSellsAnother(Automator):
    """Refuses to invoice a Global ID that it never held, and sells a hold of somebody else."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            if global_id not in self.holds:
                another = next((hold for hold in self.holds.values() if hold["status"] == "held"), {})
                another.update(status="invoiced", order_id=order_id)
            return super().invoice(global_id, order_id)


class ReleasedIsInvoiced(Automator):
    """Invoices a hold that was released."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            hold = self.holds.get(global_id, {})
            if hold.get("status") == "released" and hold["quantity"]:
                return {**hold, "status": "invoiced"}
            return super().invoice(global_id, order_id)


class TwoOrders(Automator):
    """Takes a second order for a hold that is sold."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            hold = self.holds.get(global_id, {})
            if hold.get("status") == "invoiced":
                return {**hold, "order_id": order_id}
            return super().invoice(global_id, order_id)


class UnSells(Automator):
    """Puts sold tickets back when a release comes, though it refuses that."""

    def release(self, global_id: str) -> Any:
        with self.lock:
            hold = self.holds.get(global_id, {})
            if hold.get("status") == "invoiced" and not hold.get("put back"):
                hold["put back"] = True
                self.free[hold["remote_id"]] += hold["quantity"]
            return super().release(global_id)


class ReleasesSold(Automator):
    """Answers a release of sold tickets with success."""

    def release(self, global_id: str) -> Any:
        hold = self.holds.get(global_id, {})
        return dict(hold) if hold.get("status") == "invoiced" else super().release(global_id)


class LapsedIsSold(Automator):
    """Sells a hold that has lapsed, whoever has the tickets now."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            hold = self.find(global_id)
            if hold and hold["status"] == "expired":
                return {**hold, "status": "invoiced"}
            return super().invoice(global_id, order_id)


class NeverLapses(Automator):
    """States an expiry, and keeps the tickets beyond it."""

    def find(self, global_id: str) -> Any:
        return self.holds.get(global_id)


class InvoicesRace(Automator):
    """Looks whether a hold is sold, and sells it a moment later."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            hold = self.find(global_id)
            if hold is None or hold["status"] != "held":
                return super().invoice(global_id, order_id)
        time.sleep(0.02)
        with self.lock:
            hold.update(status="invoiced", order_id=hold.get("order_id", order_id))
            return {**hold, "order_id": order_id}


class InvoiceRacesRelease(Automator):
    """Looks whether a hold lives, and sells it a moment later, whatever became of it."""

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            hold = self.find(global_id)
            if hold is None or hold["status"] != "held" or hold.setdefault("order_id", order_id) != order_id:
                return super().invoice(global_id, order_id)
        time.sleep(0.02)
        with self.lock:
            hold["status"] = "invoiced"
            return dict(hold)


class LapseFreesTwice(Automator):
    """Puts the tickets of a lapsed hold on sale twice."""

    def end(self, hold: Any, status: str) -> Any:
        if status == "expired" and hold["status"] == "held":
            self.free[hold["remote_id"]] += hold["quantity"]
        return super().end(hold, status)
