"""Times as the contract writes them: RFC 3339, UTC, milliseconds, Z."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def said(millis: int) -> str:
    """Write milliseconds since 1970."""
    return (_EPOCH + timedelta(milliseconds=millis)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(text: str) -> int:
    """Return milliseconds since 1970."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
