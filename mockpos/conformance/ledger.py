"""The ledger: every hold is written down before it is asked for, so that none is forgotten, not even by ``kill -9``.

One JSON object a line: first what is needed to reach the automator again (never the key), then what became of each
Global ID.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from mockpos.domain.errors import BadInput
from mockpos.files import read_text

ASKED, HELD, REFUSED, RELEASED, SELLING, SOLD, GONE = "asked", "held", "refused", "released", "selling", "sold", "gone"
_OPEN = (ASKED, HELD, SELLING)


@dataclass(slots=True)
class Entry:
    """One Global ID: what was asked for under it, and how it stands."""

    global_id: str
    remote_id: str
    quantity: float
    state: str = ASKED
    detail: str = ""
    in_doubt: bool = False

    @property
    def was_refused_at_once(self) -> bool:
        """Tell whether a refusal means that nothing is held: no earlier try of this hold went unanswered."""
        return self.state == ASKED and not self.in_doubt


class Ledger:
    """What a run holds. Safe to share between threads. ``file`` None keeps it in memory only."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.entries: dict[str, Entry] = {}

    def write_head(self, **facts: object) -> None:
        """Write down how to reach the automator."""
        self._write({"mockpos_conform_ledger": 1, **facts})

    def ask(self, global_id: str, remote_id: str, quantity: float) -> None:
        """Write a hold down, before it is asked for. One that stands there already stays as it is."""
        with self._lock:
            known = self.entries.get(global_id)
            if known and known.state in _OPEN:
                return
            self.entries[global_id] = Entry(global_id, remote_id, quantity)
            self._write({"global_id": global_id, "remote_id": remote_id, "quantity": quantity, "state": ASKED})

    def mark(self, global_id: str, state: str, detail: str = "") -> None:
        """Write down what became of a hold."""
        with self._lock:
            entry = self.entries.get(global_id)
            if entry is None or entry.state == state:
                return
            entry.state, entry.detail = state, detail
            self._write({"global_id": global_id, "state": state})

    def is_open(self, global_id: str) -> bool:
        """Tell whether something may still be held under a Global ID."""
        with self._lock:
            entry = self.entries.get(global_id)
            return entry is not None and entry.state in _OPEN

    def doubt(self, global_id: str) -> None:
        """Note that a hold went unanswered: a refusal of its next try does not say that nothing is held."""
        with self._lock:
            if global_id in self.entries:
                self.entries[global_id].in_doubt = True

    def open_entries(self) -> list[Entry]:
        """List what may still be held, the newest first."""
        with self._lock:
            return [entry for entry in reversed(self.entries.values()) if entry.state in _OPEN]

    def _write(self, line: dict[str, object]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()


def read_ledger(path: Path) -> tuple[dict[str, Any], Ledger]:
    """Read a ledger that a run left; return its head and its entries. Raises BadInput. A torn last line is left out."""
    lines = read_text(path).splitlines()
    documents = [document for line in lines if isinstance(document := _parsed(line), dict)]
    if not documents or documents[0].get("mockpos_conform_ledger") != 1:
        raise BadInput(f"{path}: no ledger of `mockpos conform`")
    ledger = Ledger()
    for document in documents[1:]:
        global_id = str(document.get("global_id", ""))
        if "remote_id" in document:
            ledger.ask(global_id, str(document["remote_id"]), float(document.get("quantity", 0)))
        else:
            ledger.mark(global_id, str(document.get("state", ASKED)))
    return documents[0], ledger


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None
