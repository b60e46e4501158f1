"""One thing that was found: what it is, where it is, what it means and what to do about it."""

from dataclasses import dataclass

from mockpos.store.faults import FaultKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding, or a note: something to know that is no damage.

    ``kind`` is for scripts. ``lost`` counts acknowledged commits that cannot be read any more, at least so many;
    ``passed`` those that can be read and are not applied; ``global_ids`` are the first of those they are about.
    """

    kind: str
    file: str
    what: str
    meaning: str
    way_out: str = ""
    is_note: bool = False
    refuses_start: bool = False
    can_repair: bool = False
    line: int | None = None
    offset: int | None = None
    table: str | None = None
    document: str | None = None
    remote_id: str | None = None
    lost: int = 0
    passed: int = 0
    global_ids: tuple[str, ...] = ()

    @property
    def must_be_right(self) -> bool:
        """Tell whether the file cannot be written and read again as long as this is so."""
        return self.refuses_start or self.kind == FaultKind.UNPAIRED

    @property
    def place(self) -> str:
        """Say where in the file it is: a line, or a table and a document; nothing for the file as a whole."""
        parts = []
        if self.line is not None:
            parts.append(f"line {self.line:,}")
        if self.offset is not None:
            parts.append(f"byte {self.offset:,}")
        if self.table is not None:
            parts.append(self.table + (f" {self.document}" if self.document is not None else ""))
        return ", ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Return everything, for scripts."""
        return {
            "kind": self.kind,
            "severity": "note" if self.is_note else "finding",
            "file": self.file,
            "line": self.line,
            "byte": self.offset,
            "table": self.table,
            "document": self.document,
            "remote_id": self.remote_id,
            "global_ids": list(self.global_ids),
            "what": self.what,
            "meaning": self.meaning,
            "way_out": self.way_out or None,
            "commits_lost_at_least": self.lost,
            "commits_not_applied": self.passed,
            "refuses_start": self.refuses_start,
            "repairable": self.can_repair,
        }


def counted(count: int, noun: str) -> str:
    """Return a number and its noun: 1 commit, 2,000 commits."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def named(ids: tuple[str, ...], most: int = 10) -> str:
    """Return some ids for a sentence, and how many more there are of those that are known."""
    shown = ", ".join(ids[:most])
    return f"{shown} and {len(ids) - most:,} more" if len(ids) > most else shown
