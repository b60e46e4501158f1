"""The vocabulary of the exercise: a case meets one code of one operation, by calls. Independent of HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario import magic
from mockpos.scenario.magic import MAGIC, MagicId
from mockpos.scenario.outcomes import Respond
from mockpos.scenario.refusals import documented_pairs, pair_name

ALWAYS_FOR_SALE = "MOCK-OK"
"""The magic listing that calls hold when the listing does not matter: it never runs out."""


class Kind(StrEnum):
    """What provokes the code. The values are the words of the report."""

    PLAIN_STATE = "plain state"
    MAGIC = "magic Remote ID"
    HEADER = "header"


class Mutation(StrEnum):
    """How a call is bent out of shape on the wire. The values say so to people."""

    NONE = "as documented"
    NO_KEY = "without a key"
    WRONG_KEY = "with the key wrong"
    DISABLED_KEY = "with a key that is switched off"
    BROKEN = "with a broken body, or broken HTTP"
    LARGE_BODY = "with 70,000 bytes of body"
    LONG_URI = "with 10,000 characters of query"
    LARGE_HEADER = "with a header of 10,000 characters"
    TEXT_BODY = "with the body as text/plain"
    BAD_GLOBAL_ID = "with the Global ID !"
    OTHER_PATH = "at a path that no operation has"
    OTHER_METHOD = "with the method GET"


class Needs(StrEnum):
    """What a server must be started with, for what calls alone cannot bring about. The values are its options."""

    NOTHING = ""
    DISABLED_KEY = "--disabled-key old-key"
    SHORT_TTL = "--hold-ttl 1ms"
    RATE_LIMIT = "--rate-limit 1/h"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call. ``hold`` and ``order`` tell ids of one way apart; every way has its own.

    ``scenario`` is the header X-Mockpos-Scenario: ``none`` keeps an active scenario and magic out, None sends no
    header. ``may_fail``: a preparation whose answer does not matter. ``after_ms``: a wait before the call.
    """

    operation: Operation
    remote_id: str = ALWAYS_FOR_SALE
    quantity: int = 1
    hold: str = "a"
    order: str = "a"
    scenario: str | None = "none"
    mutation: Mutation = Mutation.NONE
    may_fail: bool = False
    after_ms: int = 0

    def values(self, global_id: str, order_id: str) -> dict[str, object]:
        """Return what the call says, by our names."""
        bad = self.mutation is Mutation.BAD_GLOBAL_ID
        return {
            "remote_id": self.remote_id,
            "quantity": self.quantity,
            "global_id": "!" if bad else global_id,
            "order_id": order_id,
        }


@dataclass(frozen=True, slots=True)
class Marks:
    """The scenario and the rule that the headers of a forced answer name."""

    scenario: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to meet ``code`` at ``operation`` (None: at no operation): the last of ``calls`` meets it.

    ``by`` says it in a few words. ``marks`` are None where the state itself answers. ``listing`` is what the calls
    hold, where another inventory may not have it.
    """

    operation: Operation | None
    code: str
    kind: Kind
    by: str
    calls: tuple[Call, ...]
    marks: Marks | None = None
    needs: Needs = Needs.NOTHING
    listing: str | None = None


_HOLD, _RELEASE, _INVOICE = Operation

_MUTATIONS = {
    "malformed_request": Mutation.BROKEN,
    "api_key_missing": Mutation.NO_KEY,
    "api_key_invalid": Mutation.WRONG_KEY,
    "key_not_allowed": Mutation.DISABLED_KEY,
    "request_too_large": Mutation.LARGE_BODY,
    "uri_too_long": Mutation.LONG_URI,
    "unsupported_media_type": Mutation.TEXT_BODY,
    "validation_failed": Mutation.BAD_GLOBAL_ID,
    "headers_too_large": Mutation.LARGE_HEADER,
}
"""What is met by the shape of a call, at every operation that documents it."""

_NOWHERE = {"unknown_endpoint": Mutation.OTHER_PATH, "method_not_allowed": Mutation.OTHER_METHOD}
"""What belongs to no operation."""


def _prepared(
    code: str, by: str, *calls: Call, listing: str | None = ALWAYS_FOR_SALE, needs: Needs = Needs.NOTHING
) -> Case:
    """Return a case whose calls bring about a state in which the last one meets ``code``."""
    operation = calls[-1].operation
    return Case(operation=operation, code=code, kind=Kind.PLAIN_STATE, by=by, calls=calls, needs=needs, listing=listing)


def _hold_of(remote_id: str, quantity: int = 1, hold: str = "a") -> Call:
    return Call(operation=_HOLD, remote_id=remote_id, quantity=quantity, hold=hold)


_HELD = Call(operation=_HOLD)
_RELEASED = Call(operation=_RELEASE)
_SOLD = Call(operation=_INVOICE)

_PREPARED = (
    _prepared("listing_not_found", "NO-SUCH-LISTING", _hold_of("NO-SUCH-LISTING"), listing=None),
    _prepared("listing_retired", "TG-RETIRED", _hold_of("TG-RETIRED"), listing="TG-RETIRED"),
    _prepared("listing_not_for_sale", "TG-POSTPONED", _hold_of("TG-POSTPONED"), listing="TG-POSTPONED"),
    _prepared(
        "listing_sold_out", "TG-LAST, sold", _hold_of("TG-LAST"), _SOLD, _hold_of("TG-LAST", hold="b"),
        listing="TG-LAST",
    ),
    _prepared("insufficient_quantity", "1000 of TG-GA", _hold_of("TG-GA", 1000), listing="TG-GA"),
    _prepared(
        "held_by_another", "TG-PAIRS, held", _hold_of("TG-PAIRS", 4), _hold_of("TG-PAIRS", 2, "b"),
        listing="TG-PAIRS",
    ),
    _prepared("invalid_split", "3 of TG-PAIRS", _hold_of("TG-PAIRS", 3), listing="TG-PAIRS"),
    _prepared("global_id_conflict", "hold, hold 2", _HELD, Call(operation=_HOLD, quantity=2)),
    _prepared("global_id_closed", "hold, release, hold", _HELD, _RELEASED, _HELD),
    _prepared("hold_not_found", "never held", Call(operation=_RELEASE, hold="never-held"), listing=None),
    _prepared("hold_not_found", "never held", Call(operation=_INVOICE, hold="never-held"), listing=None),
    _prepared("hold_already_invoiced", "hold, invoice, release", _HELD, _SOLD, _RELEASED),
    _prepared(
        "hold_expired", f"hold, wait; {Needs.SHORT_TTL}", _HELD, Call(operation=_INVOICE, after_ms=20),
        needs=Needs.SHORT_TTL,
    ),
    _prepared("hold_released", "hold, release, invoice", _HELD, _RELEASED, _SOLD),
    _prepared("order_id_conflict", "hold, invoice, other order", _HELD, _SOLD, Call(operation=_INVOICE, order="b")),
)  # fmt: skip


def plain_cases(contract: Contract) -> Iterator[Case]:
    """Yield the ways by plain state under a contract."""
    for operation in Operation:
        for code in contract.codes_of(CATALOGUE, operation):
            if code.code in _MUTATIONS:
                yield _bent(operation, code.code, _MUTATIONS[code.code])
            if code.code == "rate_limited":
                yield _too_many(operation)
    yield from _PREPARED
    for name, mutation in _NOWHERE.items():
        yield _bent(None, name, mutation)


def _bent(operation: Operation | None, code: str, mutation: Mutation) -> Case:
    call = Call(operation=operation or _HOLD, mutation=mutation)
    needs = Needs.DISABLED_KEY if mutation is Mutation.DISABLED_KEY else Needs.NOTHING
    return Case(operation=operation, code=code, kind=Kind.PLAIN_STATE, by=mutation, calls=(call,), needs=needs)


def _too_many(operation: Operation) -> Case:
    spent, refused = Call(operation=_HOLD, may_fail=True), Call(operation=operation)
    by = f"two calls; {Needs.RATE_LIMIT}"
    return _prepared("rate_limited", by, spent, refused, listing=None, needs=Needs.RATE_LIMIT)


_QUANTITY = 2


def magic_cases() -> Iterator[Case]:
    """Yield a way for each documented error that the calls of a magic Remote ID's row meet."""
    for row in MAGIC:
        calls = tuple(_call(step.operation, row.remote_id, None) for step in row.how_to_try)
        for number, step in enumerate(row.how_to_try):
            if step.code is not None:
                before = zip(calls[:number], row.how_to_try, strict=False)
                worked = [call for call, earlier in before if earlier.code is None]  # what is refused prepares nothing
                yield Case(
                    operation=step.operation,
                    code=step.code,
                    kind=Kind.MAGIC,
                    by=row.remote_id,
                    calls=(*worked, calls[number]),
                    marks=_marks(row, step.operation),
                )


def header_cases() -> Iterator[Case]:
    """Yield the way by header for each pair; a scenario answers before the state, so one call is enough."""
    for operation, code in documented_pairs():
        name = pair_name(operation, code)
        yield Case(
            operation=operation,
            code=code.code,
            kind=Kind.HEADER,
            by=name,
            calls=(_call(operation, "ANY-LISTING", name),),
            marks=Marks(name, name),
        )


def _call(operation: Operation, remote_id: str, scenario: str | None) -> Call:
    return Call(operation=operation, remote_id=remote_id, quantity=_QUANTITY, scenario=scenario)


def _marks(row: MagicId, operation: Operation) -> Marks | None:
    """Return what a forced answer names; None where the row only brought the state about."""
    rule = row.rule
    if rule is None or operation not in rule.on or not isinstance(rule.outcome, Respond):
        return None
    return Marks(magic.NAME, rule.id)
