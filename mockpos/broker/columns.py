"""The columns of a broker's file: one table that reader, writer, help and docs go by.

Header names are case-insensitive and come in any order, and columns that are not
here are ignored (TEvo wiki, "Import File Specification"). Spaces, underscores and
hyphens in a header name do not count either.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Who says that a column exists."""

    TEVO = "TEvo"
    WIDER = "brokers' tools"
    MOCKPOS = "mockpos"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``required`` is about the column, ``filled`` about every cell in it.

    A column that is not ``kept`` is understood, perhaps checked, and has no place in a listing.
    """

    name: str
    family: Family
    meaning: str
    example: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    kept: bool = True


_TEVO = (
    Column("Event", Family.TEVO, "performer or event; `away at home` names two teams",
           "Atlanta Hawks at New Orleans Saints", required=True, filled=True),
    Column("Venue", Family.TEVO, "name of the venue", "Mercedes-Benz Superdome", required=True, filled=True),
    Column("EventDate", Family.TEVO, "local date, mm/dd/yyyy; a row more than 10 years ahead is ignored",
           "12/13/2026", required=True, filled=True),
    Column("EventTime", Family.TEVO, "local time, 12 hours; empty, TBA, 3:00 AM and 3:30 AM: to be announced",
           "6:05PM", required=True),
    Column("Quantity", Family.TEVO, "tickets together in this listing", "12", required=True, filled=True),
    Column("Section", Family.TEVO, "as printed on the ticket", "109", required=True, filled=True),
    Column("Row", Family.TEVO, "as printed; may be empty here, TEvo wants it filled", "22", required=True),
    Column("SeatFrom", Family.TEVO, "lowest seat; empty, `*`, `N/A` or NULL: not numbered", "3", required=True),
    Column("SeatThru", Family.TEVO, "highest seat; empty: counted up from SeatFrom", "14", required=True),
    Column("Cost", Family.TEVO, "wholesale price of one ticket in US dollars", "122.00",
           ("WholesalePrice",), required=True, filled=True),
    Column("Notes", Family.TEVO, "external notes: the public sees them", "Aisle seats",
           ("ExternalNotes", "PublicNotes")),
    Column("Eticket", Family.TEVO, "Y: a PDF e-ticket; StockType, where given, decides instead", "Y", ("EDelivery",)),
    Column("Barcodes", Family.TEVO, "`|` between them, one a ticket, low seat first; checked, not kept",
           "AAAA1111BBBB|CCCC2222DDDD", kept=False),
    Column("AccountEmail", Family.TEVO, "the MLB account; not used", "azdiamondbacks@example.com", kept=False),
    Column("TicketIds", Family.TEVO, "the MLB tickets' ids; not used, and not the Remote ID", kept=False),
    Column("VerificationIds", Family.TEVO, "the MLB tickets' verification ids; not used", kept=False),
    Column("Discount", Family.TEVO, "percent off for retail partners; not used", "23.5", kept=False),
)  # fmt: skip

_WIDER = (
    Column("TicketID", Family.WIDER, "the Remote ID; without this column ids are made from the rows", "605696419",
           ("TicketGroupID", "RemoteID"), filled=True),
    Column("InternalNotes", Family.WIDER, "notes for the broker's own office", "Bought from Joe"),
    Column("BrokerNotes", Family.WIDER, "notes for other brokers", "No consignment"),
    Column("RetailPrice", Family.WIDER, "what the public pays for one ticket, in US dollars", "152.50"),
    Column("SplitType", Family.WIDER, "ANY, NEVERLEAVEONE, PAIRS, ALL, CUSTOM, or DEFAULT for ANY; empty: CUSTOM "
           "where SplitValue is filled, else ANY", "CUSTOM"),
    Column("SplitValue", Family.WIDER, "quantities of a custom split, with `:`, `,` or `|` between them", "1:2:4",
           ("SplitValues", "Splits")),
    Column("StockType", Family.WIDER, "how the tickets are delivered", "mobile transfer"),
    Column("InHandDate", Family.WIDER, "when the tickets can be delivered, mm/dd/yyyy", "12/01/2026"),
    Column("Instant", Family.WIDER, "Y: delivered at once; not used", "N", kept=False),
    Column("Broadcast", Family.WIDER, "N: not offered, so it cannot be held", "Y"),
)  # fmt: skip

_MOCKPOS = (
    Column("InHand", Family.MOCKPOS, "Y or N; empty: by InHandDate", "Y"),
    Column("Type", Family.MOCKPOS, "event or parking", "event"),
    Column("ViewType", Family.MOCKPOS, "Full, Obstructed or Partially Obstructed", "Full"),
    Column("Mapped", Family.MOCKPOS, "N: not mapped to an event of TEvo's, so it cannot be held; a row that fills "
           "this may leave the event empty", "Y"),
    Column("EventID", Family.MOCKPOS, "id of the event; empty: made from its name, venue, date and time", "2306558"),
    Column("EventState", Family.MOCKPOS, "shown, postponed or canceled", "shown"),
    Column("Performers", Family.MOCKPOS, "`|` between them, headliner or home team first; empty: from Event",
           "New Orleans Saints|Atlanta Hawks"),
    Column("Category", Family.MOCKPOS, "category of the event", "NFL"),
    Column("City", Family.MOCKPOS, "city of the venue", "New Orleans"),
    Column("TimeZone", Family.MOCKPOS, "IANA time zone of the venue; empty: UTC is taken", "America/Chicago"),
)  # fmt: skip

COLUMNS: tuple[Column, ...] = _TEVO + _WIDER + _MOCKPOS
"""Every column mockpos understands, in the order in which it writes them."""

REQUIRED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)
ALWAYS_FILLED = frozenset(column.name for column in COLUMNS if column.filled)
WRITTEN: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.kept)

_INSIGNIFICANT = re.compile(r"[\s_-]+")


def column_called(header: str) -> str | None:
    """Return the name of the column that a header means, or None for one to ignore."""
    return _BY_HEADER.get(_INSIGNIFICANT.sub("", header).casefold())


_BY_HEADER = {alias.casefold(): column.name for column in COLUMNS for alias in (column.name, *column.aliases)}
