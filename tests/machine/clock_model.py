"""The model of a sandbox's clock: the machine's, moved or stopped. Moments are milliseconds."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Clock:
    """``machine`` is what the machine's clock shows; the rest is how the sandbox's was set."""

    machine: int
    offset: int = 0
    frozen_at: int | None = None

    def shows(self) -> int:
        return self.machine + self.offset if self.frozen_at is None else self.frozen_at

    def moved_to(self, moment: int) -> "Clock":
        """Return it showing this moment; it stands still or goes on as before."""
        if self.frozen_at is not None:
            return replace(self, frozen_at=moment)
        return replace(self, offset=moment - self.machine)

    def frozen(self, moment: int) -> "Clock":
        return replace(self, offset=0, frozen_at=moment)

    def going(self, moment: int) -> "Clock":
        return replace(self, frozen_at=None).moved_to(moment)

    def reset(self) -> "Clock":
        return Clock(self.machine)
