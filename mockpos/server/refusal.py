"""What the server says by itself: an error in the words it was given, ready to be sent.

Used where no app answers: broken requests, and an app that failed. It must not know how an error is worded.
"""

import logging
from collections.abc import Callable, Iterable
from email.utils import formatdate

ErrorWriter = Callable[[int, str, str], tuple[int, list[tuple[str, str]], bytes]]
"""Words an error that the server makes: (status, kind, message) to (status, headers, body).

Kinds: ``malformed_request``, ``uri_too_long``, ``headers_too_large``, ``pos_unavailable`` (too many
connections), ``internal_error``. The returned status may differ: the contract may say so.
"""

KINDS = {414: "uri_too_long", 431: "headers_too_large", 500: "internal_error", 503: "pos_unavailable"}

_log = logging.getLogger("mockpos.server")


def word(writer: ErrorWriter, status: int, message: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body for an HTTP status that gunicorn or the bridge chose. Never raises.

    What is not in ``KINDS`` is a malformed request and 400, also where HTTP has a finer word for it (501, 417).
    """
    kind = KINDS.get(status, "malformed_request")
    try:
        return writer(status if status in KINDS else 400, kind, message)
    except Exception:
        _log.exception("the error writer failed on %s", kind)
        return 500, [("Content-Type", "application/problem+json")], b'{"status":500,"code":"internal_error"}'


def as_bytes(phrase: str, status: int, headers: Iterable[tuple[str, str]], body: bytes, *, head: bool) -> bytes:
    """Return a whole response after which the connection is closed; without the body for a HEAD request."""
    lines = [f"HTTP/1.1 {status} {phrase}", "Server: mockpos", f"Date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + (b"" if head else body)
