"""Who is calling: API keys, compared so that a wrong one tells nothing by the time it takes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from mockpos.domain.errors import Refusal
from mockpos.web.contract.model import KeyRule

_BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a key belongs to. ``tag`` names the key in counters without being it."""

    tag: bytes
    enabled: bool


class KeyRing:
    """The known keys. They are looked up by a keyed hash, so no comparison depends on how much of a key is right."""

    def __init__(self, rule: KeyRule) -> None:
        self._secret = secrets.token_bytes(32)
        self._callers: dict[bytes, Caller] = {}
        self._variable = "HTTP_" + rule.header.upper().replace("-", "_")
        self._scheme = rule.scheme
        self._rule = rule

    def add(self, key: str, *, enabled: bool = True) -> None:
        """Make a key known."""
        tag = self._tag(key)
        self._callers[tag] = Caller(tag, enabled)

    def caller(self, environ: Mapping[str, str]) -> Caller:
        """Find who calls. Raises Refusal for a missing, unknown or switched-off key."""
        key = self._key_in(environ)
        if not key:
            raise Refusal("api_key_missing", f"Send the API key {self.how_to_send()}.")
        caller = self._callers.get(self._tag(key))
        if caller is None:
            raise Refusal("api_key_invalid", "This API key is not known here.")
        if not caller.enabled:
            raise Refusal("key_not_allowed", "This API key is switched off.")
        return caller

    def how_to_send(self) -> str:
        """Say how this contract wants its key."""
        scheme = f"{self._scheme} " if self._scheme else ""
        own = f"in the header {self._rule.header}: {scheme}KEY"
        return f"{own}, or as Authorization: Bearer KEY" if self._rule.bearer else own

    def _key_in(self, environ: Mapping[str, str]) -> str:
        own = environ.get(self._variable, "").strip()
        if own and self._scheme:
            own = _after(self._scheme, own)
        if own and not (self._variable == "HTTP_AUTHORIZATION" and self._rule.bearer and _after(_BEARER, own)):
            return own
        return _after(_BEARER, environ.get("HTTP_AUTHORIZATION", "").strip()) if self._rule.bearer else ""

    def _tag(self, key: str) -> bytes:
        return blake2b(key.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=16).digest()


def _after(scheme: str, value: str) -> str:
    """Return what follows a scheme word, or nothing when the value has another scheme."""
    word, _, rest = value.partition(" ")
    return rest.strip() if word.lower() == scheme.lower() else ""
