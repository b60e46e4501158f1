"""Bodies that were packed for the way: gzip is unpacked, anything else refused with the name of what is understood."""

import zlib

from mockpos.server.request import Request

ACCEPTED = "gzip"
_NONE = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_WITH_HEADER = 16 + zlib.MAX_WBITS


class UnknownCoding(Exception):
    """The body is packed in a way that is not understood; the message names it."""


class BadCoding(Exception):
    """The body is not what its Content-Encoding says."""


def unpacked(request: Request, limit: int) -> bytes | None:
    """Return a body as it was before it was packed; None when that is longer than ``limit``, or was not read.

    Raises UnknownCoding and BadCoding.
    """
    if request.is_too_large:
        return None
    coding = request.header(b"content-encoding").strip().lower()
    body = request.body
    if coding in _GZIP and body:
        body = _gunzipped(body, limit)
    elif coding not in _NONE | _GZIP:
        raise UnknownCoding(f"Content-Encoding {coding[:80]!r} is not understood; send the body as it is, or as gzip.")
    return body if len(body) <= limit else None


def _gunzipped(body: bytes, limit: int) -> bytes:
    """Unpack one byte more than the limit at most, whatever the packed body would grow to."""
    whole = b""
    try:
        while body and len(whole) <= limit:  # a gzip file may have several members
            unpacker = zlib.decompressobj(_WITH_HEADER)
            whole += unpacker.decompress(body, limit + 1 - len(whole))
            if not unpacker.eof and len(whole) <= limit:
                raise BadCoding("The body is not the gzip that its Content-Encoding says: it ends too early.")
            body = unpacker.unused_data
    except zlib.error:
        raise BadCoding("The body is not the gzip that its Content-Encoding says.") from None
    return whole
