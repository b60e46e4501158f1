"""The pre-flight finds out whether the automator can be reached, takes the key, holds and releases.

Each way to fail ends in one message that names the cause, and not in forty red lines.
"""

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from mockpos.conformance.check import Reason
from mockpos.conformance.evidence import Exchange
from mockpos.conformance.options import Stock
from mockpos.conformance.target import Ask, Stopped, Target
from mockpos.domain.catalogue import Operation
from mockpos.domain.counted import counted
from mockpos.http_client import NoResponse, header_of

if TYPE_CHECKING:
    from mockpos.conformance.run import Run

PREFLIGHT = "PRE"
HOLD_STEP, RELEASE_STEP = "pre-flight: hold", "pre-flight: release"
_CHUNKS = (8, 6, 4, 2, 1)
_TIME_LIMIT_S = 10.0
_SLOW_S = 2.0


class PreflightFailed(Exception):
    """The run ends before it has begun. The message names the cause and the way out."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def fly(run: "Run") -> None:
    """Make the pre-flight. Raises PreflightFailed."""
    _measure_round_trip(run.target)
    try:
        if run.smallest is None or not run.may_hold_tickets:
            _ask_for_nothing(run)
        else:
            _hold_and_release(run, run.smallest)
    except Stopped as stopped:
        raise PreflightFailed(stopped.reason, str(stopped)) from None


def _measure_round_trip(target: Target) -> None:
    times = []
    for _ in range(3):
        began = target.clock()
        try:
            with target.http.connect(_TIME_LIMIT_S):
                times.append(target.clock() - began)
        except NoResponse as none:
            message = f"{target.options.url} cannot be reached: {none}"
            raise PreflightFailed(Reason.UNREACHABLE, message) from None
    target.round_trip = median(times)


def _ask_for_nothing(run: "Run") -> None:
    ask = _ask(run, RELEASE_STEP, Operation.RELEASE, run.global_id(PREFLIGHT, "unknown"))
    _refuse_strangers(run, run.target.call(ask))


def _hold_and_release(run: "Run", stock: Stock) -> None:
    whole = run.target.options.profile != "quick"
    quantity = stock.option.quantity if whole else stock.unit
    held = _hold(run, stock, quantity, "a")
    _refuse_strangers(run, held)
    if held.status in (400, 422) and stock.remote_id.isdecimal() and not held.succeeded:
        run.target.numeric_ids = True
        held = _hold(run, stock, quantity, "n")
        run.target.numeric_ids = held.succeeded
    if not held.succeeded:
        held = _hold_fewer(run, stock, held)
    run.slow = held.took > _SLOW_S
    run.note_expiry(held)
    _release(run, held.global_id)


def _hold_fewer(run: "Run", stock: Stock, refused: Exchange) -> Exchange:
    """Find out why a hold of the stated quantity is refused: the kit may have to hold in smaller pieces."""
    for number, quantity in enumerate(each for each in _CHUNKS if each < stock.option.quantity):
        if refused.status is None or not 400 <= refused.status < 500:
            break
        held = _hold(run, stock, quantity, f"c{number}")
        if held.succeeded:
            for each in run.stocks:
                each.chunk = min(quantity, each.option.quantity)
            if quantity >= stock.unit and _rest_is_there(run, stock):
                run.notes.append(f"{stock.remote_id}: one hold takes at most {counted(quantity, 'ticket')} here")
                return held
            break
    what = f"a hold of {stock.option.quantity} of {stock.remote_id}, as --listing says is free, was answered "
    raise PreflightFailed(_reason(refused), what + refused.said())


def _rest_is_there(run: "Run", stock: Stock) -> bool:
    """Hold what is left, in pieces, and give those back at once."""
    held = []
    for number, part in enumerate(stock.parts(stock.option.quantity)[1:]):
        exchange = _hold(run, stock, part, f"r{number}")
        if not exchange.succeeded:
            break
        held.append(exchange)
    for exchange in held:
        _release(run, exchange.global_id, step="pre-flight: release of a piece")
    return len(held) == len(stock.parts(stock.option.quantity)) - 1


def _hold(run: "Run", stock: Stock, quantity: int, name: str) -> Exchange:
    step = HOLD_STEP if name in "acn" or name.startswith("c") else "pre-flight: hold of a piece"
    ask = _ask(run, step, Operation.HOLD, run.global_id(PREFLIGHT, name))
    ask = replace(ask, remote_id=stock.remote_id, quantity=quantity, capacity=stock.total)
    return run.target.call(ask)


def _release(run: "Run", global_id: str, step: str = RELEASE_STEP) -> Exchange:
    return run.target.call(_ask(run, step, Operation.RELEASE, global_id))


def _ask(run: "Run", step: str, operation: Operation, global_id: str) -> Ask:
    return Ask(check=PREFLIGHT, step=step, operation=operation.value, global_id=global_id)


def _refuse_strangers(run: "Run", answer: Exchange) -> None:
    """Raise PreflightFailed for answers that no automator with this contract and key gives."""
    options = run.target.options
    told = answer.said()
    call = f"{answer.method} {answer.target}"
    if answer.status is None:
        message = f"{call}: {answer.detail}"
        raise PreflightFailed(_reason(answer), message)
    if 300 <= answer.status < 400:
        there = header_of(answer.response_headers, "location") or "elsewhere"
        raise PreflightFailed(Reason.UNREACHABLE, f"{call} redirects ({answer.status}) to {there}; give that address")
    if answer.status in (401, 403):
        key = options.contract.key
        sent = f"`{key.header}: {f'{key.scheme} ' if key.scheme else ''}...`"
        message = (
            f"{call}: the key was refused ({told}); it was sent as {sent}: --api-key is the key, --contract the way"
        )
        raise PreflightFailed(Reason.NOT_ALLOWED, message)
    if answer.status in (404, 405) and not answer.response_is_json:
        message = (
            f"{call} was answered {answer.status}, and not in JSON: there is no such call; --contract names the paths"
        )
        raise PreflightFailed(Reason.PRECONDITION, message)
    if 200 <= answer.status < 300 and answer.response_body.lstrip()[:1] == "<":
        message = f"{call} was answered {answer.status} with a page in HTML: this is no automator's address"
        raise PreflightFailed(Reason.PRECONDITION, message)
    if answer.status >= 500:
        raise PreflightFailed(Reason.PRECONDITION, f"{call} was answered {told}")


def _reason(answer: Exchange) -> Reason:
    if answer.status is not None:
        return Reason.PRECONDITION
    return Reason.TIMED_OUT if answer.failure == "timed out" else Reason.UNREACHABLE
