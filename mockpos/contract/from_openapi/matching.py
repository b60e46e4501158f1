"""Finds what means what: the call of each operation, the field of each value. The best whole assignment wins."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from mockpos.contract.from_openapi.document import Call, Leaf, OpenApi
from mockpos.domain.catalogue import Operation

SURE = 6
"""A guess of less weight is marked."""

_GENERIC = {"id", "number", "no", "reference", "ref", "code", "key", "at", "date", "time", "name", "value", "status"}
_LATIN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

Weights = Mapping[str, int]

OPERATIONS: Mapping[Operation, Weights] = {
    Operation.HOLD: {"hold": 3, "reserv": 3, "lock": 2, "allocat": 2, "set aside": 2},
    Operation.RELEASE: {"releas": 4, "cancel": 3, "unhold": 4, "unlock": 3, "void": 2, "abandon": 2, "let go": 2},
    Operation.INVOICE: {
        "invoic": 4, "sale": 3, "sell": 3, "purchas": 3, "buy": 3, "confirm": 3, "complet": 2, "order": 2,
        "checkout": 2,
    },
}  # fmt: skip
"""Beginnings of words in a call's path, name and description."""

REQUEST: Mapping[str, Weights] = {
    "remote_id": {
        r"remote (listing )?id": 10, r"(ticket group|listing|inventory|offer|lot|stock|external listing) id": 8,
        r"(ticket group|listing|inventory|lot|offer)( ref| reference| number| code| key)?": 6,
    },
    "quantity": {r"quantity|qty": 10, r"(ticket|seat) (count|quantity)|num(ber of)? (tickets|seats)": 9,
                 r"count|tickets|seats|pieces|amount": 5},
    "global_id": {
        r"global id": 10, r"(hold|reservation|lock|booking) (id|guid|uuid|ref|reference|number|token|key|code)": 8,
        r"idempotency (key|id|token)": 7,
        r"(transaction|request|correlation|client|purchase|checkout|session) (id|guid|uuid|ref|reference|token|key)": 7,
        r"ref|reference|token|uuid|guid|external id": 5, r"hold|reservation|id": 3,
    },
    "order_id": {
        r"(tevo )?order id": 10, r"(tevo |ticket evolution )?order (number|no|ref|reference|code|key)": 9,
        r"(purchase order|po)( id| number| no| ref| reference)?": 8, r"order": 6,
    },
}  # fmt: skip
"""Whole names of fields, word by word."""

RESPONSE: Mapping[str, Weights] = {
    **REQUEST,
    "status": {r"(hold |reservation |invoice |sale )?(status|state)": 9},
    "seats": {r"seats|seat (numbers|labels|list|names)": 9, r"numbers|places": 3},
    "held_at": {r"(held|reserved|locked) (at|on|since)|hold (time|start|date)": 9, r"created (at|on)|from|since": 5},
    "expires_at": {
        r"(hold |reservation )?(expires?|expiry|expiration)( at| on| date| time)?": 9,
        r"(valid|held|reserved|hold) (until|till|thru|through)|until|deadline": 8,
    },
    "available_quantity": {r"(available|remaining|left|free)( quantity| tickets| count| seats)?": 8,
                           r"quantity (available|left|remaining|free)|(tickets|seats) (left|available|remaining)": 9},
    "replayed": {r"(was |is )?(replay(ed)?|repeat(ed)?|duplicate|idempotent replay)": 8},
    "released_at": {r"(released|cancell?ed|unlocked|voided|deleted) (at|on)|(release|cancell?ation) (time|date)": 9},
    "expired": {r"(was |had |is |already )?(expired|lapsed)": 8},
    "invoice_id": {r"invoice (id|number|no|ref|reference|code)": 10,
                   r"(sale|purchase|receipt|confirmation) (id|number|no|code|ref|reference)": 8,
                   r"invoice|id|number": 3},
    "buyer": {r"buyer|purchaser|sold to|bought by": 9, r"(customer|client|account)( name)?|buyer name": 7},
    "total_amount": {r"total( amount| price| cost| value)?|grand total|amount( due| total)?": 8,
                     r"(total|price|cost|amount) (amount|value|total)": 9, r"price|cost|value": 4},
    "total_currency": {r"(total |price |amount )?currency( code)?": 9, r"(total|price) unit": 4},
    "invoiced_at": {r"(invoiced|sold|purchased|confirmed|completed|bought) (at|on)": 9,
                    r"(invoice|sale|purchase) (date|time)": 9,
                    r"created (at|on)|date|at": 4},
    "hold_reacquired": {r"(hold |was )?(reacquired|re acquired|taken again)": 8},
}  # fmt: skip

STATES: Mapping[str, Weights] = {
    "held": {r"held|reserved|on hold|locked": 9, r"active|open|pending|ok|success(ful)?|accepted": 6},
    "released": {r"released|cancell?ed|unlocked|voided": 9, r"closed|deleted|free|available": 6},
    "expired": {r"expired|lapsed|timed out": 9},
    "invoiced": {r"invoiced|sold|purchased|confirmed|completed?": 9, r"closed|paid|ok|success(ful)?": 5},
}

_LISTING = "(listing|ticket group|inventory|lot|offer|stock|item|remote id)"
_HOLD = "(hold|reservation|lock)"
_REFERENCE = "(global id|idempotency|reference|hold|reservation)( key| id)?"
_KEY = "(api )?(key|token|credentials?)"

CODES: Mapping[str, tuple[str, ...]] = {
    "listing_sold_out": ("sold out", "no tickets left"),
    "listing_not_found": (f"{_LISTING}.*(not found|unknown|missing)", f"(unknown|no such) {_LISTING}"),
    "listing_retired": ("retired", "withdrawn", "delisted", "replaced", "gone", "removed", "superseded"),
    "listing_not_for_sale": (
        "not for sale", "not (available|sellable|broadcast)", f"{_LISTING} (inactive|unavailable|disabled)",
        "event (over|past|cancell?ed|postponed)",
    ),
    "insufficient_quantity": ("insufficient", "not enough", "too few"),
    "held_by_another": ("held (by|elsewhere)", "on hold", "already (held|reserved|locked)", "reserved by"),
    "invalid_split": ("split", "quantity (not allowed|invalid|mismatch)", "invalid quantity"),
    "global_id_conflict": (
        f"{_REFERENCE}.*(conflict|reuse|mismatch|exists|duplicate)", "duplicate (reference|hold|reservation|request)",
    ),
    "global_id_closed": (f"{_REFERENCE} (closed|used|ended|over)",),
    "hold_not_found": (f"{_HOLD}.*(not found|unknown|missing)", f"(unknown|no such) {_HOLD}"),
    "hold_already_invoiced": (
        "already (invoiced|sold|purchased|confirmed|completed)", f"{_HOLD}.*(invoiced|sold|purchased|completed)",
    ),
    "hold_expired": ("expired", "lapsed"),
    "hold_released": ("released", f"{_HOLD} cancell?ed"),
    "order_id_conflict": ("order.*(conflict|exists|duplicate|used|mismatch)", "duplicate order"),
    "invoice_rejected": ("(invoice|sale|purchase|order).*(refused|denied|failed)", "rejected", "declined"),
    "validation_failed": (
        "validation", "invalid (request|field|parameter|input|argument|value|payload)", "unprocessable", "invalid$",
    ),
    "malformed_request": ("malformed", "bad request", "(bad|invalid|broken) json", "parse", "syntax"),
    "api_key_missing": (f"(auth\\w*|{_KEY}) (missing|required)", f"(missing|no) {_KEY}", "(not |un)authenticated"),
    "api_key_invalid": (f"(invalid|unknown|bad|wrong) {_KEY}", f"{_KEY} (invalid|unknown)", "unauthori[sz]ed"),
    "key_not_allowed": ("forbidden", f"(broker|client|account|{_KEY}) (not allowed|disabled|suspended)", "permission"),
    "unknown_endpoint": ("(endpoint|route|path|url|resource) not found", "unknown (endpoint|route|path)"),
    "method_not_allowed": ("method not allowed",),
    "request_too_large": ("too large", "payload large", "entity too"),
    "unsupported_media_type": ("media type", "content type"),
    "rate_limited": (r"rate limit\w*", "too many", r"throttl\w+", "slow down"),
    "pos_timeout": ("timeout", "timed out", "time out"),
    "pos_unavailable": ("unavailable", "maintenance", "offline", "down", "out of service"),
    "internal_error": ("internal", "server error", "unexpected", "unknown error", "exception"),
}  # fmt: skip
"""What names of codes say, word by word."""

ERROR: Mapping[str, Weights] = {
    "code": {
        r"(error |err |fault |reason )?(code|key|slug)|(error|fault) (id|name|number|type)|reason": 9,
        r"name|type|error": 5,
    },
    "detail": {r"(error |fault )?(message|detail|msg)|(error |human )?(text|description)|user message|explanation": 9},
    "status": {r"(http )?status( code)?|http( code)?": 9},
    "title": {r"title|summary|short( text)?": 8},
    "request_id": {r"(request|trace|correlation|transaction)( id)?": 8},
    "retryable": {r"(is )?(retryable|retriable|temporary|transient)|(can|may|should) retry|retry|try again": 8},
    "details": {r"details?|data|meta|context|params|extra|info|about|errors": 7},
    "type": {r"documentation( url)?|help( url)?|more info|link|doc url|read more|type": 6},
    "instance": {r"instance|occurrence": 8},
}
"""What the members of an error are, by their names."""


def words_of(name: str) -> str:
    """Return a name's words in lower case: ``ticketGroupID`` is ``ticket group id``."""
    return " ".join(found.lower() for found in _LATIN.findall(name))


def weight(path: Iterable[str], weights: Weights) -> int:
    """Return how well a field's name fits; a generic name counts with what it stands in."""
    steps = [words_of(step) for step in path]
    names = [steps[-1]]
    if steps[-1] in _GENERIC and len(steps) > 1:
        names.insert(0, f"{steps[-2]} {steps[-1]}")
    for name in names:
        best = max((points for pattern, points in weights.items() if re.fullmatch(pattern, name)), default=0)
        if best:
            return best
    return 0


def code_meant(name: str, candidates: Iterable[str]) -> str | None:
    """Return the code of ours that a name of a code means, or None."""
    said = words_of(name)
    known = (code for code in candidates if code in CODES)
    return next((code for code in known if re.search(rf"\b({'|'.join(CODES[code])})\b", said)), None)


_MOST_CALLS = 60
_NEAR = 2


@dataclass(frozen=True, slots=True)
class Match:
    """What a field was taken for, and how sure that is."""

    leaf: Leaf
    points: int

    @property
    def is_sure(self) -> bool:
        """True when nobody needs to look."""
        return self.points >= SURE


def match_fields(leaves: Iterable[Leaf], vocabulary: Mapping[str, Weights]) -> dict[str, Match]:
    """Return the field of each value, the best fitting first; a field is taken once."""
    fitting = [
        (weight(leaf.path, weights), -len(leaf.path), name, leaf)
        for leaf in leaves
        for name, weights in vocabulary.items()
    ]
    found: dict[str, Match] = {}
    taken: set[tuple[str, ...]] = set()
    for points, _, name, leaf in sorted(fitting, key=lambda each: each[:2], reverse=True):
        if points and name not in found and leaf.path not in taken:
            found[name] = Match(leaf, points)
            taken.add(leaf.path)
    return found


@dataclass(frozen=True, slots=True)
class Role:
    """The call that an operation seems to be, and what else it may be."""

    call: Call | None
    also: Sequence[Call] = ()


def match_calls(document: OpenApi) -> dict[Operation, Role]:
    """Return the call of each operation. Unlikely ones are left out."""
    calls = document.calls()
    points = {operation: [_points(document, operation, call) for call in calls] for operation in Operation}
    likely = sorted(range(len(calls)), key=lambda at: max(points[each][at] for each in Operation), reverse=True)
    places: list[int | None] = [*likely[:_MOST_CALLS], None, None, None]
    best = max(
        permutations(places, len(Operation)) if len(places) <= 12 else permutations(places[:9] + [None] * 3, 3),
        key=lambda chosen: sum(
            SURE - 1 if at is None else points[each][at] for each, at in zip(Operation, chosen, strict=True)
        ),
    )
    taken = set(best)
    found = {}
    for operation, at in zip(Operation, best, strict=True):
        if at is None:
            found[operation] = Role(None, [calls[each] for each in likely[:3]])
            continue
        own = points[operation]
        near = [each for each in likely if each not in taken and own[each] >= max(own[at] - _NEAR, SURE)]
        found[operation] = Role(calls[at], [calls[each] for each in near])
    return found


def _points(document: OpenApi, operation: Operation, call: Call) -> int:
    """Return how much a call looks like an operation: by its names, its method and what it asks for."""
    steps = [words_of(step) for step in call.path.split("/") if step and not step.startswith("{")]
    names = f"{' '.join(steps[-2:])} {words_of(call.operation_id)}"
    found = sum(
        points * (2 * bool(re.search(rf"\b{stem}", names)) + bool(re.search(rf"\b{stem}", call.words.lower())))
        for stem, points in OPERATIONS[operation].items()
    )
    leaves = [
        *document.leaves(call.body),
        *(Leaf((name,), {}, required=True) for name in (*call.path_parameters, *call.query_parameters)),
    ]
    asks = match_fields(leaves, REQUEST)
    has = {name for name, match in asks.items() if match.is_sure}
    match operation:
        case Operation.HOLD:
            found += 4 * len(has & {"remote_id", "quantity"}) - 3 * ("order_id" in has)
            found -= 8 * (call.method == "DELETE")
        case Operation.RELEASE:
            found += 8 * (call.method == "DELETE") - 4 * len(has & {"remote_id", "quantity", "order_id"})
        case Operation.INVOICE:
            found += 5 * ("order_id" in has) - 3 * len(has & {"remote_id", "quantity"})
            found -= 8 * (call.method == "DELETE")
    return found
