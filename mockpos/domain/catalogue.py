"""The shape of the catalogue of response codes, and how to look things up in it.

The table itself stands in ``codes.py``. Routes, OpenAPI, the docs page,
``mockpos codes`` and the README are derived from it; nothing else lists codes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Operation(StrEnum):
    """The three operations of TEvo order integration."""

    HOLD = "hold"
    RELEASE = "release"
    INVOICE = "invoice"

    __hash__ = str.__hash__  # Enum's own is a Python function, and every call counts by its operation


class Who(StrEnum):
    """Who has to act before the caller gets what it wants."""

    CALLER = "the caller corrects the request"
    CALLER_REPEATS = "the caller sends the same call again"
    BUYER = "the buyer chooses other tickets"
    BROKER = "the broker and TEvo's operations settle it by hand"
    OPERATOR = "whoever hands out the API keys"


class Scope(StrEnum):
    """Which calls may meet a code."""

    ANY_CALL = "any call"
    NO_OPERATION = "calls that belong to no operation"
    WITH_BODY = "operations with a request body"
    BUSINESS = "the operations named"


ALL_OPERATIONS = tuple(Operation)
_ABBREVIATED = frozenset({"api", "id", "pos", "uri"})


def in_words(code: str) -> str:
    """Return a code as a title: ``api_key_missing`` is "API key missing"."""
    words = " ".join(word.upper() if word in _ABBREVIATED else word for word in code.split("_"))
    return words[0].upper() + words[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCode:
    """One documented error answer.

    ``status`` is the default contract's. ``retryable`` means that resending the same call now,
    unchanged, is the right next step. ``details`` are the members it adds to the body, each with an example value.
    ``title`` is the code in words.
    """

    code: str
    status: int
    meaning: str
    detail: str
    provoke: str
    who: Who = Who.CALLER
    scope: Scope = Scope.BUSINESS
    operations: tuple[Operation, ...] = ALL_OPERATIONS
    retryable: bool = False
    retry_after: bool = False
    outcome_unknown: bool = False
    details: dict[str, object] = field(default_factory=dict)
    title: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", in_words(self.code))

    @property
    def is_transport(self) -> bool:
        """True for what any HTTP service may answer, whatever it sells."""
        return self.scope is not Scope.BUSINESS


class Catalogue:
    """All codes, by name and by operation. Iterating gives them in documented order."""

    def __init__(self, codes: tuple[ResponseCode, ...]) -> None:
        self._codes = {code.code: code for code in codes}
        if len(self._codes) != len(codes):
            raise ValueError("a code stands in the catalogue twice")

    def __iter__(self) -> Iterator[ResponseCode]:
        """Iterate over the codes in documented order."""
        return iter(self._codes.values())

    def __getitem__(self, code: str) -> ResponseCode:
        """Return one code. Raises KeyError when it is not documented."""
        return self._codes[code]

    def __contains__(self, code: object) -> bool:
        """Tell whether a code is documented."""
        return code in self._codes

    def names(self) -> list[str]:
        """List the names of all codes, in documented order."""
        return list(self._codes)

    def of(self, operation: Operation, *, has_body: bool) -> list[ResponseCode]:
        """List what one operation may answer, transport codes first."""
        return [
            code
            for code in self._codes.values()
            if operation in code.operations
            and code.scope is not Scope.NO_OPERATION
            and (has_body or code.scope is not Scope.WITH_BODY)
        ]
