"""The Remote IDs of a file: given in a column and unique, or made from the rows, the same on every import."""

import json
import re
from collections import Counter
from hashlib import blake2b

from mockpos.broker.row import Row
from mockpos.broker.words import undamaged
from mockpos.domain.identifiers import opaque_id
from mockpos.domain.listing import Listing

MADE_IDS = (
    "The file has no TicketID column (or TicketGroupID, RemoteID): each listing's Remote ID was made from its event, "
    "section, row, seats and quantity. A row that changes in one of them becomes another listing."
)
"""What to tell the broker; TEvo's own columns have no id (domain.md, 2.3)."""

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?e[+-]?\d+", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(,\d{3}){2,}", re.ASCII)
_NO_ID = frozenset({"None", "null", "undefined", "N/A"})


class GivenIds:
    """Remote IDs from the column. One that comes again is refused, naming the line that had it first."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}

    def read(self, row: Row) -> str:
        """Return the Remote ID of a row, or nothing after refusing the row."""
        remote_id = row.read("TicketID", undamaged_id, "")
        first = self._first.setdefault(remote_id, row.line)
        if remote_id and first != row.line:
            row.refuse(f"The Remote ID {remote_id} is on line {first} already")
        return remote_id


def undamaged_id(cell: str) -> str:
    """Read an id that a spreadsheet may have taken for a number: ``605696419.0`` is 605696419.

    ``6.05696E+11`` is refused: its digits are lost. Raises ValueError.
    """
    if cell in _NO_ID:
        raise ValueError(f"{cell!r} is what programs write for nothing, and no id")
    if _GROUPED.fullmatch(cell):
        cell = cell.replace(",", "")
    if _SCIENTIFIC.fullmatch(cell):
        raise ValueError(
            f"{cell!r} is a number whose digits a spreadsheet dropped; format the column as text and export again"
        )
    return opaque_id(undamaged(cell))


class MadeIds:
    """Remote IDs for a file without the column.

    Made from what does not change when a broker reprices or rewrites notes, so that the
    listing stays the same one from day to day. Rows alike in all of it are told apart by counting.
    """

    def __init__(self) -> None:
        self._alike: Counter[bytes] = Counter()

    def make(self, listing: Listing) -> str:
        """Make the id of a listing that has none yet."""
        event_id = listing.event.event_id if listing.event else None
        seats = listing.numbering and tuple(part for part in listing.numbering if part != "")
        said = json.dumps((event_id, listing.section, listing.row, listing.quantity, seats)).encode()
        self._alike[said] += 1
        count = self._alike[said].to_bytes(8, "big")
        return "row-" + blake2b(said, digest_size=10, salt=count).hexdigest()
