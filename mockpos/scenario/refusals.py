"""A forced answer in full: every member its code documents, filled from the rule, the call and the moment."""

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis, rfc3339
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.errors import Refusal
from mockpos.scenario.facts import Facts
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
