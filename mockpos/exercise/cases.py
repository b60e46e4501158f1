"""The vocabulary of the exercise: a case meets one code of one operation, by calls. Independent of HTTP."""

from dataclasses import dataclass
from enum import StrEnum

from mockpos.domain.catalogue import Operation

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
