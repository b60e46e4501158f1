"""Read listings from JSON: what ``mockpos export`` writes, or a plain document of the same fields.

    {"events": {"1": {...}}, "listings": {"1": {...}}, ...}    an inventory file (TinyDB's format)
    {"events": [...], "listings": [...]}                       the same as lists
    [...]                                                      listings alone

A listing names its event by ``event_id``, or has the whole event in ``event``.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from mockpos.broker.raw_rows import read_bytes, utf8_of
from mockpos.broker.reader import BrokerFile
from mockpos.codecs.documents import read_event, read_listing, read_stock
from mockpos.codecs.fields import BadDocument, day, optional
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.domain.event import Event
from mockpos.domain.listing import Listing

_FAULTS_SHOWN = 10
_LEFT_BEHIND = ("holds", "invoices")

Item = tuple[str, Mapping[str, object]]
"""Where a document is, such as ``listings[3]``, and the document."""


@dataclass
class _Reading:
    """What was found so far, and where each id was first; of the faults the first ones, and how many there are."""

    name: str
    events: dict[str, Event] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    faulty: int = 0
    with_sales: int = 0

    def refuse_field(self, place: str, fault: str) -> None:
        """Note what is wrong with a field: nearly always its name begins the fault."""
        self.refuse(f"{place}{'.' if fault[:1].isalpha() else ': '}{fault}")

    def refuse(self, fault: str) -> None:
        """Note what is wrong, and where."""
        self.faulty += 1
        if len(self.faults) < _FAULTS_SHOWN:
            self.faults.append(fault)


def read_json_listings(path: Path) -> BrokerFile:
    """Read a file. It has no bad rows: any fault refuses the whole.

    Raises BadInput that names the file and each place (``listings[3].quantity ...``), the first ten of them.
    """
    return read_json_bytes(read_bytes(path), str(path))


def read_json_bytes(raw: bytes, name: str) -> BrokerFile:
    """Read the bytes of a file of this name, as ``read_json_listings`` does."""
    parsed = _parse(utf8_of(raw, name), name)
    events, listings, rest = _tables(parsed, name)
    reading = _Reading(name)
    for place, document in _items("events", events, reading):
        _read_event(place, document, reading)
    for place, document in _items("listings", listings, reading):
        _read_listing(place, document, reading)
    if reading.faults:
        raise BadInput(_refusal(reading))
    return BrokerFile(list(reading.listings.values()), warnings=_warnings(reading, rest), anchor=_anchor(parsed))


def _tables(parsed: object, name: str) -> tuple[object, object, Counter[str]]:
    """Return events, listings, and how many documents there are of what an import leaves behind."""
    if isinstance(parsed, list):
        return [], parsed, Counter()
    if not isinstance(parsed, dict) or "listings" not in parsed:
        raise BadInput(
            f'{name}: this is no inventory. It must be {{"events": ..., "listings": ...}} or a list of listings.'
        )
    rest = Counter({table: len(parsed[table]) for table in _LEFT_BEHIND if isinstance(parsed.get(table), dict | list)})
    return parsed.get("events", []), parsed["listings"], rest


def _anchor(parsed: object) -> date | None:
    """Return the day that the events of an exported world were made to lie ahead of, if it says so."""
    meta = parsed.get("meta") if isinstance(parsed, dict) else None
    about = next(iter(meta.values()), None) if isinstance(meta, dict) else None
    try:
        return optional(day, about, "anchor") if isinstance(about, dict) else None
    except BadDocument:
        return None


def _items(table: str, documents: object, reading: _Reading) -> Iterator[Item]:
    """Iterate over a table: a list, counted from 0, or TinyDB's object by document number."""
    if isinstance(documents, list):
        numbered: Iterator[tuple[object, object]] = iter(enumerate(documents))
    elif isinstance(documents, dict):
        numbered = iter(documents.items())
    else:
        reading.refuse(f"{table} must be a list or an object of documents")
        return
    for number, document in numbered:
        if isinstance(document, Mapping):
            yield f"{table}[{number}]", document
        else:
            reading.refuse(f"{table}[{number}] must be an object")


def _read_event(place: str, document: Mapping[str, object], reading: _Reading) -> Event | None:
    """Read an event; the same one may come again if it says the same."""
    try:
        event = read_event(document)
    except BadDocument as error:
        reading.refuse_field(place, str(error))
        return None
    first = reading.events.setdefault(event.event_id, event)
    if event != first:
        reading.refuse_field(place, f"event_id {event.event_id!r} is that of another event already")
    return first


def _read_listing(place: str, document: Mapping[str, object], reading: _Reading) -> None:
    inline = document.get("event")
    if isinstance(inline, Mapping):
        event = _read_event(f"{place}.event", inline, reading)
        if event is None:
            return
        document = {**document, "event_id": event.event_id}
    elif inline is not None:
        reading.refuse_field(place, "event must be an object")
        return
    try:
        listing = read_listing(document, reading.events)
        reading.with_sales += read_stock(document, listing) is not None
    except BadDocument as error:
        reading.refuse_field(place, str(error))
        return
    first = reading.places.setdefault(listing.remote_id, place)
    if first != place:
        reading.refuse_field(place, f"remote_id {listing.remote_id!r} is that of {first} already")
    reading.listings[listing.remote_id] = listing


def _refusal(reading: _Reading) -> str:
    more = reading.faulty - len(reading.faults)
    lines = [*reading.faults, *([f"and {more:,} more"] if more else [])]
    return f"{reading.name}: " + "\n  ".join(lines)


def _warnings(reading: _Reading, rest: Counter[str]) -> list[str]:
    """Say what an import of listings leaves behind."""
    warnings = []
    left = [counted(count, table.removesuffix("s")) for table, count in rest.items() if count]
    if reading.with_sales:
        left.append(f"what is held or sold of {counted(reading.with_sales, 'listing')}")
    if left:
        warnings.append(
            f"Imported into an inventory that is there already, this file leaves behind: {', '.join(left)}."
        )
    if not reading.listings:
        warnings.append("The file has no listing.")
    return warnings


_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Unacceptable(ValueError):
    """Valid for Python's parser, and still not to be read."""


def _parse(body: bytes, name: str) -> object:
    """Parse a text in UTF-8; numbers with a fraction become Decimal. Raises BadInput that names the file."""
    try:
        parsed: object = json.loads(
            body, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=Decimal, parse_int=_whole
        )
        if _SURROGATE.search(body):
            _check_surrogates(parsed)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{name}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}. Correct it there."
        ) from None
    except _Unacceptable as error:
        raise BadInput(f"{name}: {error}") from None
    except RecursionError:
        raise BadInput(f"{name}: nested too deeply for an inventory.") from None
    return parsed


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        where = f" (remote_id {found['remote_id']!r})" if "remote_id" in found else ""
        raise _Unacceptable(f"the key {twice[:60]!r} is given twice in one object{where}. Keep one of them.")
    return found


def _no_constant(word: str) -> object:
    raise _Unacceptable(f"{word} is not a number in JSON. Write a number, or null.")


def _whole(digits: str) -> int:
    if len(digits) > 18:
        raise _Unacceptable(f"the number {digits[:18]}... is too large for anything in an inventory.")
    return int(digits)


def _check_surrogates(parsed: object) -> None:
    for text in _texts(parsed):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _Unacceptable(f"{text[:60]!a} has half a surrogate pair, which is no character.") from None


def _texts(parsed: object) -> Iterator[str]:
    if isinstance(parsed, str):
        yield parsed
    elif isinstance(parsed, list):
        for item in parsed:
            yield from _texts(item)
    elif isinstance(parsed, dict):
        for key, value in parsed.items():
            yield key
            yield from _texts(value)
