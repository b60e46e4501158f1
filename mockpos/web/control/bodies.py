"""The body of a control call: unpacked, and no longer than it may be."""

from mockpos.domain.errors import MockMisuse
from mockpos.server.greenlets import offload
from mockpos.web.content_coding import ACCEPTED, BadCoding, UnknownCoding, unpacked
from mockpos.web.exchange import current_exchange

_LARGE = 64 * 1024


def body_bytes(limit: int) -> bytes:
    """Return the body of the present call. Raises MockMisuse."""
    request = current_exchange().request
    try:
        is_large = len(request.body) > _LARGE  # then others go on meanwhile
        body = offload(lambda: unpacked(request, limit)) if is_large else unpacked(request, limit)
    except UnknownCoding as unknown:
        misuse = MockMisuse("mock_unsupported_media_type", str(unknown))
        misuse.accepted_codings = ACCEPTED
        raise misuse from None
    except BadCoding as bad:
        raise MockMisuse("mock_malformed_request", str(bad)) from None
    if body is None:
        raise MockMisuse("mock_request_too_large", f"The body is larger than {limit} bytes.")
    return body
