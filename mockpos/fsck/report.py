"""What a look at an inventory's files brought to light."""

from dataclasses import dataclass, field
from pathlib import Path

from mockpos.domain.clock import Millis, rfc3339
from mockpos.fsck.finding import Finding


@dataclass(frozen=True, slots=True)
class FileLook:
    """One file: its size in bytes, and what it is, in words."""

    path: Path
    size: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a start would do, and what the inventory would have then.

    ``refuses`` is what it would say instead of serving; the counts are then those of what can be applied all the same.
    ``file_matches`` tells whether the file is the one the logs name, and is None where none of them names one.
    """

    refuses: str | None
    replays: int
    generation: int
    log_generations: tuple[int, ...]
    file_matches: bool | None
    listings: int
    live_holds: int
    ended_holds: int
    invoices: int
    tombstones: int
    last_commit: Millis

    def as_json(self) -> dict[str, object]:
        """Return everything, for scripts."""
        return {
            "refuses": self.refuses,
            "replays_commits": self.replays,
            "file_generation": self.generation,
            "log_generations": list(self.log_generations),
            "file_is_the_one_the_logs_name": self.file_matches,
            "listings": self.listings,
            "live_holds": self.live_holds,
            "ended_holds": self.ended_holds,
            "invoices": self.invoices,
            "tombstones": self.tombstones,
            "last_commit_at": rfc3339(self.last_commit) if self.last_commit else None,
        }


@dataclass(slots=True)
class Report:
    """Everything that is to be said. ``start`` is None when there is no file that could be read."""

    file: Path
    in_use_by: str | None = None
    files: list[FileLook] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    start: Start | None = None

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing is wrong. Notes are no damage."""
        return all(finding.is_note for finding in self.findings)

    def of(self, path: Path) -> list[Finding]:
        """Return what was found in one file."""
        return [finding for finding in self.findings if finding.file == str(path)]

    def as_json(self) -> dict[str, object]:
        """Return everything, for scripts."""
        return {
            "file": str(self.file),
            "verdict": "clean" if self.is_clean else "findings",
            "in_use_by": self.in_use_by,
            "files": [{"file": str(look.path), "bytes": look.size, "what": look.what} for look in self.files],
            "findings": [finding.as_json() for finding in self.findings if not finding.is_note],
            "notes": [finding.as_json() for finding in self.findings if finding.is_note],
            "start": self.start.as_json() if self.start else None,
        }
