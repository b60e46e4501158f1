"""Bodies that were packed for the way: gzip is unpacked, anything else refused with the name of what is understood."""

import zlib

from mockpos.domain.errors import Refusal
from mockpos.server.request import Request

_NONE = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_WITH_HEADER = 16 + zlib.MAX_WBITS


def unpacked(request: Request, limit: int) -> bytes:
    """Return a body as it was before it was packed.

    Raises Refusal where it is longer than ``limit``, packed in a way that is not understood, or not what it says.
    """
    if request.is_too_large:
        raise _too_large(limit)
    coding = request.header(b"content-encoding").strip().lower()
    body = request.body
    if coding in _GZIP and body:
        body = _gunzipped(body, limit)
    elif coding not in _NONE | _GZIP:
        told = f"Content-Encoding {coding[:80]!r} is not understood; send the body as it is, or as gzip."
        refusal = Refusal("unsupported_media_type", told)
        refusal.accepted_codings = "gzip"
        raise refusal
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> Refusal:
    return Refusal("request_too_large", f"The body is larger than {limit} bytes.")


def _not_gzip(why: str = "") -> Refusal:
    told = f"The body is not the gzip that its Content-Encoding says{why}."
    return Refusal("malformed_request", told, position=None)


def _gunzipped(body: bytes, limit: int) -> bytes:
    """Unpack one byte more than the limit at most, whatever the packed body would grow to."""
    whole = b""
    try:
        while body and len(whole) <= limit:  # a gzip file may have several members
            unpacker = zlib.decompressobj(_WITH_HEADER)
            whole += unpacker.decompress(body, limit + 1 - len(whole))
            if not unpacker.eof and len(whole) <= limit:
                raise _not_gzip(": it ends too early")
            body = unpacker.unused_data
    except zlib.error:
        raise _not_gzip() from None
    return whole
