"""What an answer makes true, and whether it may be given at all: the contract's rules for one Global ID, as a table.

Pure: it knows neither time nor server. An answer that the rules do not allow raises Unexpected.
"""

from dataclasses import replace

from tests.torture.client import Answer, Body
from tests.torture.histories import Call, Known, Operation, State
from tests.torture.inventories import UNKNOWN_LISTING, UNNUMBERED

_NO_ROOM = ("held_by_another", "listing_sold_out", "insufficient_quantity")
_ENDED = (State.EXPIRED, State.RELEASED, State.INVOICED, State.TOMBSTONE)


class Unexpected(Exception):
    """An answer that must not be given in this state."""

    def __init__(self, known: Known, call: Call) -> None:
        answer = call.answer
        told = "no answer" if answer is None else f"{answer.status} {answer.body}"
        super().__init__(f"{call.operation} while {known.state} ({known}) was answered {told}")


def after(known: Known, call: Call) -> Known:
    """Return what is true after a call that was answered. Raises Unexpected."""
    answer = call.answer
    judge = {Operation.HOLD: _after_hold, Operation.RELEASE: _after_release, Operation.INVOICE: _after_invoice}
    found = None if answer is None else judge[call.operation](known, call, answer)
    if found is None:
        raise Unexpected(known, call)
    return found


def if_it_took_effect(known: Known, call: Call) -> Known | None:
    """Return what is true if a call that nobody heard the answer of succeeded; None when it would change nothing."""
    match call.operation, known.state:
        case Operation.HOLD, State.NOTHING if call.remote_id != UNKNOWN_LISTING:
            return Known(State.HELD, call.remote_id, call.quantity)
        case Operation.RELEASE, State.NOTHING:
            return Known(State.TOMBSTONE)
        case Operation.RELEASE, State.HELD | State.EXPIRED:
            return replace(known, state=State.RELEASED)
        case Operation.INVOICE, State.HELD:
            return replace(known, state=State.INVOICED, order_id=call.order_id)
    return None


def _after_hold(known: Known, call: Call, answer: Answer) -> Known | None:
    same = (known.remote_id, known.quantity) == (call.remote_id, call.quantity)
    found = None
    match known.state, answer.status, answer.code:
        case State.NOTHING, 200, _ if _says_what_was_asked(answer.body, call):
            found = Known(State.HELD, call.remote_id, call.quantity, held=answer.body)
        case State.NOTHING, 404, "listing_not_found" if call.remote_id == UNKNOWN_LISTING:
            found = known
        case State.NOTHING, 409, code if code in _NO_ROOM:
            found = known
        case State.HELD, 200, _ if same and _is_replay_of(known.held, answer.body):
            found = replace(known, held=known.held or _first(answer.body))
        case State.HELD, 409, "global_id_conflict" if not same:
            found = known
        case State.HELD, 409, "global_id_closed" if answer.body["hold_status"] == "expired":
            found = replace(known, state=State.EXPIRED)
        case state, 409, "global_id_closed" if state in _ENDED:
            found = known
    return found


def _after_release(known: Known, _: Call, answer: Answer) -> Known | None:
    found = None
    match known.state, answer.status, answer.code:
        case State.NOTHING | State.TOMBSTONE, 404, "hold_not_found":
            found = Known(State.TOMBSTONE)
        case State.HELD | State.EXPIRED, 200, _ if not answer.body["replayed"]:
            found = replace(known, state=State.RELEASED, ended=answer.body)
        case State.RELEASED, 200, _ if _is_replay_of(known.ended, answer.body):
            found = replace(known, ended=known.ended or _first(answer.body))
        case State.INVOICED, 409, "hold_already_invoiced":
            found = known
    return found


def _after_invoice(known: Known, call: Call, answer: Answer) -> Known | None:
    found = None
    match known.state, answer.status, answer.code:
        case State.NOTHING | State.TOMBSTONE, 404, "hold_not_found":
            found = known
        case State.HELD, 200, _ if not answer.body["replayed"] and answer.body["order_id"] == call.order_id:
            found = replace(known, state=State.INVOICED, order_id=call.order_id, ended=answer.body)
        case State.HELD | State.EXPIRED, 410, "hold_expired":
            found = replace(known, state=State.EXPIRED)
        case State.INVOICED, 200, _ if call.order_id == known.order_id and _is_replay_of(known.ended, answer.body):
            found = replace(known, ended=known.ended or _first(answer.body))
        case State.INVOICED, 409, "order_id_conflict" if call.order_id != known.order_id:
            found = known
        case State.RELEASED, 409, "hold_released":
            found = known
    return found


def _says_what_was_asked(body: Body, call: Call) -> bool:
    said = (body["remote_id"], body["quantity"], body["replayed"], len(body["seats"]))
    seats = 0 if call.remote_id == UNNUMBERED else call.quantity
    return said == (call.remote_id, call.quantity, False, seats)


def _is_replay_of(first: Body | None, body: Body) -> bool:
    """Tell whether a body is the first answer again; any replay is, where the first was never heard."""
    return body["replayed"] is True and (first is None or _first(body) == first)


def _first(body: Body) -> Body:
    return {**body, "replayed": False}
