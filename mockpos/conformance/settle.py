"""After a failure: finds out what can still be held, so that one fault is not found again by every later check."""

from typing import TYPE_CHECKING

from mockpos.conformance.answers import succeeded
from mockpos.conformance.stock import Stock
from mockpos.conformance.target import Ask, Stopped
from mockpos.domain.catalogue import Operation

if TYPE_CHECKING:
    from mockpos.conformance.executor import Execution
    from mockpos.conformance.run import Run

_STEP = "what is left after a failure"
_MOST_TRIES = 6


def settle(run: "Run", stock: Stock, execution: "Execution") -> None:
    """Set the listing's total to what can be held and not one unit more; to None where that is found nowhere near."""
    if stock.total is None:
        return
    try:
        stock.total = _found(run, stock, execution)
    except Stopped:
        stock.total = None


def _found(run: "Run", stock: Stock, execution: "Execution") -> int | None:
    total = stock.total or 0
    if _can_hold(run, stock, total, execution):
        for step in range(1, _MOST_TRIES):
            if not _can_hold(run, stock, total + step * stock.unit, execution):
                return total + (step - 1) * stock.unit
        return None
    for step in range(1, _MOST_TRIES):
        fewer = total - step * stock.unit
        if fewer < stock.unit:
            return None
        if _can_hold(run, stock, fewer, execution):
            return fewer
    return None


def _can_hold(run: "Run", stock: Stock, quantity: int, execution: "Execution") -> bool:
    """Hold a quantity, in pieces where it takes several, and give it back."""
    for part in stock.parts(quantity):
        name = f"s{len(execution.ids)}"
        execution.ids[name] = run.global_id(execution.check.id, name)
        ask = Ask(
            check=execution.check.id, step=_STEP, operation=Operation.HOLD.value, global_id=execution.ids[name],
            remote_id=stock.remote_id, quantity=part,
        )  # fmt: skip
        exchange = run.target.call(ask)
        execution.exchanges.append(exchange)
        if not succeeded(exchange, run.options.contract):
            execution.give_back()
            return False
    execution.give_back()
    return True
