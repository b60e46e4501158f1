"""Write listings as a broker's import file that ``reader`` reads back to the same columns.

Every field is quoted, quotes are doubled, lines end in LF, as TEvo asks (Import File
Specification). Cells are written as they are, also those that a spreadsheet would take
for a formula: whoever imports the file takes them literally, and a changed cell would be wrong.
"""

import csv
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mockpos.broker.columns import WRITTEN
from mockpos.broker.event_columns import performers_cell
from mockpos.broker.raw_rows import delimiter_of
from mockpos.broker.seat_columns import seat_cells, split_cells
from mockpos.broker.times import write_date, write_time
from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing, Stock, TicketFormat
from mockpos.files import unwritable

NOT_CARRIED: tuple[str, ...] = (
    "holds, releases and invoices",
    "what is held and sold: Quantity is the whole listing, as the broker offered it",
    "retired listings, and what they were superseded by: they are left out",
    "spaces around a cell, save in notes, and what a spreadsheet writes around one: an id 7.0 is read as 7",
    "ids, sections and rows that read as damage, such as 8-May and #REF!: reading refuses them",
    "notes and rows that are nan or NULL: programs write these words for nothing",
    "custom splits beside another split type, or of which none fits the quantity",
    "an event at exactly 3:00 or 3:30 AM, which TEvo reads as a time to be announced",
    "events more than ten years ahead, which TEvo ignores",
)
"""What is lost between an inventory and its broker file, for the command that writes one."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many listings went into the file, and how many retired ones were left out."""

    listings: int
    retired: int


def write_broker_file(
    target: Path | TextIO, listings: Iterable[tuple[Listing, Stock]], delimiter: str | None = None
) -> Written:
    """Write listings to a path, whole or not at all, or to a stream opened with ``newline=""``.

    The delimiter follows from a path's name, and is a comma for a stream.
    Raises BadInput when the path is not named .csv or .txt, or cannot be written.
    """
    if not isinstance(target, Path):
        return _write(target, listings, delimiter or ",")
    delimiter = delimiter or delimiter_of(target)
    is_replaced = target.is_file() or not target.exists()  # a device or a pipe is written to
    final = target.resolve()
    written_to = final.with_name(final.name + ".part") if is_replaced else target
    try:
        with written_to.open("w", encoding="utf-8", newline="") as stream:
            written = _write(stream, listings, delimiter)
        if is_replaced:
            written_to.replace(final)
    except OSError as error:
        with suppress(OSError):
            if is_replaced:
                written_to.unlink()
        raise BadInput(f"{unwritable(target, error)}.") from None
    return written


def _write(stream: TextIO, listings: Iterable[tuple[Listing, Stock]], delimiter: str) -> Written:
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(WRITTEN)
    count = retired = 0
    for listing, _ in listings:
        if listing.retired:
            retired += 1  # in the file it would come back on sale
            continue
        cells = _listing_cells(listing) | (_event_cells(listing.event) if listing.event else {})
        writer.writerow([cells.get(column, "") for column in WRITTEN])
        count += 1
    return Written(count, retired)


def _listing_cells(listing: Listing) -> dict[str, str]:
    seat_from, seat_thru = seat_cells(listing.numbering, listing.quantity)
    split_type, split_value = split_cells(listing.split_type, listing.custom_splits)
    return {
        "TicketID": listing.remote_id,
        "Quantity": str(listing.quantity),
        "Section": listing.section,
        "Row": listing.row,
        "SeatFrom": seat_from,
        "SeatThru": seat_thru,
        "Cost": f"{listing.wholesale_price:.2f}",
        "RetailPrice": f"{listing.retail_price:.2f}" if listing.retail_price is not None else "",
        "Notes": listing.external_notes,
        "InternalNotes": listing.internal_notes,
        "BrokerNotes": listing.broker_notes,
        "SplitType": split_type,
        "SplitValue": split_value,
        "StockType": listing.ticket_format.value,
        "Eticket": _yes_or_no(listing.ticket_format is TicketFormat.ETICKET),
        "InHand": _yes_or_no(listing.in_hand),
        "InHandDate": write_date(listing.in_hand_on) if listing.in_hand_on else "",
        "Type": listing.listing_type.value,
        "ViewType": listing.view_type.value,
        "Broadcast": _yes_or_no(listing.broadcast),
        "Mapped": _yes_or_no(listing.mapped),
    }


def _event_cells(event: Event) -> dict[str, str]:
    return {
        "Event": event.name,
        "Venue": event.venue.name,
        "EventDate": write_date(event.local_date),
        "EventTime": "TBA" if event.time_tba else write_time(event.local_time),
        "EventID": event.event_id,
        "EventState": event.state.value,
        "Performers": performers_cell(event),
        "Category": event.category,
        "City": event.venue.city,
        "TimeZone": event.venue.time_zone or "",
    }


def _yes_or_no(truth: bool) -> str:
    return "Y" if truth else "N"
