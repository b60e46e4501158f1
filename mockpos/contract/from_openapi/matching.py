"""Finds what means what: the call of each operation, the field of each value. The best whole assignment wins."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from mockpos.contract.from_openapi.document import Call, Leaf, OpenApi
from mockpos.contract.from_openapi.vocabulary import OPERATIONS, REQUEST, SURE, Weights, weight, words_of
from mockpos.domain.catalogue import Operation

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
        key=lambda chosen: sum(_of(points[each], at) for each, at in zip(Operation, chosen, strict=True)),
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


def _of(points: Sequence[int], at: int | None) -> int:
    return SURE - 1 if at is None else points[at]


def _points(document: OpenApi, operation: Operation, call: Call) -> int:
    """Return how much a call looks like an operation: by its names, its method and what it asks for."""
    steps = [words_of(step) for step in call.path.split("/") if step and not step.startswith("{")]
    names = f"{' '.join(steps[-2:])} {words_of(call.operation_id)}"
    found = sum(
        points * (2 * bool(re.search(rf"\b{stem}", names)) + bool(re.search(rf"\b{stem}", call.words.lower())))
        for stem, points in OPERATIONS[operation].items()
    )
    leaves = [*document.leaves(call.body), *(Leaf((name,), {}, required=True) for name in parameters_of(call))]
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


def parameters_of(call: Call) -> tuple[str, ...]:
    """Return the names of a call's parameters in path and query."""
    return (*call.path_parameters, *call.query_parameters)
