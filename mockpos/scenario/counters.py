"""What is counted in one sandbox: calls, attempts of a Global ID, firings of rules. Exact from any number of threads.

``attempt`` is remembered for at least the last 100,000 and at most 200,000 (operation, Global ID) pairs seen;
one that was forgotten counts from 1 again.
"""

from functools import lru_cache
from threading import Lock

from mockpos.domain.catalogue import Operation
from mockpos.scenario.model import Arrival, Scenario

REMEMBERED = 200_000
"""The most attempts that are remembered."""

_WORTH_SHARING = 1000
"""With fewer attempts since the last copy, a copy has its own: the more layers, the longer a look through them."""

_Counts = tuple[int, ...]
"""Attempts of each operation, in their order."""

_Attempts = dict[str, _Counts]
"""By Global ID: one entry for all operations is half the memory of one for each."""

_Layers = tuple[_Attempts, ...]
_PLACES = {operation: place for place, operation in enumerate(Operation)}
_NONE: _Counts = (0,) * len(Operation)


class Counters:
    """The counters of one sandbox. Begin anew with ``reset`` whenever a scenario is chosen, and on a reset."""

    def __init__(self, remember: int = REMEMBERED) -> None:
        self._lock = Lock()
        self._generation = max(1, remember // 2)
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._calls = dict.fromkeys(Operation, 0)
            self._fired: dict[tuple[str, str], int] = {}
            self._young: _Attempts = {}
            self._shared: _Layers = ()  # of the young ones, what copies have too: read, never changed
            self._old: _Layers = ()
            self._in_young = 0

    def arrive(self, operation: Operation, global_id: str) -> Arrival:
        """Count a call that passed the key and field checks, once, before any delay."""
        with self._lock:
            call = self._calls[operation] = self._calls[operation] + 1
            counts, place = self._young.get(global_id, _NONE), _PLACES[operation]
            attempt = counts[place]
            if not attempt and self._shared:
                attempt = _found(self._shared, place, global_id)
            if not attempt:
                if self._old:
                    attempt = _found(self._old, place, global_id)
                if self._in_young == self._generation:
                    self._young, self._shared, self._old = {}, (), (self._young, *self._shared)
                    self._in_young, counts = 0, _NONE
                self._in_young += 1
            self._young[global_id] = _grown(counts, place, attempt + 1)
            return Arrival(attempt + 1, call)

    def fire(self, scenario: str, rule_id: str, times: int | None) -> int | None:
        """Count a firing of a rule and return its number from 1, or None when it has fired ``times`` times already."""
        key = (scenario, rule_id)
        with self._lock:
            fired = self._fired.get(key, 0)
            if times is not None and fired >= times:
                return None
            self._fired[key] = fired + 1
            return fired + 1

    def reload(self, old: Scenario, new: Scenario) -> None:
        """Carry on with an edited scenario: unchanged rules keep their firings, others begin anew."""
        unchanged = {rule.id for rule in new.rules if rule in old.rules} if old.name == new.name else set()
        with self._lock:
            self._fired = {
                (name, rule_id): fired
                for (name, rule_id), fired in self._fired.items()
                if name != old.name or rule_id in unchanged
            }

    def copy(self) -> "Counters":
        """Return a twin with the same counts: what a snapshot keeps, and what a restore goes on with."""
        twin = Counters(self._generation * 2)
        with self._lock:
            twin._calls = dict(self._calls)
            twin._fired = dict(self._fired)
            if len(self._young) >= _WORTH_SHARING:
                self._young, self._shared = {}, (self._young, *self._shared)
            twin._young = dict(self._young)
            twin._shared, twin._old = self._shared, self._old
            twin._in_young = self._in_young
        return twin


@lru_cache(maxsize=512)
def _grown(counts: _Counts, place: int, attempt: int) -> _Counts:
    """Return counts with another one at a place. Nearly all Global IDs have few attempts, and share theirs."""
    return (*counts[:place], attempt, *counts[place + 1 :])


def _found(layers: _Layers, place: int, global_id: str) -> int:
    """Return the attempts in the first of these layers that has any, the newest being first; 0 for none."""
    for layer in layers:
        attempt = layer.get(global_id, _NONE)[place]
        if attempt:
            return attempt
    return 0
