"""A small correct checkout client, and six wrong ones, against whatever answers calls.

They are what an audit is for: each wrong one leaves behind one kind of trouble. They run against a server
over HTTP and against a simulated one alike: all they need is a ``Caller``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mockpos.domain.codes import CATALOGUE

ENDLESS = 10_000


@dataclass(frozen=True)
class Answer:
    """What a client heard: a code of the catalogue, or held, released, invoiced; None when it heard nothing it knows.

    Nothing it knows is a lost or broken answer, a timeout, or what a proxy in between said.
    """

    code: str | None

    @property
    def succeeded(self) -> bool:
        return self.code in ("held", "released", "invoiced")

    @property
    def outcome_unknown(self) -> bool:
        return self.code is None or (self.code in CATALOGUE and CATALOGUE[self.code].outcome_unknown)

    @property
    def refused(self) -> bool:
        """True when sending the same again is of no use."""
        return self.code in CATALOGUE and not CATALOGUE[self.code].retryable


class Caller(Protocol):
    """Makes one call and returns what was heard. It never raises for what went wrong on the way."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> Answer: ...

    def release(self, global_id: str) -> Answer: ...

    def invoice(self, global_id: str, order_id: str) -> Answer: ...


class Checkout:
    """The correct client. ``patience`` is how often it tries a hold before it tells the buyer no."""

    def __init__(self, caller: Caller, new_id: Callable[[], str], patience: int = 5) -> None:
        self.caller = caller
        self.new_id = new_id
        self.patience = patience

    def buy(self, remote_id: str, quantity: int, order_id: str, *, order_fails: bool = False) -> str:
        """Buy tickets; return bought, refused or released. ``order_fails``: TEvo could not make the order."""
        global_id = self.new_id()
        held, in_doubt = self.hold(remote_id, quantity, global_id)
        if held.refused and not in_doubt:
            return "refused"
        if not held.succeeded or order_fails:
            return self.give_back(global_id)
        if self.invoice(global_id, order_id).succeeded:
            return "bought"
        return self.give_back(global_id)

    def hold(self, remote_id: str, quantity: int, global_id: str) -> tuple[Answer, bool]:
        """Hold; return the last answer, and whether an earlier one left open what happened."""
        return self.insist(lambda: self.caller.hold(remote_id, quantity, global_id), self.patience)

    def invoice(self, global_id: str, order_id: str) -> Answer:
        return self.insist(lambda: self.caller.invoice(global_id, order_id))[0]

    def give_back(self, global_id: str) -> str:
        self.insist(lambda: self.caller.release(global_id))
        return "released"

    def insist(self, call: Callable[[], Answer], tries: int = ENDLESS) -> tuple[Answer, bool]:
        """Repeat one call, unchanged, until it is answered for good."""
        in_doubt = False
        for _ in range(tries):
            answer = call()
            if answer.succeeded or answer.refused:
                break
            in_doubt = in_doubt or answer.outcome_unknown
        return answer, in_doubt


class LeaksHolds(Checkout):
    """Forgets to release when the order fails."""

    def give_back(self, global_id: str) -> str:
        return "forgotten"


class Resubmits(Checkout):
    """Takes a new Global ID when it does not hear what became of a hold."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> tuple[Answer, bool]:
        for _ in range(ENDLESS):
            answer = self.caller.hold(remote_id, quantity, global_id)
            if not answer.outcome_unknown:
                break
            global_id = self.new_id()
        self.held_as = global_id
        return answer, False

    def invoice(self, global_id: str, order_id: str) -> Answer:
        return super().invoice(self.held_as, order_id)

    def give_back(self, global_id: str) -> str:
        return super().give_back(self.held_as)


class TwoOrders(Checkout):
    """Makes a second order of the same hold."""

    def invoice(self, global_id: str, order_id: str) -> Answer:
        first = super().invoice(global_id, order_id)
        self.caller.invoice(global_id, f"{order_id}-again")
        return first


class NeverFollowsUp(Checkout):
    """Takes silence for an answer: when a call is lost, that was it."""

    def buy(self, remote_id: str, quantity: int, order_id: str, *, order_fails: bool = False) -> str:
        global_id = self.new_id()
        steps = [lambda: self.caller.hold(remote_id, quantity, global_id)]
        if order_fails:
            steps.append(lambda: self.caller.release(global_id))
        else:
            steps.append(lambda: self.caller.invoice(global_id, order_id))
        return "done" if all(step().succeeded for step in steps) else "lost"


class KeepsCalling(Checkout):
    """Hopes that a refused hold works next time."""

    def hold(self, remote_id: str, quantity: int, global_id: str) -> tuple[Answer, bool]:
        answer, in_doubt = super().hold(remote_id, quantity, global_id)
        for _ in range(3):
            if answer.refused:
                answer = self.caller.hold(remote_id, quantity, global_id)
        return answer, in_doubt


class GivesUpOnInvoice(Checkout):
    """Tries the invoice once, and walks away when that fails."""

    def invoice(self, global_id: str, order_id: str) -> Answer:
        return self.caller.invoice(global_id, order_id)

    def give_back(self, global_id: str) -> str:
        return "forgotten"
