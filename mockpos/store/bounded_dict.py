"""A dictionary that remembers so many entries and no more, forgetting the oldest."""

from collections.abc import Iterator
from typing import Generic, TypeVar

from mockpos.store.copy_on_write import CopyOnWriteDict
from mockpos.store.key_list import KeyList

V = TypeVar("V")


class BoundedDict(Generic[V]):
    """Entries by key, oldest first. Setting a known key keeps its age. Copies cost nothing."""

    __slots__ = ("_entries", "_order", "forgotten", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.forgotten = 0
        self._entries: CopyOnWriteDict[V] = CopyOnWriteDict()
        self._order = KeyList()

    def __len__(self) -> int:
        """Return how many entries are remembered."""
        return len(self._entries)

    def get(self, key: str) -> V | None:
        """Return an entry, or None when it is unknown or forgotten."""
        return self._entries.get(key)

    def put(self, key: str, value: V) -> None:
        """Remember an entry. The caller then asks ``pop_excess`` for what had to go."""
        if key not in self._entries:
            self._order.append(key)
        self._entries.put(key, value)

    def pop_excess(self) -> Iterator[tuple[str, V]]:
        """Forget the oldest entries over the limit, yielding each just after it is gone."""
        while len(self._order) > self.limit:
            key = self._order.popleft()
            self.forgotten += 1
            yield key, self._entries.pop(key)

    def items(self) -> Iterator[tuple[str, V]]:
        """Iterate over the entries, oldest first. They must not change meanwhile: iterate over a copy."""
        for key in self._order:
            yield key, self._entries[key]

    def items_from(self, number: int, most: int) -> list[tuple[int, str, V]]:
        """Return up to ``most`` entries, each with its number, from one on: every entry ever put counts, from 0."""
        start = max(0, number - self.forgotten)
        keys = self._order.part(start, most)
        return [(self.forgotten + place, key, self._entries[key]) for place, key in enumerate(keys, start)]

    def forget(self, keys: set[str]) -> None:
        """Forget these entries, which are among them."""
        self._order.keep({key for key in self._order if key not in keys})
        for key in keys:
            self._entries.pop(key)
        self.forgotten += len(keys)

    def copy(self) -> "BoundedDict[V]":
        """Return one that is the same now and does not change with this one."""
        twin: BoundedDict[V] = BoundedDict(self.limit)
        twin.forgotten = self.forgotten
        twin._entries, twin._order = self._entries.copy(), self._order.copy()
        return twin
