"""Sandboxes that come into being with the first call of an unknown key: parallel tests then need no set-up call."""

import re
import secrets
from collections.abc import Callable

from mockpos.domain.errors import BadInput, MockMisuse, Refusal
from mockpos.sandboxes.keys import KeyOwner
from mockpos.sandboxes.registry import NAME, Sandboxes
from mockpos.web.rate import RateLimit

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
                raise MockMisuse("mock_too_many_sandboxes", 429, f"No sandbox for this key: {error}.") from None
            return owner
        return self._sandboxes.keys.find(key)

    def _make_room(self) -> None:
        """Count one more, and drop the one that was idle longest where there are too many."""
        try:
            self._rate.count(b"")
        except Refusal:
            told = f"More than {_AT_ONCE} sandboxes by key in {_SECONDS:g} seconds; let tests use a key again."
            raise MockMisuse("mock_too_many_sandboxes", 429, told) from None
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
            raise MockMisuse("mock_too_many_sandboxes", 429, told)
        self._made.discard(longest.name)
        self._sandboxes.delete(longest.name)

    def _name(self, key: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_-]", "-", key)[:59].lstrip("-_") or "key"
        is_free = NAME.fullmatch(name) is not None and all(sandbox.name != name for sandbox in self._sandboxes)
        return name if is_free and name == key else f"{name}-{secrets.token_hex(2)}"
