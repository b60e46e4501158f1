"""Keys in the order they came. A copy costs nothing: both share one list until the second of them appends to it."""

from collections.abc import Iterator
from itertools import islice

_FEW = 4096


class KeyList:
    """Keys that are added at the end and taken out at the front. One thread at a time may use it or copy it."""

    __slots__ = ("_keys", "_start", "_stop")

    def __init__(self) -> None:
        self._keys: list[str] = []  # never changes but by appending, for copies rest on it
        self._start = 0
        self._stop = 0

    def __len__(self) -> int:
        """Return how many keys there are."""
        return self._stop - self._start

    def __iter__(self) -> Iterator[str]:
        """Iterate over all as they are now, whatever is added or taken out meanwhile."""
        return islice(self._keys, self._start, self._stop)

    def at(self, place: int) -> str | None:
        """Return the key at a place, 0 being the oldest's; None beyond the end."""
        at = self._start + place
        return self._keys[at] if at < self._stop else None

    def place_of(self, key: str) -> int:
        """Return the place of a key that is among them."""
        return self._keys.index(key, self._start, self._stop) - self._start

    def part(self, place: int, most: int) -> list[str]:
        """Return up to so many keys from a place on."""
        at = self._start + place
        return self._keys[at : min(self._stop, at + most)]

    def append(self, key: str) -> None:
        """Add a key at the end."""
        if len(self._keys) != self._stop:  # a copy has gone on in the list
            self._compact()
        self._keys.append(key)
        self._stop += 1

    def popleft(self) -> str:
        """Take the oldest key out. Raises IndexError when there is none."""
        if self._start == self._stop:
            raise IndexError("no key is left")
        key = self._keys[self._start]
        self._start += 1
        if self._start > _FEW and 4 * self._start > self._stop:
            self._compact()
        return key

    def keep(self, kept: "set[str]") -> None:
        """Leave out the keys that are not among these."""
        self._keys = [key for key in self if key in kept]
        self._start, self._stop = 0, len(self._keys)

    def copy(self) -> "KeyList":
        """Return one that is the same now and does not change with this one."""
        twin = KeyList()
        twin._keys, twin._start, twin._stop = self._keys, self._start, self._stop
        return twin

    def _compact(self) -> None:
        self._keys = self._keys[self._start : self._stop]
        self._start, self._stop = 0, len(self._keys)
