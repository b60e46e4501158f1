"""From a row to a listing: each cell by its column's rule, every fault of the row at once."""

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from mockpos.broker.cells import (
    WRITTEN_FOR_NOTHING,
    Notices,
    Row,
    dollars,
    listing_type,
    positive,
    ticket_format,
    undamaged,
    view_type,
    yes_or_no,
)
from mockpos.broker.event_columns import Events
from mockpos.broker.header import Header
from mockpos.broker.raw_rows import RawRow
from mockpos.broker.seat_columns import numbering_of, read_splits
from mockpos.broker.times import day_in, furthest_date
from mockpos.domain.identifiers import opaque_id
from mockpos.domain.listing import Listing, ListingType, TicketFormat, ViewType
from mockpos.domain.money import parse_price
from mockpos.domain.seats import Numbering

_NO_PRICE = parse_price("0")

_MADE_IDS = (
    "The file has no TicketID column (or TicketGroupID, RemoteID): each listing's Remote ID was made from its event, "
    "section, row, seats and quantity. A row that changes in one of them becomes another listing."
)
"""What to tell the broker; TEvo's own columns have no id (domain.md, 2.3)."""

_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?e[+-]?\d+", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(,\d{3}){2,}", re.ASCII)
_NO_ID = frozenset({"None", "null", "undefined", "N/A"})

_TOO_FAR = "Ignored, as TEvo does, for an event more than 10 years ahead"
_PAST = "The event is past, so the listing is imported but cannot be held"
_NO_ROW = "Row is empty, which TEvo itself does not accept"
_STRANGE_STOCK = "StockType is a word that mockpos does not know, and was passed over"
_ROUNDED = "{} has fractions of a cent, and was rounded to the cent"
_STRANGE_ETICKET = "Eticket is neither Y nor N, and was passed over"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no listing. ``line`` is the line of the file it begins on, counted from 1.

    ``reason`` holds one sentence for each thing wrong. ``remote_id`` is known where that
    cell at least was good, so that an import can leave the listing it means alone.
    """

    line: int
    reason: str
    remote_id: str | None = None


class Rows:
    """Reads the rows of one file, which share their events and must not share a Remote ID."""

    def __init__(self, header: Header, today: date, notices: Notices) -> None:
        self._header = header
        self._today = today
        self._furthest = furthest_date(today)
        self._notices = notices
        self._events = Events(notices)
        self._ids_are_given = "TicketID" in header.places
        self._given: dict[str, int] = {}
        self._made: Counter[bytes] = Counter()

    def read(self, raw: RawRow) -> Listing | BadRow | None:
        """Return the listing of a row, or all that is wrong with it, or None for a row to ignore."""
        fault = raw.fault or self._misfit(raw.cells)
        if fault:
            return BadRow(raw.line, fault)
        if raw.cells == self._header.cells:
            self._notices.add("The header came again, and was passed over", raw.line)
            return None
        row = Row(raw.line, self._header.whole(raw, self._notices), self._header.places)
        if self._is_too_far(row):
            return None
        listing = self._listing(row, self._given_id(row) if self._ids_are_given else "")
        if row.reasons:
            return BadRow(row.line, " ".join(row.reasons), listing.remote_id or None)
        self._remark(row, listing)
        return listing if self._ids_are_given else replace(listing, remote_id=self._made_id(listing))

    def remarks(self) -> list[str]:
        """Return what is to be told of the rows."""
        return [*([] if self._ids_are_given else [_MADE_IDS]), *self._notices.sentences()]

    def _misfit(self, cells: list[str]) -> str:
        """Say how a row does not fit its header; empty cells too many are no matter, nor are trailing ones too few."""
        width = self._header.width
        if not any(map(str.strip, cells[width:])):
            return ""
        return (
            f"The row has {len(cells)} cells, and the header {width}: quote every field that has the delimiter in it."
        )

    def _given_id(self, row: Row) -> str:
        """Return the Remote ID of a row, or nothing after refusing the row: one that comes again is refused."""
        remote_id = row.read("TicketID", _undamaged_id, "")
        first = self._given.setdefault(remote_id, row.line)
        if remote_id and first != row.line:
            row.refuse(f"The Remote ID {remote_id} is on line {first} already")
        return remote_id

    def _made_id(self, listing: Listing) -> str:
        """Make a Remote ID of what does not change when a broker reprices or rewrites notes.

        So the listing stays the same one from day to day. Rows alike in all of it are told apart by counting.
        """
        event_id = listing.event.event_id if listing.event else None
        seats = listing.numbering and tuple(part for part in listing.numbering if part != "")
        said = json.dumps((event_id, listing.section, listing.row, listing.quantity, seats)).encode()
        self._made[said] += 1
        count = self._made[said].to_bytes(8, "big")
        return "row-" + blake2b(said, digest_size=10, salt=count).hexdigest()

    def _listing(self, row: Row, remote_id: str) -> Listing:
        quantity = row.read("Quantity", positive, 0)
        split_type, custom_splits = read_splits(row, quantity, self._notices)
        in_hand_on = row.read("InHandDate", _day_or_none, None)
        return Listing(
            remote_id=remote_id,
            event=self._events.read(row),
            section=sys.intern(row.read("Section", undamaged, "")),  # many rows, few different ones
            row=sys.intern(row.read("Row", _row_label, "")),
            quantity=quantity,
            numbering=_read_seats(row, quantity),
            wholesale_price=self._price(row, "Cost") or _NO_PRICE,
            retail_price=self._price(row, "RetailPrice"),
            split_type=split_type,
            custom_splits=custom_splits,
            ticket_format=self._format(row),
            in_hand=row.read("InHand", yes_or_no, in_hand_on is None or in_hand_on <= self._today),
            in_hand_on=in_hand_on,
            internal_notes=_notes(row, "InternalNotes"),
            broker_notes=_notes(row, "BrokerNotes"),
            external_notes=_notes(row, "Notes"),
            listing_type=row.read("Type", listing_type, ListingType.EVENT),
            view_type=row.read("ViewType", view_type, ViewType.FULL),
            broadcast=row.read("Broadcast", yes_or_no, True),
            mapped=row.read("Mapped", yes_or_no, True),
        )

    def _price(self, row: Row, column: str) -> Decimal | None:
        read = row.read(column, dollars, None)
        if read is None:
            return None
        price, was_rounded = read
        if was_rounded:
            self._notices.add(_ROUNDED.format(column), row.line, row.text(column))
        return price

    def _is_too_far(self, row: Row) -> bool:
        """Tell whether TEvo ignores the row (Import File Specification, EventDate), and remark on it."""
        try:
            too_far = day_in(row.exact("EventDate").strip()) > self._furthest
        except ValueError:
            return False
        if too_far:
            self._notices.add(_TOO_FAR, row.line)
        return too_far

    def _format(self, row: Row) -> TicketFormat:
        """Return the format: what StockType says, else whether it is an e-ticket, else an e-ticket."""
        stock_type, eticket = row.text("StockType"), row.text("Eticket")
        known = ticket_format(stock_type)
        if known is not None:
            return known
        if stock_type:
            self._notices.add(_STRANGE_STOCK, row.line, stock_type[:60])
        if not eticket:
            return TicketFormat.ETICKET
        try:
            return TicketFormat.ETICKET if yes_or_no(eticket) else TicketFormat.PHYSICAL
        except ValueError:  # TEvo's page cuts its list of values off, so an unknown one is no fault
            self._notices.add(_STRANGE_ETICKET, row.line, eticket[:60])
            return TicketFormat.ETICKET

    def _remark(self, row: Row, listing: Listing) -> None:
        if not listing.row:
            self._notices.add(_NO_ROW, row.line)
        if listing.event is not None and listing.event.local_date < self._today:
            self._notices.add(_PAST, row.line)


def _read_seats(row: Row, quantity: int) -> Numbering | None:
    """Read the seats, and check the barcodes that need them."""
    if not quantity:
        return None
    seat_from, seat_thru, seats = row.text("SeatFrom"), row.text("SeatThru"), row.text("Seats")
    try:
        numbering = numbering_of(quantity, seat_from, seat_thru, seats)
    except ValueError as error:
        row.refuse(str(error))
        return None
    barcodes = [code for code in row.text("Barcodes").split("|") if code.strip()]
    if barcodes and (numbering is None or not (seat_thru or seats)):
        row.refuse("Barcodes need both SeatFrom and SeatThru")
    if barcodes and len(barcodes) != quantity:
        row.refuse(f"Barcodes: {len(barcodes)} are given for a Quantity of {quantity}")
    return numbering


def _row_label(cell: str) -> str:
    return "" if cell in WRITTEN_FOR_NOTHING else undamaged(cell)


def _notes(row: Row, column: str) -> str:
    """Return notes as they are written, spaces and all, save where a program wrote ``nan`` for nothing."""
    written = row.exact(column)
    return "" if written in WRITTEN_FOR_NOTHING else written


def _day_or_none(cell: str) -> date | None:
    return None if cell.casefold() in ("tba", "tbd") else day_in(cell)


def _undamaged_id(cell: str) -> str:
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
