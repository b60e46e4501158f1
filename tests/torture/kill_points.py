"""The moments a server is killed at: what is aimed at, and what proves afterwards that it was met.

The proof is what the dead process left: a file that a live one would have taken away, an answer that never came.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tests.torture.changes import IMPORTS, Change, Kind
from tests.torture.server_process import INVENTORY


class KillPoint(StrEnum):
    """A moment to die at."""

    RANDOM = "any other moment under load"
    CHECKPOINT = "a checkpoint is written (FILE.new is there)"
    TURNED = "the log is turned over (FILE.log.N or FILE.log.new is there)"
    IMPORT = "an import is in flight"
    RESTORE = "a restore is in flight"
    RESET = "a reset is in flight"
    OTHER = "another world is written (FILE.other.N is there)"
    STOPPING = "it was asked to stop"
    STARTING = "it is starting, on top of what the last kill left"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a kill left behind. ``lost`` is the change of the world whose answer never came."""

    leftovers: frozenset[str]
    was_ready: bool = True
    was_asked_to_stop: bool = False
    lost: Change | None = None

    def met(self) -> set[KillPoint]:
        """Return the moments that the kill met, which may be several.

        A start finds the files of the kill before, and a stop writes the file as a checkpoint does: there, files prove
        nothing about moments under load.
        """
        if not self.was_ready:
            return {KillPoint.STARTING}
        if self.was_asked_to_stop:
            return {KillPoint.STOPPING}
        found = {moment for moment, pattern in _FILES.items() if _has(self.leftovers, pattern)}
        if self.lost is not None and self.lost.kind in _CHANGES:
            found.add(_CHANGES[self.lost.kind])
        return found or {KillPoint.RANDOM}


_CHANGES = {**dict.fromkeys(IMPORTS, KillPoint.IMPORT), Kind.RESTORE: KillPoint.RESTORE, Kind.RESET: KillPoint.RESET}
_FILE = re.escape(INVENTORY)
_FILES = {
    KillPoint.CHECKPOINT: re.compile(rf"{_FILE}\.new"),
    KillPoint.TURNED: re.compile(rf"{_FILE}\.log\.(\d+|new)"),
    KillPoint.OTHER: re.compile(rf"{_FILE}\.other\.\d+"),
}


def is_there(moment: KillPoint, files: Collection[str]) -> bool:
    """Tell whether a file that marks a moment is there now."""
    return moment in _FILES and _has(files, _FILES[moment])


def _has(files: Collection[str], pattern: re.Pattern[str]) -> bool:
    return any(pattern.fullmatch(name) for name in files)
