"""One sandbox: a whole world with everything that belongs to it, and nothing that belongs to another."""

from dataclasses import dataclass, field

from mockpos.domain.hold import Hold
from mockpos.sandboxes.keys import DEFAULT
from mockpos.sandboxes.sandbox_clock import SandboxClock
from mockpos.scenario.director import Director
from mockpos.server.sleepers import Sleepers
from mockpos.services.automator import Automator
from mockpos.services.ports import Store


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """A world in use. ``api_key`` opens it; ``ttl_s`` and ``last_used`` are real seconds, for those that expire."""

    name: str
    api_key: str
    seed: int
    clock: SandboxClock
    store: Store
    automator: Automator
    director: Director
    sleepers: Sleepers = field(default_factory=Sleepers)
    ttl_s: float | None = None
    last_used: float = 0.0

    def __post_init__(self) -> None:
        self.director.when_changed(lambda: self.sleepers.wake("scenario changed"))

    @property
    def base_path(self) -> str:
        """Return the path in front of every call that can choose this sandbox by its path only."""
        return "" if self.name == DEFAULT else f"/s/{self.name}"

    def expire_due(self) -> list[Hold]:
        """Let every hold end that has lapsed by this sandbox's clock; return them in the order they did."""
        return self.store.expire_due()
