"""What a run counts: kills, answers, what was lost and how that turned out, what was found."""

from collections import Counter
from dataclasses import dataclass, field, fields

from tests.torture.findings import Finding
from tests.torture.kill_points import KillPoint


@dataclass(slots=True)
class Counts:
    """Counts of one chapter, or of a whole run.

    ``kills`` counts each once, ``met`` by moment: one kill may meet several. ``answers`` counts acknowledged calls,
    ``confirmed`` those whose answer came again after a restart, ``seen`` the looks that agreed with all of a ledger.
    """

    kills: Counter[str] = field(default_factory=Counter)
    aimed: Counter[KillPoint] = field(default_factory=Counter)
    met: Counter[KillPoint] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    lost_calls: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    lost_changes: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    @property
    def killed(self) -> int:
        return sum(self.kills.values())

    def add(self, more: "Counts") -> None:
        """Add another tally to this one."""
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(more, each.name)
            mine.extend(theirs) if isinstance(mine, list) else mine.update(theirs)
