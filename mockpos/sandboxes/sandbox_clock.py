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
        return _shown(self._setting, self._machine.now())

    def restore(self, setting: ClockSetting) -> None:
        """Set it as it was set before."""
        self._setting = setting

    # Each change reads the machine's clock once: what goes by between two readings would be lost from the clock.

    def not_before(self, at: Millis) -> None:
        """Go on from a moment at least: where time was held while the machine's clock had jumped back."""
        with self._lock:
            machine = self._machine.now()
            if _shown(self._setting, machine) < at:
                self._move_to(at, machine)

    def freeze(self, frozen: bool) -> None:
        """Let it stand still at this moment, or go on from where it stands."""
        with self._lock:
            machine = self._machine.now()
            now = _shown(self._setting, machine)
            self._setting = ClockSetting(0, now) if frozen else ClockSetting(now - machine)

    def advance(self, milliseconds: int) -> None:
        """Move it ahead by exactly so much; it stands still or goes on as before."""
        with self._lock:
            machine = self._machine.now()
            self._move_to(Millis(_shown(self._setting, machine) + milliseconds), machine)

    def set(self, at: Millis) -> None:
        """Move it to a moment, ahead or back; it stands still or goes on as before."""
        with self._lock:
            self._move_to(at, self._machine.now())

    def reset(self) -> None:
        """Show what the machine's clock shows."""
        with self._lock:
            self._setting = REAL_TIME

    def _move_to(self, at: Millis, machine: Millis) -> None:
        is_frozen = self._setting.frozen_at is not None
        self._setting = ClockSetting(0, at) if is_frozen else ClockSetting(at - machine)


def _shown(setting: ClockSetting, machine: Millis) -> Millis:
    """Return what a clock set so shows when the machine's shows a moment."""
    return Millis(machine + setting.offset_ms) if setting.frozen_at is None else setting.frozen_at
