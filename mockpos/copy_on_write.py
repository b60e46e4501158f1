"""A dictionary whose copies share what none of them has changed since: a moment of a world is kept at no cost.

A copy leaves both with one dictionary that neither changes any more, and with what each changed since beside it. Once
the copy is gone, the changes move over, a few at each further change, so nobody waits for a large dictionary to be
copied. Where a copy is kept, everything is copied once what differs is half of it.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Generic, TypeVar

V = TypeVar("V")

_GONE: object = object()
_NONE: object = object()
_MOVED_AT_ONCE = 4
_FEW = 256
_LET_GO_AT_ONCE = 500


class _Shared(Generic[V]):
    """Entries, and the identities of those that rest on them. With more than one they do not change."""

    __slots__ = ("entries", "users")

    def __init__(self, entries: dict[str, V], user: int) -> None:
        self.entries = entries
        self.users = {user}


class CopyOnWriteDict(Generic[V]):
    """Values by key. One thread at a time may use it or copy it; copies are independent of each other.

    ``get`` returns an entry, or None. Where nothing differs from what is shared it is the dictionary's own: every call
    looks up fifteen entries and more.
    """

    __slots__ = ("_changed", "_growth", "_shared", "get")

    get: Callable[[str], V | None]

    def __init__(self) -> None:
        self._shared: _Shared[V] = _Shared({}, id(self))
        self._changed: dict[str, V | object] = {}  # in place of what is shared, or besides
        self._growth = 0  # how many entries there are more than shared ones
        self._choose_get()

    def __del__(self) -> None:
        """Leave what was shared to the others. One step of the interpreter: it may happen in any thread."""
        self._shared.users.discard(id(self))

    def __len__(self) -> int:
        return len(self._shared.entries) + self._growth

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __getitem__(self, key: str) -> V:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def put(self, key: str, value: V) -> None:
        """Add an entry, or replace it."""
        if len(self._shared.users) > 1 or self._changed:
            self._put_apart(key, value)
        else:
            self._shared.entries[key] = value

    def pop(self, key: str) -> V:
        """Take an entry out. Raises KeyError."""
        if len(self._shared.users) == 1 and not self._changed:
            return self._shared.entries.pop(key)
        value = self[key]
        self._put_apart(key, _GONE)
        return value

    def take(self, key: str) -> V | None:
        """Take an entry out, if there is one."""
        return self.pop(key) if self.get(key) is not None else None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys as ``items`` does."""
        return (key for key, _ in self.items())

    def items(self) -> Iterator[tuple[str, V]]:
        """Iterate over the entries. They must not change meanwhile: iterate over a copy."""
        changed = self._changed
        if not changed:
            yield from self._shared.entries.items()
            return
        for key, value in self._shared.entries.items():
            if key not in changed:
                yield key, value
        for key, found in changed.items():
            if found is not _GONE:
                yield key, found  # type: ignore[misc]  # an entry

    def values(self) -> Iterator[V]:
        """Iterate over the values as ``items`` does."""
        return (value for _, value in self.items())

    def copy(self) -> "CopyOnWriteDict[V]":
        """Return one that is the same now and does not change with this one."""
        twin = type(self).__new__(type(self))
        twin._shared, twin._changed, twin._growth = self._shared, self._changed.copy(), self._growth
        self._shared.users.add(id(twin))
        twin._choose_get()
        return twin

    def let_go(self, between: Callable[[], None]) -> None:
        """Give up the entries that nobody else has, a few at a time: 100,000 at once keep everybody waiting."""
        entries = self._shared.entries
        for mine in (self._changed, entries if len(self._shared.users) == 1 else {}):
            while mine:
                for _ in range(min(len(mine), _LET_GO_AT_ONCE)):
                    mine.popitem()
                between()

    def _put_apart(self, key: str, value: V | object) -> None:
        changed, entries = self._changed, self._shared.entries
        was_there = self.get(key) is not None
        if value is _GONE and key not in entries:
            changed.pop(key, None)
        else:
            changed[key] = value
        self._growth += (value is not _GONE) - was_there
        if len(self._shared.users) == 1:
            self._move(_MOVED_AT_ONCE)
        elif len(changed) > _FEW and 2 * len(changed) > len(entries):
            self._part()
        self._choose_get()

    def _choose_get(self) -> None:
        changed, entries = self._changed, self._shared.entries
        self.get = partial(_get_apart, changed, entries) if changed else entries.get

    def _part(self) -> None:
        """Go on with entries of its own, made at once: one after the other they would take ten times as long."""
        self._shared.users.discard(id(self))
        merged: dict[str, Any] = self._shared.entries | self._changed
        for gone in [key for key, value in self._changed.items() if value is _GONE]:
            del merged[gone]
        self._shared = _Shared(merged, id(self))
        self._changed, self._growth = {}, 0

    def _move(self, most: int) -> None:
        """Make some of the changes to the entries themselves, which nobody else uses."""
        changed, entries = self._changed, self._shared.entries
        for _ in range(min(most, len(changed))):
            key, value = changed.popitem()
            if value is _GONE:
                del entries[key]
                self._growth += 1
            else:
                self._growth -= key not in entries
                entries[key] = value  # type: ignore[assignment]  # an entry


def _get_apart(changed: Mapping[str, V | object], entries: Mapping[str, V], key: str) -> V | None:
    value = changed.get(key, _NONE)
    if value is _NONE:
        return entries.get(key)
    return None if value is _GONE else value  # type: ignore[return-value]  # all else is an entry


_LEFT_BEHIND = 4096  # keys taken out at the front, before the list is copied without them


class KeyList:
    """Keys that are added at the end and taken out at the front. One thread at a time may use it or copy it."""

    __slots__ = ("_keys", "_start", "_stop")

    def __init__(self) -> None:
        self._keys: list[str] = []  # never changes but by appending, for copies rest on it
        self._start = 0
        self._stop = 0

    def __len__(self) -> int:
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
        if self._start > _LEFT_BEHIND and 4 * self._start > self._stop:
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


class BoundedDict(Generic[V]):
    """Entries by key, oldest first. Setting a known key keeps its age. Copies cost nothing."""

    __slots__ = ("_entries", "_order", "forgotten", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.forgotten = 0
        self._entries: CopyOnWriteDict[V] = CopyOnWriteDict()
        self._order = KeyList()

    def __len__(self) -> int:
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

    def let_go(self, between: Callable[[], None]) -> None:
        """Give up the entries as ``CopyOnWriteDict`` does."""
        self._entries.let_go(between)

    def copy(self) -> "BoundedDict[V]":
        """Return one that is the same now and does not change with this one."""
        twin: BoundedDict[V] = BoundedDict(self.limit)
        twin.forgotten = self.forgotten
        twin._entries, twin._order = self._entries.copy(), self._order.copy()
        return twin
