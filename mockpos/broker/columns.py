"""The columns of a broker's file: one table that reader, writer, help, errors and docs go by.

Header names are case-insensitive and come in any order, and columns that are not here are ignored (TEvo wiki,
"Import File Specification"). Spaces, punctuation and what stands in parentheses in a header name do not count either.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from mockpos.domain.errors import BadInput
from mockpos.yaml_file import YamlDocument, read_yaml


class Family(StrEnum):
    """Who says that a column exists."""

    TEVO = "TEvo"
    WIDER = "brokers' tools"
    MOCKPOS = "mockpos"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``required`` is about the column, ``filled`` about every cell in it.

    A column that is not ``kept`` is understood, perhaps checked, and has no place in a listing. ``otherwise`` are
    headers that mean it only in a file where no other one does.
    """

    name: str
    family: Family
    meaning: str
    example: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    filled: bool = False
    kept: bool = True
    otherwise: tuple[str, ...] = ()


_TEVO = (
    Column("Event", Family.TEVO, "performer or event; `away at home` names two teams. Where no header means "
           "it, Performer, Headliner or Artist does",
           "Atlanta Hawks at New Orleans Saints",
           ("EventName", "EventTitle", "EventDescription", "ProductionName", "Production", "ShowName"),
           required=True, filled=True,
           otherwise=("Performer", "PerformerName", "PrimaryPerformer", "Headliner", "Artist", "ArtistName")),
    Column("Venue", Family.TEVO, "name of the venue", "Mercedes-Benz Superdome",
           ("VenueName", "EventVenue", "Location", "EventLocation", "Stadium", "Arena"), required=True, filled=True),
    Column("EventDate", Family.TEVO, "local date, mm/dd/yyyy or 2026-12-13, also with the time behind it; a row more "
           "than 10 years ahead is ignored", "12/13/2026",
           ("Date", "EventDateTime", "DateTime", "EventLocalDate", "EventDateLocal", "LocalDate", "EventDay",
            "ShowDate", "PerformanceDate", "OccursAt", "OccursAtLocal", "StartDate", "EventStartDate", "EventStart",
            "StartDateTime", "EventLocalDateTime", "LocalDateTime", "EventDateTimeLocal", "GameDate"),
           required=True, filled=True),
    Column("EventTime", Family.TEVO, "local time, 6:05PM or 18:05; empty, TBA, 3:00 AM and 3:30 AM: to be announced; "
           "not needed where EventDate has the time", "6:05PM",
           ("Time", "StartTime", "EventStartTime", "EventLocalTime", "LocalTime", "ShowTime", "Start",
            "EventTimeLocal", "PerformanceTime", "GameTime"), required=True),
    Column("Quantity", Family.TEVO, "tickets together in this listing", "12",
           ("Qty", "Quant", "TicketQuantity", "TicketQty", "QuantityAvailable", "AvailableQuantity", "QtyAvailable",
            "NumTickets", "NumberOfTickets", "TicketCount", "NumberOfSeats", "Tickets", "AvailableQty", "QtyAvail",
            "AvailQty", "TicketsAvailable", "AvailableTickets", "NumSeats", "SeatCount", "NoOfTickets", "OfTickets"),
           required=True, filled=True),
    Column("Section", Family.TEVO, "as printed on the ticket", "109",
           ("Sec", "Sect", "SectionName", "SeatSection", "SectionNumber"), required=True, filled=True),
    Column("Row", Family.TEVO, "as printed; may be empty here, TEvo wants it filled", "22",
           ("RowName", "SeatRow", "RowNumber", "RowNum"), required=True),
    Column("SeatFrom", Family.TEVO, "lowest seat, 3 or A3; empty, `*`, `-`, `GA`, `N/A` or NULL: not numbered", "3",
           ("SeatStart", "StartSeat", "StartingSeat", "LowSeat", "SeatLow", "FirstSeat", "FromSeat", "SeatNumberFrom",
            "Low", "LowSeatNumber", "SeatFirst", "SeatBegin", "BeginSeat", "SeatsFrom"),
           required=True),
    Column("SeatThru", Family.TEVO, "highest seat; empty: counted up from SeatFrom", "14",
           ("SeatEnd", "EndSeat", "EndingSeat", "HighSeat", "SeatHigh", "LastSeat", "ThruSeat", "SeatTo", "ToSeat",
            "SeatThrough", "SeatNumberThru", "SeatNumberTo", "High", "HighSeatNumber", "SeatLast", "SeatsThru",
            "SeatsThrough", "SeatsTo"), required=True),
    Column("Cost", Family.TEVO, "wholesale price of one ticket in US dollars", "122.00",
           ("WholesalePrice", "WholesaleCost", "Price", "UnitCost", "UnitPrice", "TicketCost", "TicketPrice",
            "CostPerTicket", "PricePerTicket", "Wholesale", "BrokerPrice", "CostEach", "PriceEach", "PurchasePrice",
            "TaxedCost"), required=True, filled=True),
    Column("Notes", Family.TEVO, "external notes: the public sees them", "Aisle seats",
           ("ExternalNotes", "ExternalNote", "ExtNotes", "PublicNotes", "PublicNote", "ListingNotes", "SellerNotes",
            "CustomerNotes", "Comments")),
    Column("Eticket", Family.TEVO, "Y: a PDF e-ticket; StockType, where given, decides instead", "Y",
           ("EDelivery", "ElectronicTicket", "ElectronicDelivery", "Electronic", "IsElectronic")),
    Column("Barcodes", Family.TEVO, "`|` between them, one a ticket, low seat first; checked, not kept",
           "AAAA1111BBBB|CCCC2222DDDD", kept=False),
    Column("AccountEmail", Family.TEVO, "the MLB account; not used", "azdiamondbacks@example.com", kept=False),
    Column("TicketIds", Family.TEVO, "the MLB tickets' ids; not used, and not the Remote ID", kept=False),
    Column("VerificationIds", Family.TEVO, "the MLB tickets' verification ids; not used", kept=False),
    Column("Discount", Family.TEVO, "percent off for retail partners; not used", "23.5", kept=False),
)  # fmt: skip

_WIDER = (
    Column("TicketID", Family.WIDER, "the Remote ID; without this column ids are made from the rows", "605696419",
           ("TicketGroupID", "RemoteID", "InventoryID", "ListingID", "ExchangePosID", "PosID", "ExternalID",
            "ExternalListingID", "TicketGroup", "GroupID", "RemoteListingID", "RemoteTicketID", "PosListingID",
            "ListingNumber", "ID"), filled=True),
    Column("Seats", Family.WIDER, "all seats in one cell, instead of SeatFrom and SeatThru: `5-8` or `5,6,7,8`",
           "5,6,7,8", ("Seat", "SeatNumbers", "SeatNumber", "SeatNos", "SeatList", "SeatRange"), kept=False),
    Column("InternalNotes", Family.WIDER, "notes for the broker's own office", "Bought from Joe",
           ("InternalNote", "IntNotes", "PrivateNotes", "PrivateNote", "OfficeNotes")),
    Column("BrokerNotes", Family.WIDER, "notes for other brokers", "No consignment", ("BrokerNote",)),
    Column("RetailPrice", Family.WIDER, "what the public pays for one ticket, in US dollars", "152.50",
           ("ListPrice", "Retail", "PublicPrice", "WebPrice", "ListingPrice", "SellPrice", "SellingPrice",
            "AskingPrice")),
    Column("SplitType", Family.WIDER, "ANY, NEVERLEAVEONE (AVOIDONE), AVOIDONEANDTHREE, PAIRS, ALL (NOSPLIT, NONE), "
           "CUSTOM, or DEFAULT for ANY; empty: CUSTOM where SplitValue is filled, else ANY", "CUSTOM",
           ("SplitRule", "SplitOption", "SplitOptions", "SplitPreference")),
    Column("SplitValue", Family.WIDER, "quantities of a custom split, with `:`, `,` or `|` between them", "1:2:4",
           ("SplitValues", "Splits", "CustomSplit", "CustomSplits", "SplitQuantities", "AllowedSplits",
            "SplitsAllowed", "SplitQuantity", "ValidSplits")),
    Column("StockType", Family.WIDER, "how the tickets are delivered", "mobile transfer",
           ("DeliveryMethod", "DeliveryType", "Delivery", "TicketFormat", "StockFormat", "StockTypeName",
            "StockTypeDescription", "TicketStockType")),
    Column("InHandDate", Family.WIDER, "when the tickets can be delivered, dates as in EventDate", "12/01/2026",
           ("InHandOn", "InHandBy", "DateInHand", "OnHandDate", "DeliveryDate", "ExpectedInHandDate")),
    Column("Instant", Family.WIDER, "Y: delivered at once; not used", "N", ("InstantTransfer", "InstantDelivery"),
           kept=False),
    Column("Broadcast", Family.WIDER, "N: not offered, so it cannot be held", "Y", ("IsBroadcast", "Broadcasted")),
)  # fmt: skip

_MOCKPOS = (
    Column("InHand", Family.MOCKPOS, "Y or N; empty: by InHandDate", "Y", ("OnHand", "IsInHand")),
    Column("Type", Family.MOCKPOS, "event or parking", "event", ("ListingType",)),
    Column("ViewType", Family.MOCKPOS, "Full, Obstructed or Partially Obstructed", "Full", ("View",)),
    Column("Mapped", Family.MOCKPOS, "N: not mapped to an event of TEvo's, so it cannot be held; a row that fills "
           "this may leave the event empty", "Y"),
    Column("EventID", Family.MOCKPOS, "id of the event; empty: made from its name, venue, date and time", "2306558",
           ("ProductionID",)),
    Column("EventState", Family.MOCKPOS, "shown, postponed or canceled", "shown", ("EventStatus",)),
    Column("Performers", Family.MOCKPOS, "`|` between them, headliner or home team first; empty: from Event",
           "New Orleans Saints|Atlanta Hawks"),
    Column("Category", Family.MOCKPOS, "category of the event", "NFL", ("EventCategory",)),
    Column("City", Family.MOCKPOS, "city of the venue", "New Orleans", ("VenueCity",)),
    Column("TimeZone", Family.MOCKPOS, "IANA time zone of the venue; empty: UTC is taken", "America/Chicago",
           ("VenueTimeZone", "EventTimeZone")),
)  # fmt: skip

COLUMNS: tuple[Column, ...] = _TEVO + _WIDER + _MOCKPOS
"""Every column mockpos understands, in the order in which it writes them."""

REQUIRED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)
ALWAYS_FILLED = frozenset(column.name for column in COLUMNS if column.filled)
WRITTEN: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.kept)

_PARENTHESES = re.compile(r"\([^()]*\)")
_INSIGNIFICANT = re.compile(r"[\W_]+")
_NEAR = 0.7


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """Return a word without letter case, spaces and punctuation: ``E-Ticket`` is ``eticket``."""
    return _INSIGNIFICANT.sub("", word).casefold()


def plain_header(header: str) -> str:
    """Return a header name as it is compared: ``Event_Date (local)`` is ``eventdate``."""
    return plain(_PARENTHESES.sub("", header))


def column_called(header: str) -> str | None:
    """Return the name of the column that a header means, or None for one to ignore."""
    return _BY_HEADER.get(plain_header(header))


def otherwise_called(header: str) -> str | None:
    """Return the name of the column that a header means where no other header does."""
    return _OTHERWISE.get(plain_header(header))


def rank_of(header: str) -> int:
    """Return how well a header names its column: 0 for the column's own name, then its aliases in their order."""
    return _RANKS.get(plain_header(header), len(_RANKS))


def near_columns(header: str) -> list[str]:
    """Return the columns that a header may mean though it is not their name, likeliest first."""
    plain = plain_header(header)
    scores = {name: max(_likeness(plain, known) for known in names) for name, names in _NAMES.items()}
    return sorted((name for name, score in scores.items() if score >= _NEAR), key=lambda name: -scores[name])


def near_headers(column: str, headers: Iterable[str]) -> list[str]:
    """Return the headers of a file that may mean a column, likeliest first."""
    scores = {header: max(_likeness(plain_header(header), known) for known in _NAMES[column]) for header in headers}
    return sorted((header for header, score in scores.items() if score >= _NEAR), key=lambda header: -scores[header])


def _likeness(header: str, known: str) -> float:
    """Return how alike two names are, from 0 to 1. One that contains the other is near, if it is no mere snippet."""
    if not header:
        return 0.0
    if len(known) > 3 and len(header) > 3 and (known in header or header in known):
        return 0.9
    return SequenceMatcher(None, header, known).ratio()


_NAMES = {column.name: tuple(map(plain_header, (column.name, *column.aliases))) for column in COLUMNS}
_OTHERWISE = {plain_header(name): column.name for column in COLUMNS for name in column.otherwise}
_BY_HEADER = {known: name for name, names in _NAMES.items() for known in names}
_RANKS = {known: rank for names in _NAMES.values() for rank, known in enumerate(names)}


_SECTIONS = ("columns", "defaults")
MAPPING_EXAMPLE = """\
columns:
  Event: production
  Cost: what we paid
defaults:
  Venue: Larch Hall
"""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """``headers`` has the header that means a column, ``defaults`` what to take where a cell is empty or missing."""

    headers: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


NO_MAP = ColumnMap()


def column_map(maps: Iterable[str], defaults: Iterable[str]) -> ColumnMap:
    """Read ``Event=event_name`` or the name of a mapping file, and ``Venue=Larch Hall``. Later ones win.

    Raises BadInput that names the option.
    """
    headers: dict[str, str] = {}
    values: dict[str, str] = {}
    for text in maps:
        if "=" in text:
            headers.update([_assignment("--map", text, "Event=event_name")])
        else:
            found = read_mapping_file(Path(text))
            headers.update(found.headers)
            values.update(found.defaults)
    for text in defaults:
        values.update([_assignment("--default", text, 'Venue="Larch Hall"')])
    return ColumnMap(headers, values)


def read_mapping_file(path: Path) -> ColumnMap:
    """Read a mapping file: YAML with ``columns`` and ``defaults``, both a name of a column to a text.

    Raises BadInput that names the line.
    """
    document = read_yaml(path)
    for section in document.content:
        if section not in _SECTIONS:
            raise document.bad([section], "is no section of a mapping file; it has `columns:` and `defaults:`")
    return ColumnMap(*(_section(document, section) for section in _SECTIONS))


def _section(document: YamlDocument, section: str) -> dict[str, str]:
    content = document.content.get(section) or {}
    if not isinstance(content, Mapping):
        raise document.bad([section], "must have a column and its text on each line, as `Event: event_name`")
    found: dict[str, str] = {}
    for name, value in content.items():
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise document.bad([section, name], "must be a text")
        try:
            found[_column(str(name))] = str(value)
        except ValueError as error:
            raise document.bad([section, name], str(error)) from None
    return found


def _assignment(option: str, text: str, example: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not value.strip():
        raise BadInput(f"{option} {text}: write it as {option} {example}")
    try:
        return _column(name.strip()), value.strip()
    except ValueError as error:
        raise BadInput(f"{option} {text}: {error}") from None


def _column(name: str) -> str:
    """Return the column that a name means. Raises ValueError with those it may have meant."""
    column = column_called(name)
    if column is not None:
        return column
    near = near_columns(name)
    meant = f"did you mean {' or '.join(near[:3])}?" if near else f"there are {', '.join(one.name for one in COLUMNS)}"
    raise ValueError(f"there is no column {name[:60]!r}; {meant}")
