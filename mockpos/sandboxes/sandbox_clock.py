"""The clock of one sandbox: the machine's, moved or stopped as a test needs it."""

from threading import Lock

from mockpos.domain.clock import REAL_TIME, Clock, ClockSetting, Millis


class SandboxClock:
    """Tells a sandbox's time. Durations and delays do not come from here: they are real."""

    def __init__(self, machine: Clock, setting: ClockSetting = REAL_TIME) -> None:
        self._machine = machine
        self._setting = setting
        self._lock = Lock()

    @property
    def setting(self) -> ClockSetting:
        """Return how it is set, for a snapshot."""
        return self._setting

    def now(self) -> Millis:
        """Return the sandbox's present moment."""
        setting = self._setting
        if setting.frozen_at is not None:
            return setting.frozen_at
        return Millis(self._machine.now() + setting.offset_ms)

    def restore(self, setting: ClockSetting) -> None:
        """Set it as it was set before."""
        self._setting = setting

    def not_before(self, at: Millis) -> None:
        """Go on from a moment at least: where time was held while the machine's clock had jumped back."""
        with self._lock:
            if self.now() < at:
                self._move_to(at)

    def freeze(self, frozen: bool) -> None:
        """Let it stand still at this moment, or go on from where it stands."""
        with self._lock:
            now = self.now()
            self._setting = ClockSetting(0, now) if frozen else self._going_from(now)

    def advance(self, milliseconds: int) -> None:
        """Move it ahead; it stands still or goes on as before."""
        with self._lock:
            self._move_to(Millis(self.now() + milliseconds))

    def set(self, at: Millis) -> None:
        """Move it to a moment, ahead or back; it stands still or goes on as before."""
        with self._lock:
            self._move_to(at)

    def reset(self) -> None:
        """Show what the machine's clock shows."""
        with self._lock:
            self._setting = REAL_TIME

    def _move_to(self, at: Millis) -> None:
        is_frozen = self._setting.frozen_at is not None
        self._setting = ClockSetting(0, at) if is_frozen else self._going_from(at)

    def _going_from(self, at: Millis) -> ClockSetting:
        return ClockSetting(at - self._machine.now())
