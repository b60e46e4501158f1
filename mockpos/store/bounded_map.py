"""A map that remembers so many entries and no more, forgetting the oldest."""

from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

from mockpos.store.shared_map import SharedMap
from mockpos.store.shared_queue import SharedQueue

V = TypeVar("V")


class BoundedMap(Generic[V]):
    """Entries by key, oldest first. Setting a known key keeps its age."""

    __slots__ = ("_entries", "_order", "forgotten", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.forgotten = 0
        self._entries: SharedMap[V] = SharedMap()
        self._order = SharedQueue()

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
            value = self._entries.pop(key)
            self.forgotten += 1
            yield key, value

    def items(self) -> Iterator[tuple[str, V]]:
        """Iterate over the entries, oldest first."""
        for key in self._order.from_place(0):
            yield key, self._entries[key]

    def items_from(self, number: int, most: int) -> list[tuple[int, str, V]]:
        """Return up to ``most`` entries, each with its number, from one on: every entry ever put counts, from 0."""
        start = max(0, number - self.forgotten)
        keys = islice(self._order.from_place(start), most)
        return [(self.forgotten + place, key, self._entries[key]) for place, key in enumerate(keys, start)]

    def copy(self) -> "BoundedMap[V]":
        """Return one that is the same now and does not move when this one does."""
        twin: BoundedMap[V] = BoundedMap(self.limit)
        twin.forgotten = self.forgotten
        twin._entries = self._entries.copy()
        twin._order = self._order.copy()
        return twin
