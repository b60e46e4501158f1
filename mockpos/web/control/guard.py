"""Who may use the control plane.

On a loopback address everybody who reaches it. On any other, whoever has the token. Nowhere a page of another
site: a browser names that site in ``Origin``, and a name that was rebound to this address stands in ``Host``.
"""

import ipaddress
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from mockpos.domain.errors import MockMisuse
from mockpos.server.request import Request
from mockpos.settings import Settings

TOKEN_HEADER = "X-Mockpos-Token"  # noqa: S105  # the name of a header, no secret
_TOKEN_VARIABLE = "HTTP_X_MOCKPOS_TOKEN"  # noqa: S105  # the name of a header, no secret
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_OWN_SITE = ("same-origin", "none")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")


class Guard:
    """Lets control calls through, or raises MockMisuse."""

    def __init__(self, settings: Settings) -> None:
        self.token = None if is_loopback(settings.host) else settings.control_token
        self._hosts = {settings.host.strip("[]").lower(), *(host.lower() for host in settings.allowed_host)}

    def check(self, environ: Mapping[str, Any]) -> None:
        """Look at one call: host, origin, then token."""
        host = environ.get("HTTP_HOST", "")
        if not self._is_known(_name_of(host)):
            raise MockMisuse(
                "mock_host_not_allowed", 403,
                f"The control plane does not answer to the host {host[:80]!r}; allow it with --allowed-host.",
            )  # fmt: skip
        if environ["REQUEST_METHOD"] in CHANGES:
            self._check_origin(environ, host)
        if self.token is not None:
            self._check_token(environ.get(_TOKEN_VARIABLE, ""))

    def trusts(self, asked: Request) -> bool:
        """Tell whether a request that is still arriving has the token, where one is needed."""
        if self.token is None:
            return True
        given = asked.fields.get(TOKEN_HEADER.lower().encode(), b"")
        return compare_digest(given, self.token.encode("latin-1"))

    def _check_origin(self, environ: Mapping[str, Any], host: str) -> None:
        """Refuse a change that a page of another site asks for: its browser says so in one of two headers."""
        origin, site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
        if (origin is not None and not self._is_same_site(origin, host)) or site not in _OWN_SITE:
            told = repr(origin[:80]) if origin is not None else "another site"
            raise MockMisuse("mock_cross_site", 403, f"A page of {told} may not change anything here.")

    def _check_token(self, given: str) -> None:
        if not given:
            raise MockMisuse("mock_token_missing", 401, f"Send the control token in the header {TOKEN_HEADER}.")
        if self.token is None or not compare_digest(given.encode("latin-1", "replace"), self.token.encode("latin-1")):
            raise MockMisuse("mock_token_invalid", 401, "This control token is not the one printed at the start.")

    def _is_known(self, name: str) -> bool:
        return name in _LOOPBACK_NAMES or name in self._hosts or is_loopback(name)

    def _is_same_site(self, origin: str, host: str) -> bool:
        return urlsplit(origin).netloc.lower() == host.lower()


def is_loopback(host: str) -> bool:
    """Tell whether an address, or localhost, never leaves this machine."""
    name = host.strip("[]").lower()
    if name in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    """Return the name in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()
