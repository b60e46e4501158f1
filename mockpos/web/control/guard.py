"""Who may use the control plane.

Whoever has the token. Without one, when none was given at the start, only calls from this machine to a server that
listens on loopback: their address shows it, under every server. Nowhere a page of another site: a browser names that
site in ``Origin``, and a name that was rebound to this address stands in ``Host``.
"""

import ipaddress
import re
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from mockpos.control_client import TOKEN_HEADER
from mockpos.domain.errors import MockMisuse
from mockpos.server.request import Request
from mockpos.settings import MadeToken, Settings
from mockpos.web.keys import BEARER, after_scheme

CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_OWN_SITE = ("same-origin", "none")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:@/\s]+))(?::[0-9]*)?")


class Guard:
    """Lets control calls through, or raises MockMisuse. ``always_asks`` says that even this machine needs the token."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.control_token
        self.always_asks = not (isinstance(self._token, MadeToken) and is_loopback(settings.host))
        self._hosts = {settings.host.strip("[]").lower(), *settings.allowed_host}

    def check(self, environ: Mapping[str, Any]) -> None:
        """Look at one call: its token where one is needed, else its host; then its origin.

        Who sends the right token is no page whose name was rebound: it may call this server by any name.
        """
        host = environ.get("HTTP_HOST", "")
        if self.needs_token(environ.get("REMOTE_ADDR") or ""):
            self._check_token(environ.get("HTTP_X_MOCKPOS_TOKEN", ""), environ.get("HTTP_AUTHORIZATION", ""))
        elif not self._is_known(name_of(host)):
            raise MockMisuse(
                "mock_host_not_allowed",
                f"The control plane does not answer to the host {host[:80]!r}; allow it with --allowed-host.",
            )  # fmt: skip
        if environ["REQUEST_METHOD"] in CHANGES:
            _check_origin(environ, host)

    def needs_token(self, peer: str) -> bool:
        """Tell whether a call from an address needs the token; an empty address is one that nobody knows."""
        return self.always_asks or not is_loopback(peer)

    def trusts(self, asked: Request) -> bool:
        """Tell whether a request that is still arriving has the token, where one is needed."""
        if not self.needs_token(asked.peer):
            return True
        bearer = after_scheme(BEARER, asked.header(b"authorization"))
        return self.is_token(asked.header(TOKEN_HEADER.lower().encode()) or bearer)

    def is_token(self, given: str) -> bool:
        """Compare in constant time."""
        return compare_digest(given.encode("latin-1", "replace"), self._token.encode("latin-1"))

    def _check_token(self, given: str, authorization: str) -> None:
        if self.is_token(given or after_scheme(BEARER, authorization)):
            return
        if not given:  # what comes as a bearer may be an API key
            raise MockMisuse(
                "mock_token_missing",
                f"Send the control token in the header {TOKEN_HEADER}, or as Authorization: Bearer TOKEN.",
            )  # fmt: skip
        raise MockMisuse("mock_token_invalid", "This control token is not the one of this server.")

    def _is_known(self, name: str) -> bool:
        return bool(name) and (name in _LOOPBACK_NAMES or name in self._hosts or is_loopback(name))


def _check_origin(environ: Mapping[str, Any], host: str) -> None:
    """Refuse a change that a page of another site asks for: its browser says so in one of two headers."""
    origin, site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE", "same-origin")
    if (origin is not None and not _is_same_site(origin, host)) or site not in _OWN_SITE:
        told = repr(origin[:80]) if origin is not None else "another site"
        raise MockMisuse("mock_cross_site", f"A page of {told} may not change anything here.")


def _is_same_site(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Tell whether an address, or localhost, never leaves this machine."""
    name = host.strip("[]").lower()
    if name in _LOOPBACK_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def name_of(host: str) -> str:
    """Return the name in a Host header, without its port; nothing when it is none."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""
