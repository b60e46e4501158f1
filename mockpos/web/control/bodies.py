"""The body of a control call: unpacked, and no longer than it may be."""

from collections.abc import Iterator
from contextlib import contextmanager

from mockpos.domain.errors import MockMisuse, Refusal
from mockpos.server.greenlets import offload
from mockpos.web.contract.bodies import unpacked
from mockpos.web.exchange import current_exchange

_LARGE = 64 * 1024


def body_bytes(limit: int) -> bytes:
    """Return the body of the present call. Raises MockMisuse."""
    request = current_exchange().request
    with as_the_mocks_own():
        if len(request.body) > _LARGE:  # then others go on meanwhile
            return offload(lambda: unpacked(request, limit))
        return unpacked(request, limit)


@contextmanager
def as_the_mocks_own() -> Iterator[None]:
    """Raise MockMisuse where a body is refused: no automator has the control plane."""
    try:
        yield
    except Refusal as refusal:
        misuse = MockMisuse(f"mock_{refusal.code}", refusal.detail)
        misuse.accepted_codings = refusal.accepted_codings
        raise misuse from None
