"""Which key belongs to whom, looked up so that a wrong key tells nothing by the time it takes."""

import secrets
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

DEFAULT = "default"
"""The name of the sandbox that is always there."""


def base_path(sandbox: str) -> str:
    """Return the path in front of every call that can choose a sandbox by its path only."""
    return "" if sandbox == DEFAULT else f"/s/{sandbox}"


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose key it is. ``tag`` names the key in counters without being it."""

    tag: bytes
    sandbox: str
    enabled: bool


class Keys:
    """The known keys, found by a keyed hash: no comparison depends on how much of a key is right."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._owners: dict[bytes, KeyOwner] = {}
        self._lock = Lock()

    def add(self, key: str, sandbox: str, *, enabled: bool = True) -> None:
        """Make a key known that is nobody's."""
        tag = self._tag(key)
        with self._lock:
            self._owners.setdefault(tag, KeyOwner(tag, sandbox, enabled))

    def find(self, key: str) -> KeyOwner | None:
        """Return whose key it is, or None for an unknown one."""
        return self._owners.get(self._tag(key))

    def switch(self, key: str, *, enabled: bool) -> None:
        """Switch a known key on or off."""
        tag = self._tag(key)
        with self._lock:
            owner = self._owners[tag]
            self._owners[tag] = KeyOwner(tag, owner.sandbox, enabled)

    def remove(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._owners.pop(self._tag(key), None)

    def _tag(self, key: str) -> bytes:
        return blake2b(key.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=16).digest()
