"""What is counted in one sandbox: calls, attempts of a Global ID, firings of rules. Exact from any number of threads.

``attempt`` is remembered for at least the last 100,000 and at most 200,000 (operation, Global ID) pairs seen;
one that was forgotten counts from 1 again.
"""

from threading import Lock

from mockpos.domain.catalogue import Operation
from mockpos.scenario.conditions import Arrival
from mockpos.scenario.model import Scenario

REMEMBERED = 200_000
"""The most attempts that are remembered."""

_WORTH_SHARING = 1000
"""With fewer attempts since the last copy, a copy has its own: the more layers, the longer a look through them."""

_Attempts = dict[Operation, dict[str, int]]
_Layers = tuple[_Attempts, ...]


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
            self._young = _no_attempts()
            self._shared: _Layers = ()  # of the young ones, what copies have too: read, never changed
            self._old: _Layers = ()
            self._in_young = 0

    def arrive(self, operation: Operation, global_id: str) -> Arrival:
        """Count a call that passed the key and field checks, once, before any delay."""
        with self._lock:
            call = self._calls[operation] = self._calls[operation] + 1
            attempts = self._young[operation]
            attempt = attempts.get(global_id)
            if attempt is None:
                attempt = _found(self._shared, operation, global_id)
            if attempt is None:
                attempt = _found(self._old, operation, global_id) or 0
                if self._in_young == self._generation:
                    self._young, self._shared, self._old = _no_attempts(), (), (self._young, *self._shared)
                    self._in_young = 0
                    attempts = self._young[operation]
                self._in_young += 1
            attempts[global_id] = attempt + 1
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
            if sum(map(len, self._young.values())) >= _WORTH_SHARING:
                self._young, self._shared = _no_attempts(), (self._young, *self._shared)
            twin._young = {operation: dict(attempts) for operation, attempts in self._young.items()}
            twin._shared, twin._old = self._shared, self._old
            twin._in_young = self._in_young
        return twin


def _found(layers: _Layers, operation: Operation, global_id: str) -> int | None:
    """Return the attempts in the first of these layers that has any, the newest being first."""
    return next((layer[operation][global_id] for layer in layers if global_id in layer[operation]), None)


def _no_attempts() -> _Attempts:
    return {operation: {} for operation in Operation}
