"""A queue whose copies share all but its newest keys: copying a million takes as long as copying two thousand."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

_CHUNK = 1024


class SharedQueue:
    """Keys in the order they came. One thread at a time may change or copy it."""

    __slots__ = ("_full", "_gone", "_newest")

    def __init__(self) -> None:
        self._full: deque[tuple[str, ...]] = deque()  # chunks that never change any more, the oldest first
        self._newest: list[str] = []  # what will be the next chunk
        self._gone = 0  # how many keys of the first chunk were taken out

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._full) * _CHUNK + len(self._newest) - self._gone

    def append(self, key: str) -> None:
        """Add a key at the end."""
        newest = self._newest
        newest.append(key)
        if len(newest) == _CHUNK:
            self._full.append(tuple(newest))
            self._newest = []

    def popleft(self) -> str:
        """Take the oldest key out. Raises IndexError when there is none."""
        first = self._full[0] if self._full else self._newest
        key = first[self._gone]
        self._gone += 1
        if self._gone == _CHUNK:
            self._full.popleft()
            self._gone = 0
        return key

    def from_place(self, place: int) -> Iterator[str]:
        """Iterate over the keys from one place on, 0 being the oldest's. Nobody may change it meanwhile."""
        skipped, within = divmod(self._gone + place, _CHUNK)
        for chunk in islice(self._full, skipped, None):
            yield from islice(chunk, within, None)
            within = 0
        if skipped <= len(self._full):
            yield from islice(self._newest, within, None)

    def copy(self) -> "SharedQueue":
        """Return one that is the same now and does not move when this one does."""
        twin = SharedQueue()
        twin._full, twin._newest, twin._gone = self._full.copy(), self._newest.copy(), self._gone
        return twin
