"""One call as it came and went, and what was decided in between. Journal, audit, events and all others are fed with it.

What costs something to read (headers without their secrets, why a rule decided) is read when somebody asks.
"""

from collections.abc import Collection, Sequence

from msgspec import Struct

from mockpos.domain.calls import Sent, StateView
from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.scenario.outcomes import Plan

REDACTED = "[redacted]"

_ALWAYS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "x-mockpos-token", "cookie", "set-cookie"},
)
_SCHEMES = frozenset({"bearer", "basic", "digest", "token", "apikey", "api-key", "key", "negotiate"})
"""Only a known word is kept: any other first word may be a part of the secret."""

Headers = tuple[tuple[str, str], ...]


class Redactor:
    """Knows which headers are secret under one contract.

    ``secret_names`` are header names beside the usual ones: the contract's own key header. ``scheme`` is the word that
    the contract puts before its key. Names are compared without regard to letter case and to ``_`` in place of ``-``.
    """

    __slots__ = ("_scheme", "_secret")

    def __init__(self, secret_names: Collection[str] = (), scheme: str | None = None) -> None:
        self._secret = _ALWAYS | {_normal(name) for name in secret_names}
        self._scheme = None if scheme is None else scheme.lower()

    def redact(self, head: bytes) -> Headers:
        """Return a head's headers with `[redacted]` for every secret; what tells the way of authentication is kept."""
        pairs = header_lines(head.decode("latin-1"))
        return tuple([(name, self._hidden(value) if _normal(name) in self._secret else value) for name, value in pairs])

    def _hidden(self, value: str) -> str:
        word, _, rest = value.strip().partition(" ")
        if not word:
            return value
        is_scheme = word.lower() in _SCHEMES or word.lower() == self._scheme
        return f"{word} {REDACTED}" if rest.strip() and is_scheme else REDACTED


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def header_lines(head: str) -> list[tuple[str, str]]:
    """Return the names, in lower case, and the values of a head that was found to be right."""
    lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
    return [(name.lower(), value.strip(" \t")) for name, _, value in lines]


_NO_SECRETS_BUT_THE_USUAL = Redactor()


class CallRecord(Struct, frozen=True, gc=False):
    """One call of an operation, or one that met no operation (``operation`` is None).

    ``at`` is the sandbox's time when it was answered; ``arrival`` grows with the real moment of arrival, in seconds;
    durations are real milliseconds. ``head`` is the request's as it came, keys and all: ``headers`` hides these.
    ``code`` is the error's code, or what succeeded: held, released, invoiced. It is made for every call, and nothing
    in it leads back to it: Python's collector need not look at it, which would take longer than to make it.
    """

    request_id: str
    at: Millis
    arrival: float
    operation: Operation | None
    method: str
    target: str
    head: bytes = b""
    body: bytes = b""
    global_id: str | None = None
    remote_id: str | None = None
    quantity: int | None = None
    order_id: str | None = None
    status: int = 0
    code: str = ""
    response_headers: Sequence[tuple[str, str]] = ()
    response_body: bytes = b""
    replayed: bool = False
    committed: bool = False
    sent: Sent = Sent.COMPLETE
    plan: Plan | None = None
    delay_served_ms: float = 0.0
    duration_ms: float = 0.0
    before: StateView | None = None
    after: StateView | None = None
    redactor: Redactor = _NO_SECRETS_BUT_THE_USUAL
    refused_because: str = ""

    @property
    def headers(self) -> Headers:
        """The request's headers in their order, without keys and tokens."""
        return self.redactor.redact(self.head)

    @property
    def scenario(self) -> str | None:
        """The scenario whose rule decided, if one did."""
        return self.plan.scenario if self.plan else None

    @property
    def rule(self) -> str | None:
        """The rule that decided, if one did."""
        return self.plan.rule_id if self.plan else None

    @property
    def why(self) -> str:
        """Why the rule decided, and why the call was refused where no rule forced that."""
        if self.plan is None:
            return self.refused_because
        return (
            self.plan.why if self.plan.outcome is not None else f"{self.plan.why}; {self.refused_because}".strip("; ")
        )

    @property
    def injected(self) -> str:
        """What the rule asked for, in words."""
        return str(self.plan) if self.plan else ""

    @property
    def delay_asked_ms(self) -> int:
        """For how long the rule meant to delay the call."""
        return self.plan.delay_ms if self.plan else 0
