"""A forced answer in full: every member its code documents, filled from the rule, the call and the moment."""

from mockpos.domain.catalogue import Operation, ResponseCode
from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import Refusal
from mockpos.scenario.model import Facts
from mockpos.scenario.outcomes import Respond

_SOON_MS = 60_000
_SUSPECT = {Operation.HOLD: "quantity", Operation.RELEASE: "global_id", Operation.INVOICE: "order_id"}


def refusal_for(respond: Respond, facts: Facts, now: Millis) -> Refusal:
    """Return the refusal that a rule asks for.

    The rule's own details win; then what the call says; what is left is the catalogue's example.
    """
    code = CATALOGUE[respond.code]
    details = {
        name: _detail(name, example, facts, now)
        for name, example in code.details.items()
        if name not in respond.details
    }
    details.update(respond.details)
    reason = details.get("reason")
    detail = f"{code.title}: {reason}." if isinstance(reason, str) else code.meaning
    refusal = Refusal(respond.code, detail, **{name: details[name] for name in code.details})
    if respond.retry_after_s is not None:
        refusal.retry_after_s = float(respond.retry_after_s)
    return refusal


def _detail(name: str, example: object, facts: Facts, now: Millis) -> object:
    asked = facts.quantity or 1
    known: dict[str, object] = {
        "remote_id": facts.remote_id,
        "did_you_mean": None,
        "superseded_by": None,
        "position": None,
        "available_quantity": asked - 1,
        "valid_quantities": [quantity for quantity in (1, 2, 4) if quantity != asked],
        "next_expiry_at": rfc3339(Millis(now + _SOON_MS)),
        "expired_at": rfc3339(now),
        "errors": {_SUSPECT[facts.operation]: ["Refused by a scenario."]},
    }
    return known.get(name, example)


_WITH_BODY = frozenset({Operation.HOLD, Operation.INVOICE})
"""A release has no body in the default contract, so it does not document what only bodies can meet."""

UNCERTAIN = frozenset(code.code for code in CATALOGUE if code.outcome_unknown)
"""The codes that may be answered although the call was committed."""


def documented_codes(operation: Operation) -> list[ResponseCode]:
    """List the codes that one operation documents, in the catalogue's order."""
    return CATALOGUE.of(operation, has_body=operation in _WITH_BODY)


def operations_of(code: str) -> tuple[Operation, ...]:
    """Return the operations that document a code; none for the codes that belong to no operation."""
    return tuple(
        operation for operation in Operation if any(known.code == code for known in documented_codes(operation))
    )


def pair_name(operation: Operation, code: ResponseCode) -> str:
    """Return the name of the shipped scenario that answers an operation with a code."""
    return f"{operation.value}-{code.code}"


def documented_pairs() -> list[tuple[Operation, ResponseCode]]:
    """List every (operation, code) pair that scenarios can answer."""
    return [(operation, code) for operation in Operation for code in documented_codes(operation)]
