"""Who is calling: finds the API key where the contract says it stands, and the sandbox it opens."""

from mockpos.contract.model import KeyRule
from mockpos.domain.errors import Refusal
from mockpos.sandboxes.keys import DEFAULT, KeyOwner
from mockpos.sandboxes.registry import Sandboxes
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.server.request import Request
from mockpos.web.exchange import Exchange
from mockpos.web.key_sandboxes import KeySandboxes

_BEARER = "bearer"
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
            raise Refusal("api_key_missing", f"Send the API key {self.how_to_send()}.")
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

    def how_to_send(self) -> str:
        """Say how this contract wants its key."""
        scheme = f"{self._scheme} " if self._scheme else ""
        own = f"in the header {self._rule.header}: {scheme}KEY"
        return f"{own}, or as Authorization: Bearer KEY" if self._rule.bearer else own

    def key_in(self, request: Request) -> str:
        """Return the key of a call, or nothing."""
        own = request.header(self._header).strip()
        if own and self._scheme:
            own = _after(self._scheme, own)
        if own and not (self._header == _AUTHORIZATION and self._rule.bearer and _after(_BEARER, own)):
            return own
        return _after(_BEARER, request.header(_AUTHORIZATION).strip()) if self._rule.bearer else ""


def _after(scheme: str, value: str) -> str:
    """Return what follows a scheme word, or nothing when the value has another scheme."""
    word, _, rest = value.partition(" ")
    return rest.strip() if word.lower() == scheme.lower() else ""
