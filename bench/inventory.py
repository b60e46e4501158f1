"""Inventories that never run out: seeded worlds in which every listing has many seats and sells any number of them."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bench.errors import Unmeasurable

_SEED = ("--seed", "1", "--anchor", "2090-01-02")
"""The same world on any day, with every event ahead."""

_LIMITS_A_SALE = ("custom_splits", "retired", "superseded_by", "mapped", "broadcast")


def make_inventory(out: Path, *, listings: int, seats: int, keep: int | None = None) -> None:
    """Write a world of ``listings``, each with ``seats`` seats, or only the first ``keep`` of its listings.

    Events, prices and words are those of ``mockpos seed``; all can be sold. Raises Unmeasurable.
    """
    seeded = out.with_name(out.name + ".seeded")
    command = [sys.executable, "-m", "mockpos", "seed", "--listings", str(listings), *_SEED]
    done = subprocess.run([*command, "--out", str(seeded)], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unmeasurable(f"mockpos seed ended with {done.returncode}: {done.stderr.strip()}")
    with seeded.open("rb") as source, out.open("wb") as target:
        target.writelines(_widened(source, seats, listings if keep is None else keep))
    seeded.unlink()


def listing_documents(inventory: Path) -> Iterator[dict[str, Any]]:
    """Yield the listings of an inventory file."""
    yield from json.loads(inventory.read_bytes())["listings"].values()


def _widened(lines: Iterable[bytes], seats: int, keep: int) -> Iterator[bytes]:
    """Copy an inventory file, which has one document a line, with ``keep`` listings, each of ``seats`` seats."""
    table, kept = b"", 0
    for line in lines:
        key, _, text = line.partition(b": ")
        if not key.strip(b'"').isdigit():
            table = key
        elif table == b'"events"':
            line = line.replace(b'"state":"postponed"', b'"state":"shown"').replace(
                b'"state":"canceled"', b'"state":"shown"'
            )
        elif table == b'"listings"':
            kept += 1
            if kept > keep:
                continue
            end = b",\n" if text.endswith(b",\n") and kept < keep else b"\n"
            line = key + b": " + _with_seats(text.rstrip(b",\n"), seats) + end
        yield line


def _with_seats(text: bytes, seats: int) -> bytes:
    document = {name: value for name, value in json.loads(text).items() if name not in _LIMITS_A_SALE}
    document |= {"quantity": seats, "seat_from": 1, "seat_thru": seats, "split_type": "any"}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
