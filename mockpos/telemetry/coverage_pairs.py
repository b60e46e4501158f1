"""What there is to cover: each operation's success and documented errors, and the errors of no operation."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockpos.domain.catalogue import Operation, ResponseCode, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.scenario.documented import documented_pairs

SUCCESS_CODES = {Operation.HOLD: "held", Operation.RELEASE: "released", Operation.INVOICE: "invoiced"}
"""What a call record says instead of an error's code when the operation did what was asked."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One answer that can be met. ``operation`` is None for errors that belong to none."""

    operation: Operation | None
    code: str
    title: str
    provoke: str


def pairs_to_cover(documented: Iterable[tuple[Operation, ResponseCode]] | None = None) -> tuple[Pair, ...]:
    """List every answer in documented order: by operation, its success first, then what belongs to none.

    ``documented`` are the pairs of an active contract; left out, the default contract's.
    """
    errors = list(documented_pairs() if documented is None else documented)
    pairs: list[Pair] = []
    for operation, success in SUCCESS_CODES.items():
        pairs.append(Pair(operation, success, success.capitalize(), f"Let the operation {operation} succeed."))
        pairs += [_pair(operation, code) for owner, code in errors if owner is operation]
    pairs += [_pair(None, code) for code in CATALOGUE if code.scope is Scope.NO_OPERATION]
    return tuple(pairs)


def _pair(operation: Operation | None, code: ResponseCode) -> Pair:
    return Pair(operation, code.code, code.title, code.provoke)
