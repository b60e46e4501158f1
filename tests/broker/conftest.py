"""A broker file from a few cells: whatever a test does not say is a plain, good row."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest

from mockpos.broker.reader import BrokerFile, read_broker_bytes

TODAY = date(2026, 11, 23)

PLAIN = {
    "TicketID": "1",
    "Event": "Atlanta Falcons at New Orleans Saints",
    "Venue": "Mercedes-Benz Superdome",
    "EventDate": "12/13/2026",
    "EventTime": "6:05PM",
    "Quantity": "4",
    "Section": "109",
    "Row": "22",
    "SeatFrom": "",
    "SeatThru": "",
    "Cost": "122.00",
}

Reader = Callable[..., BrokerFile]


def text_of(*rows: dict[str, str], without: tuple[str, ...] = (), delimiter: str = ",") -> str:
    columns = [column for column in dict.fromkeys([*PLAIN, *(c for row in rows for c in row)]) if column not in without]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        cells = {**PLAIN, "TicketID": str(number), **row}
        writer.writerow([cells.get(column, "") for column in columns])
    return stream.getvalue()


@pytest.fixture
def read() -> Reader:
    def read(*rows: dict[str, str], without: tuple[str, ...] = ()) -> BrokerFile:
        return read_broker_bytes(text_of(*rows, without=without).encode(), "stock.csv", today=TODAY)

    return read


@pytest.fixture
def written() -> Callable[..., str]:
    return text_of


@pytest.fixture
def today() -> date:
    return TODAY


def listing_of(read, **cells):
    found = read(cells)
    assert found.bad_rows == []
    [listing] = found.listings
    return listing
