"""Broken automators, one fault each: holds and releases."""

import threading
import time
from typing import Any, ClassVar

from tests.conformance.good import SPLITS, Automator, Refused


class OversellsWhenHoldsRace(Automator):
    """Looks at what is free, and takes it a moment later; the same Global ID at least has to wait."""

    one_at_a_time: ClassVar[dict[str, threading.Lock]] = {}

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            known = self.find(global_id)
        if known or quantity not in SPLITS.get(remote_id, (quantity,)) or self.free.get(remote_id, 0) < quantity:
            return super().hold(remote_id, quantity, global_id)
        with self.one_at_a_time.setdefault(global_id, threading.Lock()):
            time.sleep(0.02)
            with self.lock:
                if self.find(global_id):
                    return super().hold(remote_id, quantity, global_id)
                self.free[remote_id] -= quantity
                return dict(self.remember(global_id, "held", remote_id, quantity))


class NeverCountsDown(Automator):
    """Forgets to take held tickets off what is free."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            known = self.find(global_id) is not None
            answer = super().hold(remote_id, quantity, global_id)
            if not known:
                self.free[remote_id] += quantity
            return answer

    def end(self, hold: Any, status: str) -> Any:
        if hold["status"] == "held":
            self.free[hold["remote_id"]] -= hold["quantity"]
        return super().end(hold, status)

    def invoice(self, global_id: str, order_id: str) -> Any:
        with self.lock:
            is_new = self.holds.get(global_id, {}).get("status") == "held"
            answer = super().invoice(global_id, order_id)
            if is_new:
                self.free[answer["remote_id"]] -= answer["quantity"]
            return answer


class TakesAgainOnReplay(Automator):
    """Takes tickets a second time when the same hold comes again."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            known = self.find(global_id)
            if known and known["status"] == "held" and known["quantity"] == quantity:
                if self.free[remote_id] < quantity:
                    raise Refused(409, "insufficient_quantity", "Not so many.")
                self.free[remote_id] -= quantity
            return super().hold(remote_id, quantity, global_id)


class NewSeatsOnReplay(Automator):
    """Answers a repeated hold with other seats than before."""

    calls = 0

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        self.calls += 1
        return {**super().hold(remote_id, quantity, global_id), "seats": [str(self.calls)]}


class ChangesTheHold(Automator):
    """Lets another quantity under the same Global ID replace the hold."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            known = self.find(global_id)
            if known and known["status"] == "held" and known["quantity"] != quantity:
                self.free[remote_id] += known["quantity"] - quantity
                known["quantity"] = quantity
            return super().hold(remote_id, quantity, global_id)


class UnknownListingCrashes(Automator):
    """Answers 500 to a Remote ID that it does not know."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        if remote_id not in self.free:
            raise Refused(500, "listing_not_found", "Oops.")
        return super().hold(remote_id, quantity, global_id)


class UnknownListingIsHeld(Automator):
    """Holds whatever Remote ID comes."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        if remote_id not in self.free:
            return {"global_id": global_id, "status": "held"}
        return super().hold(remote_id, quantity, global_id)


class HoldsFewer(Automator):
    """Holds what there is when more is asked for."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            free = self.free.get(remote_id, 0)
            return super().hold(remote_id, free if 0 < free < quantity else quantity, global_id)


class SoldOutIsHeld(Automator):
    """Answers a hold of a sold-out listing with success."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        if remote_id == "4712":
            return {"global_id": global_id, "status": "held"}
        return super().hold(remote_id, quantity, global_id)


class IgnoresSplits(Automator):
    """Lets single tickets be left over."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        return dict(super(Automator, self).hold(remote_id, quantity, global_id))


class HoldsReleasedIdsAgain(Automator):
    """Holds again under a Global ID that was released."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            known = self.find(global_id)
            if known and known["status"] == "released" and known["quantity"]:
                del self.holds[global_id]
            return super().hold(remote_id, quantity, global_id)


class ForgetsAtRestart(Automator):
    """Keeps holds in memory only."""

    def restart(self) -> None:
        with self.lock:
            for hold in self.holds.values():
                self.end(hold, "released")
            self.holds.clear()


class ReleaseCrashes(Automator):
    """Answers every release of a live hold with 500, though it is done."""

    def release(self, global_id: str) -> Any:
        answer = super().release(global_id)
        raise Refused(500, "hold_not_found", f"{answer['status']}, but something broke.")


class ReleaseLeaks(Automator):
    """Answers a release with success, and keeps the tickets."""

    def end(self, hold: Any, status: str) -> Any:
        self.free[hold["remote_id"]] -= hold["quantity"] if hold["status"] == "held" else 0
        return super().end(hold, status)


class FreesTwice(Automator):
    """Frees the tickets again when a release is repeated."""

    def release(self, global_id: str) -> Any:
        with self.lock:
            hold = self.holds.get(global_id)
            if hold and hold["status"] == "released" and hold["quantity"]:
                self.free[hold["remote_id"]] += hold["quantity"]
            return super().release(global_id)


class RepeatedReleaseCrashes(Automator):
    """Answers 500 to a release that is repeated."""

    def release(self, global_id: str) -> Any:
        with self.lock:
            hold = self.holds.get(global_id)
            if hold and hold["status"] == "released":
                raise Refused(500, "hold_not_found", "Oops.")
            return super().release(global_id)


class UnknownReleaseCrashes(Automator):
    """Answers 500 to the release of a Global ID that was never held."""

    def release(self, global_id: str) -> Any:
        if global_id not in self.holds:
            self.remember(global_id, "never held")
            raise Refused(500, "hold_not_found", "Oops.")
        return super().release(global_id)


class LateHoldStays(Automator):
    """Does not remember a release that came before its hold."""

    def release(self, global_id: str) -> Any:
        with self.lock:
            if global_id not in self.holds:
                raise Refused(404, "hold_not_found", "Never held.")
            return super().release(global_id)


class ReplaysRace(Automator):
    """Looks whether a Global ID is known, and remembers it a moment later."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            is_new = self.find(global_id) is None and 0 < quantity <= self.free.get(remote_id, 0)
            if not is_new or quantity not in SPLITS.get(remote_id, (quantity,)):
                return super().hold(remote_id, quantity, global_id)
            self.free[remote_id] -= quantity
        time.sleep(0.02)
        with self.lock:
            return dict(self.remember(global_id, "held", remote_id, quantity))


class AnotherGlobalId(Automator):
    """Answers a hold with a Global ID of its own."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        return {**super().hold(remote_id, quantity, global_id), "global_id": f"own-{global_id}"}


class AnotherQuantity(Automator):
    """Answers a hold with the number of tickets that are left."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        return {**super().hold(remote_id, quantity, global_id), "quantity": quantity + 1}


class RefusedHoldTakesOne(Automator):
    """Takes a ticket although it refuses the hold."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Any:
        with self.lock:
            try:
                return super().hold(remote_id, quantity, global_id)
            except Refused as refused:
                if refused.args[1] == "insufficient_quantity" and quantity > 12:
                    self.free[remote_id] -= 1
                raise
