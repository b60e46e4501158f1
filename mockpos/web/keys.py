"""Who is calling: the API key where the contract says, the sandbox it opens or makes, how often it may call."""

import re
import secrets
from collections.abc import Callable
from threading import Lock

from mockpos.contract.model import KeyRule
from mockpos.domain.errors import BadInput, MockMisuse, Refusal
from mockpos.sandboxes.keys import DEFAULT, KeyOwner
from mockpos.sandboxes.registry import NAME, Sandboxes
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.request import Request
from mockpos.web.exchange import Exchange
from mockpos.web.openapi.wording import how_to_send


class RateLimit:
    """``calls`` at once for each key, and as many again over every ``seconds`` of monotonic time."""

    def __init__(self, calls: int, seconds: float, monotonic: Callable[[], float]) -> None:
        self._calls = calls
        self._seconds = seconds
        self._monotonic = monotonic
        self._buckets: dict[bytes, tuple[float, float]] = {}
        self._lock = Lock()  # `flask run` and threaded WSGI servers count from several threads

    def count(self, key: bytes) -> None:
        """Count one call. Raises Refusal, with ``retry_after`` in seconds, when there were too many."""
        with self._lock:
            self._take(key)

    def _take(self, key: bytes) -> None:
        now = self._monotonic()
        left, before = self._buckets.get(key, (float(self._calls), now))
        left = min(float(self._calls), left + (now - before) * self._calls / self._seconds)
        if left < 1:
            self._buckets[key] = (left, now)
            refusal = Refusal(
                "rate_limited", f"More than {self._calls} calls in {self._seconds:g} seconds with this key."
            )
            refusal.retry_after_s = (1 - left) * self._seconds / self._calls
            raise refusal
        self._buckets[key] = (left - 1, now)


MOST = 1_000
"""How many there are at once; beyond it the one that was idle longest is dropped."""

IDLE_S = 600.0
_IN_USE_S = 5.0
_AT_ONCE, _SECONDS = 500, 2.0
_LONGEST_KEY = 256


class KeySandboxes:
    """Makes a sandbox for each unknown key that begins with ``prefix``: the default world, dropped when idle.

    The key becomes the sandbox's name, for people to recognise: it is no secret.
    """

    def __init__(self, sandboxes: Sandboxes, prefix: str, monotonic: Callable[[], float]) -> None:
        self._sandboxes = sandboxes
        self._prefix = prefix
        self._monotonic = monotonic
        self._rate = RateLimit(_AT_ONCE, _SECONDS, monotonic)
        self._made: set[str] = set()

    def make(self, key: str) -> KeyOwner | None:
        """Make the sandbox of an unknown key; None for a key that is none of these. Raises MockMisuse."""
        if not key.startswith(self._prefix) or len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
            return None
        self._make_room()
        try:
            made = self._sandboxes.create(name=self._name(key), api_key=key, ttl_s=IDLE_S)
            self._made.add(made.name)
        except BadInput as error:
            owner = self._sandboxes.keys.find(key)  # another call with the same key was quicker
            if owner is None:
                raise MockMisuse("mock_too_many_sandboxes", f"No sandbox for this key: {error}.") from None
            return owner
        return self._sandboxes.keys.find(key)

    def _make_room(self) -> None:
        """Count one more, and drop the one that was idle longest where there are too many."""
        try:
            self._rate.count(b"")
        except Refusal:
            told = f"More than {_AT_ONCE} sandboxes by key in {_SECONDS:g} seconds; let tests use a key again."
            raise MockMisuse("mock_too_many_sandboxes", told) from None
        if len(self._made) < MOST:
            return
        there = [sandbox for sandbox in self._sandboxes if sandbox.name in self._made]
        self._made = {sandbox.name for sandbox in there}
        if len(there) < MOST:
            return
        idle = [sandbox for sandbox in there if not sandbox.is_busy]
        longest = min(idle, key=lambda sandbox: sandbox.last_used, default=None)
        if longest is None or self._monotonic() - longest.last_used < _IN_USE_S:
            told = f"{MOST} sandboxes by key are in use; let tests use a key again, or drop some."
            raise MockMisuse("mock_too_many_sandboxes", told)
        self._made.discard(longest.name)
        self._sandboxes.delete(longest.name)

    def _name(self, key: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_-]", "-", key)[:59].lstrip("-_") or "key"
        is_free = NAME.fullmatch(name) is not None and all(sandbox.name != name for sandbox in self._sandboxes)
        return name if is_free and name == key else f"{name}-{secrets.token_hex(2)}"


BEARER = "bearer"
_AUTHORIZATION = b"authorization"


class KeyReader:
    """Finds who calls."""

    def __init__(self, rule: KeyRule, sandboxes: Sandboxes, key_sandboxes: KeySandboxes | None = None) -> None:
        self._header = rule.header.lower().encode("latin-1")
        self._scheme = rule.scheme
        self._rule = rule
        self._sandboxes = sandboxes
        self._key_sandboxes = key_sandboxes

    def caller(self, exchange: Exchange) -> tuple[KeyOwner, Sandbox]:
        """Find who calls, and the sandbox that is meant. Raises Refusal for a missing, unknown or switched-off key.

        The key chooses the sandbox. A path may choose another one, with that one's key or the default key.
        """
        key = self.key_in(exchange.request)
        if not key:
            raise Refusal("api_key_missing", f"Send the API key {how_to_send(self._rule)}.")
        owner = self._sandboxes.keys.find(key)
        name = exchange.path_sandbox
        if owner is None and name is None and self._key_sandboxes is not None:
            owner = self._key_sandboxes.make(key)
            exchange.sandbox_created = owner is not None
        if owner is None or (name is not None and owner.sandbox not in (name, DEFAULT)):
            raise Refusal("api_key_invalid", "This API key is not known here.")
        if not owner.enabled:
            raise Refusal("key_not_allowed", "This API key is switched off.")
        sandbox = self._sandboxes.get(name) if name is not None else self._sandboxes.of(owner)
        if sandbox is None:  # deleted between the look at the key and this one
            raise Refusal("api_key_invalid", "This API key is not known here.")
        return owner, sandbox

    def presumed(self, exchange: Exchange) -> Sandbox:
        """Return the sandbox a call means as far as its path tells, before its key was looked at."""
        name = exchange.path_sandbox
        return (self._sandboxes.get(name) if name is not None else None) or self._sandboxes.default

    def key_in(self, request: Request) -> str:
        """Return the key of a call, or nothing."""
        own = request.header(self._header).strip()
        if own and self._scheme:
            own = after_scheme(self._scheme, own)
        if own and not (self._header == _AUTHORIZATION and self._rule.bearer and after_scheme(BEARER, own)):
            return own
        return after_scheme(BEARER, request.header(_AUTHORIZATION).strip()) if self._rule.bearer else ""


def after_scheme(scheme: str, value: str) -> str:
    """Return what follows a scheme word, or nothing when the value has another scheme."""
    word, _, rest = value.partition(" ")
    return rest.strip() if word.lower() == scheme.lower() else ""
