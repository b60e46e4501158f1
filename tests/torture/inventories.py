"""The inventories that are tortured, and the files that are imported into them. Every import leaves its mark."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.json import encode

from tests.torture.client import Body

UNKNOWN_LISTING = "TG-UNKNOWN"
"""A Remote ID that no inventory has, and no import brings."""

UNNUMBERED = "TG-GA"
EXTRAS = 5
"""How many listings of its own an import brings."""

_WANTED = {"TG-A": 400, "TG-B": 400, "TG-C": 40, UNNUMBERED: 300}
_SMALL_MORE = 8


@dataclass(frozen=True, slots=True)
class Inventory:
    """A world to begin with: the listings that callers want, and how many more."""

    name: str
    more: int

    @property
    def wanted(self) -> list[str]:
        """Return the Remote IDs that callers hold most of the time."""
        return list(_WANTED)

    def remote_ids(self) -> Iterator[str]:
        """Iterate over every Remote ID it begins with."""
        yield from _WANTED
        yield from (f"TG-X{number}" for number in range(self.more))

    def write(self, path: Path) -> None:
        """Write the inventory file, as a person would: listings only."""
        path.write_text(json.dumps({"listings": dict(enumerate(self._listings(""), start=1))}))

    def file_of(self, number: int) -> bytes:
        """Return the file of an import: every listing with its mark, and some that are its own."""
        return encode([*self._listings(mark_of(number)), *_extras(number)])

    def _listings(self, mark: str) -> Iterator[Body]:
        for remote_id in self.remote_ids():
            yield _listing(remote_id, _WANTED.get(remote_id, 4), mark)


SMALL = Inventory("small", _SMALL_MORE)


def large(listings: int) -> Inventory:
    """Return an inventory of so many listings: writing it takes a while."""
    return Inventory("large", max(0, listings - len(_WANTED)))


def mark_of(number: int) -> str:
    """Return what an import writes into every listing."""
    return f"import {number}"


def extra_ids(number: int) -> list[str]:
    """Return the Remote IDs that only this import brings."""
    return [f"IM-{number}-{which}" for which in range(EXTRAS)]


def _extras(number: int) -> Iterator[Body]:
    return (_listing(remote_id, 2, mark_of(number)) for remote_id in extra_ids(number))


def _listing(remote_id: str, quantity: int, mark: str) -> Body:
    numbered = {} if remote_id == UNNUMBERED else {"seat_from": 1}
    listing = {"remote_id": remote_id, "section": "1", "quantity": quantity, "wholesale_price": "10.00", **numbered}
    return {**listing, "broker_notes": mark} if mark else listing
