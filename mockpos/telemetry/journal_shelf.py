"""Where one sandbox's calls stand, and how many bytes a call is. Knows no lock: the budget that owns it holds one."""

from collections import deque

from mockpos.domain.calls import CallRecord

_CALL_BYTES = 1300
"""One record with its two views, numbers, short ids, and its places in the shelf. A test measures all three figures."""

_HEADER_BYTES = 170
"""A pair of a header: the tuple and what two strings cost beside their characters."""

_OWN_HEADER_BYTES = 200
"""A pair of the answer's: its characters are few and our own."""


def size_of(call: CallRecord) -> int:
    """Estimate what a call occupies in memory, in bytes. The same call gives the same number every time."""
    size = _CALL_BYTES + len(call.target) + len(call.why) + len(call.body) + len(call.response_body)
    size += len(call.headers) * _HEADER_BYTES + len(call.response_headers) * _OWN_HEADER_BYTES
    for name, value in call.headers:
        size += len(name) + len(value)
    return size


class Shelf:
    """Calls in the order they came, the newest of each request id, and their bytes."""

    __slots__ = ("calls", "evicted", "newest", "sizes", "used")

    def __init__(self) -> None:
        self.calls: deque[CallRecord] = deque()
        self.sizes: deque[int] = deque()
        self.newest: dict[str, CallRecord] = {}
        self.used = 0
        self.evicted = 0

    def put(self, call: CallRecord, size: int) -> None:
        """Add a call."""
        self.calls.append(call)
        self.sizes.append(size)
        self.newest[call.request_id] = call
        self.used += size

    def drop_oldest(self) -> int:
        """Evict the oldest call and return its bytes."""
        call, size = self.calls.popleft(), self.sizes.popleft()
        if self.newest[call.request_id] is call:
            del self.newest[call.request_id]
        self.used -= size
        self.evicted += 1
        return size

    def clear(self) -> None:
        """Forget every call, and that any was evicted."""
        self.calls.clear()
        self.sizes.clear()
        self.newest.clear()
        self.used = self.evicted = 0

    def fill_from(self, other: "Shelf") -> None:
        """Become what an other shelf is now."""
        self.calls = other.calls.copy()
        self.sizes = other.sizes.copy()
        self.newest = other.newest.copy()
        self.used = other.used
        self.evicted = other.evicted
