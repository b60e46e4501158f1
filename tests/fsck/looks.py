"""What the tests of looks and repairs share: commits one by one with the state after each, and damage."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mockpos.fsck.check import check
from mockpos.fsck.repair import carry_out, planned_repair
from mockpos.fsck.report import Finding
from mockpos.store.memory_store import MemoryStore
from tests.store.actors import automator, code_of, state_of

GOOD_LISTING = {"remote_id": "TG-1", "section": "1", "quantity": 4, "wholesale_price": "1.00", "seat_from": 5}
GOOD_HOLD = {
    "global_id": "g-1", "remote_id": "TG-1", "quantity": 2, "status": "held", "held_at": "2026-11-23T12:00:00.000Z",
    "expires_at": "2026-11-23T12:15:00.000Z", "unit_price": "1.00", "available_after_hold": 2,
    "first_seat": 5, "seats": ["5-6"],
}  # fmt: skip
UNDER_HOLD = {**GOOD_LISTING, "available": 2, "held": 2, "sold": 0, "free_seats": ["7-8"]}
GOOD_INVOICE = {
    "invoice_id": "INV-000001", "order_id": "o-1", "global_id": "g-1", "remote_id": "TG-1", "quantity": 2,
    "total": "2.00", "invoiced_at": "2026-11-23T12:00:00.000Z", "first_seat": 5, "seats": ["5-6"],
}  # fmt: skip
INVOICED = {**GOOD_HOLD, "status": "invoiced", "invoice_id": "INV-000001"}


def tables(**documents: list[dict[str, Any]]) -> str:
    return json.dumps({name: dict(enumerate(rows, start=1)) for name, rows in documents.items()})


def steps(tag: str = "a") -> list[Callable[[MemoryStore], Any]]:
    """Calls that make one commit each, of every kind; they need 12 tickets of TG-1."""

    def hold(number: int, quantity: int = 2) -> Callable[[MemoryStore], Any]:
        return lambda store: automator(store).hold(remote_id="TG-1", quantity=quantity, global_id=f"{tag}-{number}")

    def call(name: str, **arguments: str) -> Callable[[MemoryStore], Any]:
        return lambda store: code_of(getattr(automator(store), name), **arguments)

    return [
        hold(1), hold(2), call("release", global_id=f"{tag}-1"), hold(3, 3),
        call("invoice", global_id=f"{tag}-2", order_id=f"{tag}-o2"), call("release", global_id=f"{tag}-unknown"),
        hold(4, 1), call("invoice", global_id=f"{tag}-3", order_id=f"{tag}-o3"), hold(5),
    ]  # fmt: skip


def states_of(store: MemoryStore, tag: str = "a") -> Iterator[dict[str, object]]:
    """Make the commits, and return the state before all of them and after each."""
    yield state_of(store)
    for step in steps(tag):
        step(store)
        yield state_of(store)


def found(path: Path) -> list[Finding]:
    """Return what is no note."""
    return [finding for finding in check(path).report.findings if not finding.is_note]


def notes(path: Path) -> list[str]:
    return [finding.kind for finding in check(path).report.findings if finding.is_note]


def kinds(path: Path) -> list[str]:
    return [finding.kind for finding in found(path)]


def repaired(path: Path) -> list[str]:
    """Repair, and return the steps that were taken."""
    with planned_repair(path, lambda percent: None) as repair:
        assert not repair.blockers
        carry_out(repair)
        return repair.steps()


def flip(path: Path, offset: int, bits: int = 1) -> None:
    """Change one byte of a file."""
    data = bytearray(path.read_bytes())
    data[offset] ^= bits
    path.write_bytes(data)


def line_starts(data: bytes) -> list[int]:
    """Return the offset of each line's first byte."""
    starts = [0]
    starts += [place + 1 for place, byte in enumerate(data) if byte == ord("\n") and place + 1 < len(data)]
    return starts
