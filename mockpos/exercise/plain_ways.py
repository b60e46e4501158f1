"""The ways by plain state: ordinary calls against what every shipped world has, with no scenario in play.

``internal_error``, ``pos_unavailable``, ``pos_timeout`` and ``invoice_rejected`` have none: no call alone brings
them about.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.exercise.ways import ALWAYS_FOR_SALE, Call, Kind, Needs, Twist, Way

_HOLD, _RELEASE, _INVOICE = Operation

_TWISTS = {
    "malformed_request": Twist.BROKEN,
    "api_key_missing": Twist.NO_KEY,
    "api_key_invalid": Twist.WRONG_KEY,
    "key_not_allowed": Twist.DISABLED_KEY,
    "request_too_large": Twist.LARGE_BODY,
    "uri_too_long": Twist.LONG_URI,
    "unsupported_media_type": Twist.TEXT_BODY,
    "validation_failed": Twist.BAD_GLOBAL_ID,
    "headers_too_large": Twist.LARGE_HEADER,
}
"""What is met by the shape of a call, at every operation that documents it."""

_NOWHERE = {"unknown_endpoint": Twist.OTHER_PATH, "method_not_allowed": Twist.OTHER_METHOD}
"""What belongs to no operation."""


@dataclass(frozen=True, slots=True)
class _Story:
    """Calls that bring about a state in which the last one meets ``code``."""

    code: str
    by: str
    calls: tuple[Call, ...]
    listing: str | None = ALWAYS_FOR_SALE
    needs: Needs = Needs.NOTHING


_HELD = Call(operation=_HOLD)
_RELEASED = Call(operation=_RELEASE)
_SOLD = Call(operation=_INVOICE)

_STORIES = (
    _Story("listing_not_found", "NO-SUCH-LISTING", (Call(operation=_HOLD, remote_id="NO-SUCH-LISTING"),), None),
    _Story("listing_retired", "TG-RETIRED", (Call(operation=_HOLD, remote_id="TG-RETIRED"),), "TG-RETIRED"),
    _Story("listing_not_for_sale", "TG-POSTPONED", (Call(operation=_HOLD, remote_id="TG-POSTPONED"),), "TG-POSTPONED"),
    _Story(
        "listing_sold_out",
        "TG-LAST, sold",
        (Call(operation=_HOLD, remote_id="TG-LAST"), _SOLD, Call(operation=_HOLD, remote_id="TG-LAST", hold="b")),
        "TG-LAST",
    ),
    _Story(
        "insufficient_quantity", "1000 of TG-GA", (Call(operation=_HOLD, remote_id="TG-GA", quantity=1000),), "TG-GA"
    ),
    _Story(
        "held_by_another",
        "TG-PAIRS, held",
        (
            Call(operation=_HOLD, remote_id="TG-PAIRS", quantity=4),
            Call(operation=_HOLD, remote_id="TG-PAIRS", quantity=2, hold="b"),
        ),
        "TG-PAIRS",
    ),
    _Story("invalid_split", "3 of TG-PAIRS", (Call(operation=_HOLD, remote_id="TG-PAIRS", quantity=3),), "TG-PAIRS"),
    _Story("global_id_conflict", "hold, hold 2", (_HELD, Call(operation=_HOLD, quantity=2))),
    _Story("global_id_closed", "hold, release, hold", (_HELD, _RELEASED, _HELD)),
    _Story("hold_not_found", "never held", (_RELEASED,), None),
    _Story("hold_not_found", "never held", (_SOLD,), None),
    _Story("hold_already_invoiced", "hold, invoice, release", (_HELD, _SOLD, _RELEASED)),
    _Story(
        "hold_expired",
        f"hold, wait; {Needs.SHORT_TTL}",
        (_HELD, Call(operation=_INVOICE, after_ms=20)),
        needs=Needs.SHORT_TTL,
    ),
    _Story("hold_released", "hold, release, invoice", (_HELD, _RELEASED, _SOLD)),
    _Story("order_id_conflict", "hold, invoice, other order", (_HELD, _SOLD, Call(operation=_INVOICE, order="b"))),
)


def plain_ways(contract: Contract) -> Iterator[Way]:
    """Yield the ways by plain state under a contract."""
    for operation in Operation:
        for code in contract.codes_of(CATALOGUE, operation):
            if code.code in _TWISTS:
                yield _bent(operation, code.code, _TWISTS[code.code])
            if code.code == "rate_limited":
                yield _too_many(operation)
    for story in _STORIES:
        yield Way(
            operation=story.calls[-1].operation,
            code=story.code,
            kind=Kind.PLAIN_STATE,
            by=story.by,
            calls=story.calls,
            needs=story.needs,
            listing=story.listing,
        )
    for name, twist in _NOWHERE.items():
        yield _bent(None, name, twist)


def _bent(operation: Operation | None, code: str, twist: Twist) -> Way:
    call = Call(operation=operation or _HOLD, twist=twist)
    needs = Needs.DISABLED_KEY if twist is Twist.DISABLED_KEY else Needs.NOTHING
    return Way(operation=operation, code=code, kind=Kind.PLAIN_STATE, by=twist, calls=(call,), needs=needs)


def _too_many(operation: Operation) -> Way:
    spent = Call(operation=_HOLD, may_fail=True)
    return Way(
        operation=operation,
        code="rate_limited",
        kind=Kind.PLAIN_STATE,
        by=f"two calls; {Needs.RATE_LIMIT}",
        calls=(spent, Call(operation=operation)),
        needs=Needs.RATE_LIMIT,
    )
