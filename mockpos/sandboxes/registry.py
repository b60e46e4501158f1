"""All sandboxes of one server: the default one, and those that tests and demos make beside it."""

from collections.abc import Iterator
from threading import Lock

from mockpos.sandboxes.keys import DEFAULT, KeyOwner, Keys
from mockpos.sandboxes.sandbox import Sandbox


class Sandboxes:
    """Sandboxes by name and by key. The default one is always there."""

    def __init__(self, default: Sandbox) -> None:
        self._lock = Lock()
        self._by_name = {DEFAULT: default}
        self.keys = Keys()
        self.keys.add(default.api_key, DEFAULT)

    @property
    def default(self) -> Sandbox:
        """Return the sandbox that is persisted."""
        return self._by_name[DEFAULT]

    def __iter__(self) -> Iterator[Sandbox]:
        """Iterate over a list of all of them made at this moment."""
        with self._lock:
            return iter(list(self._by_name.values()))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_name)

    def get(self, name: str) -> Sandbox | None:
        """Find a sandbox by its name."""
        return self._by_name.get(name)

    def of(self, owner: KeyOwner) -> Sandbox | None:
        """Return the sandbox of a key."""
        return self._by_name.get(owner.sandbox)
