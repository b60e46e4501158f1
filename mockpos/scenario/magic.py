"""Magic Remote IDs: listings beside every inventory, each of which makes one documented thing happen.

They survive every hop between a test and the automator, which a header does not. One table, ``MAGIC``, is
the source of the built-in scenario, its file ``magic.yaml``, the documentation and the tests. Codes that belong to
no operation (``unknown_endpoint``, ``method_not_allowed``) have none: no call that names a listing meets them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.domain.listing import Listing
from mockpos.scenario.model import Between, Conditions, Globs, Rule, Scenario
from mockpos.scenario.outcomes import Fault, FaultKind, Fixed, Phase, PlainAction, Respond
from mockpos.scenario.refusals import documented_codes, operations_of

NAME = "magic"
PREFIX = "MOCK-"
SUMMARY = "The magic Remote IDs: each makes one documented thing happen."

_PRICE = Decimal("100.00")
_NEVER_SOLD_OUT = 1_000_000_000
_SUCCESS = "success"
_REPLAYED = "success, replayed"


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a trial, all under one Global ID. ``code`` is the documented error it meets, if it meets one."""

    operation: Operation
    meets: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class MagicId:
    """One magic Remote ID: what it does, at which operations, and the calls that show it.

    ``code`` is what those operations answer; None for what is not a code. ``rule`` is None when nothing is injected.
    """

    remote_id: str
    operations: tuple[Operation, ...]
    code: str | None
    what_happens: str
    how_to_try: tuple[Step, ...]
    rule: Rule | None


def magic_listing(remote_id: str) -> Listing | None:
    """Return the listing of a magic Remote ID (letter case counts), or None for any other.

    General admission, unnumbered, no event: it is always for sale and never runs out.
    """
    if remote_id not in _BY_REMOTE_ID:
        return None
    return Listing(
        remote_id=remote_id,
        section="General Admission",
        row="GA",
        quantity=_NEVER_SOLD_OUT,
        wholesale_price=_PRICE,
        external_notes=_BY_REMOTE_ID[remote_id].what_happens,
    )


@lru_cache(maxsize=1)
def magic_scenario() -> Scenario:
    """Return the built-in scenario. Ask it only about Remote IDs that begin with ``PREFIX``."""
    rules = tuple(magic.rule for magic in MAGIC if magic.rule is not None)
    return Scenario(name=NAME, summary=SUMMARY, rules=rules, source="built in")


def _of_codes() -> Iterator[MagicId]:
    """``MOCK-<CODE>``: at the hold if that documents the code, else at every later operation that does."""
    for code in CATALOGUE:
        documented = operations_of(code.code)
        if documented:
            at = (Operation.HOLD,) if Operation.HOLD in documented else documented
            yield _answering(f"{PREFIX}{code.code.upper()}", at, code.code)


def _of_pairs() -> Iterator[MagicId]:
    """``MOCK-<OPERATION>-<CODE>``: at that operation, for codes that several document."""
    for operation in Operation:
        for code in documented_codes(operation):
            if len(operations_of(code.code)) > 1:
                remote_id = f"{PREFIX}{operation.value.upper()}-{code.code.upper()}"
                yield _answering(remote_id, (operation,), code.code)


def _answering(remote_id: str, at: tuple[Operation, ...], code: str) -> MagicId:
    before = () if Operation.HOLD in at else (Step(Operation.HOLD, _SUCCESS),)
    where = " and ".join(f"every {operation.value}" for operation in at)
    return MagicId(
        remote_id,
        at,
        code,
        f"{where[0].upper()}{where[1:]} is answered with {code} ({CATALOGUE[code].status}).",
        (*before, *(Step(operation, code, code) for operation in at)),
        _rule(remote_id, at, outcome=Respond(code)),
    )


def _rule(remote_id: str, on: tuple[Operation, ...], *, attempt: Between | None = None, **does: object) -> Rule:
    when = Conditions(remote_id=Globs((remote_id,)), attempt=attempt)
    return Rule(id=remote_id.removeprefix(PREFIX).lower(), on=frozenset(on), when=when, **does)  # type: ignore[arg-type]  # what a rule does, by field


_FIRST = Between(1, 1)
_HOLD, _INVOICE = (Operation.HOLD,), (Operation.INVOICE,)
_ALL = tuple(Operation)


_HOLD_WORKS = Step(Operation.HOLD, _SUCCESS)
_INVOICE_WORKS = Step(Operation.INVOICE, _SUCCESS)
_RESET = Fault(FaultKind.RESET)
_TIMEOUT = Respond("pos_timeout")
_STORIES = (
    MagicId("MOCK-OK", _ALL, None, "Everything succeeds, however often.", (_HOLD_WORKS, _INVOICE_WORKS), None),
    MagicId(
        "MOCK-SLOW-5S",
        _ALL,
        None,
        "Every call succeeds, 5 seconds late.",
        (Step(Operation.HOLD, f"{_SUCCESS}, after 5 s"), Step(Operation.RELEASE, f"{_SUCCESS}, after 5 s")),
        _rule("MOCK-SLOW-5S", _ALL, delay=Fixed(5000)),
    ),
    MagicId(
        "MOCK-RESET-AFTER-HOLD",
        _HOLD,
        None,
        "The tickets are held, then the connection is reset: the answer is lost. The same hold sent again is replayed.",
        (Step(Operation.HOLD, "connection reset"), Step(Operation.HOLD, _REPLAYED)),
        _rule("MOCK-RESET-AFTER-HOLD", _HOLD, attempt=_FIRST, outcome=_RESET, phase=Phase.AFTER_COMMIT),
    ),
    MagicId(
        "MOCK-TIMEOUT-AFTER-INVOICE",
        _INVOICE,
        "pos_timeout",
        "The tickets are sold, but the caller is told pos_timeout (504). The same invoice sent again is replayed.",
        (_HOLD_WORKS, Step(Operation.INVOICE, "pos_timeout", "pos_timeout"), Step(Operation.INVOICE, _REPLAYED)),
        _rule("MOCK-TIMEOUT-AFTER-INVOICE", _INVOICE, attempt=_FIRST, outcome=_TIMEOUT, phase=Phase.AFTER_COMMIT),
    ),
    MagicId(
        "MOCK-EXPIRES-AT-ONCE",
        _HOLD,
        None,
        "The hold succeeds and lapses in the same moment; its invoice meets hold_expired (410).",
        (_HOLD_WORKS, Step(Operation.INVOICE, "hold_expired", "hold_expired")),
        _rule("MOCK-EXPIRES-AT-ONCE", _HOLD, pos=(PlainAction.EXPIRE_HOLD,)),
    ),
)

MAGIC: tuple[MagicId, ...] = (*_STORIES, *_of_codes(), *_of_pairs())
"""Every magic Remote ID, in the order documentation shows them."""

_BY_REMOTE_ID = {magic.remote_id: magic for magic in MAGIC}
