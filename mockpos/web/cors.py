"""Lets pages of other origins call the operations, where that was asked for (``--cors-origin``); nothing else."""

import flask
from werkzeug.exceptions import MethodNotAllowed

from mockpos.server.request import Reply
from mockpos.web.exchange import Exchange, current_exchange
from mockpos.web.replies import as_response, is_the_mocks_own

_ANY = "*"
_EXPOSED = "X-Request-Id, Retry-After, Allow, X-Mockpos-Scenario, X-Mockpos-Rule, X-Mockpos-Error, X-Mockpos-Sandbox"
_PREFLIGHT_IS_GOOD_FOR_S = 600


class CrossOrigin:
    """The origins whose pages may read what the operations answer; ``*`` is every one."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = frozenset(origins)

    def headers(self, exchange: Exchange) -> list[tuple[str, str]]:
        """Return the headers that let a page read the answer to its call: none for any other."""
        origin = exchange.request.header(b"origin")
        if exchange.sandbox is None or not self._allows(origin):
            return []
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", _EXPOSED),
            ("Vary", "Origin"),
        ]

    def preflight(self) -> flask.Response | None:
        """Answer the question whether a page may call an operation; None where the request asks nothing like it."""
        asked = current_exchange().request
        origin, wanted = asked.header(b"origin"), asked.header(b"access-control-request-method")
        refused = flask.request.routing_exception  # no operation has the method OPTIONS itself
        if asked.method != "OPTIONS" or not wanted or not isinstance(refused, MethodNotAllowed):
            return None
        if is_the_mocks_own(flask.request.environ["PATH_INFO"]) or not self._allows(origin):
            return None
        return as_response(
            Reply(
                204,
                [
                    ("Access-Control-Allow-Origin", origin),
                    ("Access-Control-Allow-Methods", ", ".join(sorted(refused.valid_methods or ()))),
                    ("Access-Control-Allow-Headers", asked.header(b"access-control-request-headers") or _ANY),
                    ("Access-Control-Max-Age", str(_PREFLIGHT_IS_GOOD_FOR_S)),
                    ("Vary", "Origin"),
                ],
                b"",
            )
        )

    def _allows(self, origin: str) -> bool:
        return bool(origin) and (origin in self._origins or _ANY in self._origins)
