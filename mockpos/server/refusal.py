"""What the server says by itself: an error in the words it was given.

Used where no application answers: broken requests, and a handler that failed. Independent of how an error is worded.
"""

import logging
from collections.abc import Callable

ErrorWriter = Callable[[int, str, str], tuple[int, list[tuple[str, str]], bytes]]
"""Words an error that the server makes: (status, kind, message) to (status, headers, body).

Kinds: ``malformed_request``, ``uri_too_long``, ``headers_too_large``, ``pos_unavailable`` (too many
connections), ``internal_error``. The returned status may differ: the contract may say so.
"""

KINDS = {414: "uri_too_long", 431: "headers_too_large", 500: "internal_error", 503: "pos_unavailable"}

_log = logging.getLogger("mockpos.server")


def word(writer: ErrorWriter, status: int, message: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body for what the server refuses. Never raises."""
    kind = KINDS.get(status, "malformed_request")
    try:
        return writer(status, kind, message)
    except Exception:
        _log.exception("the error writer failed on %s", kind)
        return 500, [("Content-Type", "application/problem+json")], b'{"status":500,"code":"internal_error"}'


def plain_error(status: int, kind: str, message: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Word an error for an application that words none of its own."""
    return status, [("Content-Type", "text/plain; charset=utf-8")], message.encode()
