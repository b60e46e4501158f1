"""Working on whole inventory files, without a server: seeding, importing into, exporting from one.

Stands beside bootstrap: it picks stores and clocks for commands as bootstrap does for a server.
"""

import codecs
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec.json import decode

from mockpos.broker.columns import NO_MAP, ColumnMap
from mockpos.broker.json_listings import read_json_bytes, read_json_listings
from mockpos.broker.reader import BrokerFile, read_broker_bytes, read_broker_file
from mockpos.codecs.file_layout import Tables, parse_tables
from mockpos.domain.errors import BadInput
from mockpos.services.import_listings import ImportMode, ImportReport, import_listings
from mockpos.store.inventory_file import InventoryFile
from mockpos.store.inventory_path import check_regular
from mockpos.store.json_file_store import JsonFileStore
from mockpos.store.memory_store import MemoryStore
from mockpos.store.tables import read_world, world_tables
from mockpos.store.world import Limits, World
from mockpos.system_clock import SystemClock

Progress = Callable[[int], None]
STANDARD_INPUT = "standard input"


def today() -> date:
    """Return the date of today, in UTC."""
    return datetime.fromtimestamp(SystemClock().now() / 1000, UTC).date()


def seed_file(out: Path, *, count: int, seed: int, anchor: date, progress: Progress | None = None) -> None:
    """Write a world of ``count`` seeded listings: the same seed and anchor give the same bytes. Raises BadInput."""
    from mockpos.codecs.documents import event_document, listing_document
    from mockpos.domain.listing import Stock
    from mockpos.seeding.offers import seed_events, seed_listings

    check_regular(out)
    for beside in (".lock", ".log"):
        if out.with_name(out.name + beside).exists():
            raise BadInput(f"{out}: is in use, or was not stopped cleanly; start and stop its server first")

    def listings() -> Iterator[dict[str, object]]:
        for listing in seed_listings(count=count, seed=seed, anchor=anchor, progress=progress):
            yield listing_document(listing, Stock.untouched(listing))

    InventoryFile(out).replace(
        [
            ("meta", [{"format": 1, "generation": 0, "anchor": anchor.isoformat(), "seed": seed}]),
            ("events", map(event_document, seed_events(count=count, seed=seed, anchor=anchor))),
            ("listings", listings()),
            ("holds", ()),
            ("invoices", ()),
        ]
    )


def read_file(file: Path, *, columns: ColumnMap = NO_MAP, progress: Progress | None = None) -> BrokerFile:
    """Read a file to import: JSON by its ending, else a broker's CSV or workbook; ``-`` is standard input.

    Raises BadInput.
    """
    if str(file) == "-":
        return _read_standard_input(columns)
    if file.suffix.lower() == ".json":
        return read_json_listings(file)
    return read_broker_file(file, today=today(), columns=columns, progress=progress)


def _read_standard_input(columns: ColumnMap) -> BrokerFile:
    """Read what comes in as what it looks like: JSON, a workbook, or a text with commas or tabs."""
    raw = sys.stdin.buffer.read()
    if looks_like_json(raw):
        return read_json_bytes(raw, STANDARD_INPUT)
    return read_broker_bytes(raw, STANDARD_INPUT, today=today(), columns=columns)


def looks_like_json(raw: bytes) -> bool:
    """Tell whether bytes without a name are JSON rather than a broker's text."""
    return raw.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")


def import_file(file: Path, read: BrokerFile, inventory: Path, *, mode: ImportMode, skip: bool) -> ImportReport:
    """Bring what was read from ``file`` into an inventory file, which is made if missing. Raises BadInput.

    An inventory that is made from another's JSON gets its holds and sales too: it is the same inventory.
    With conflicts nothing changes unless they are to be skipped; the report says so.
    """
    if mode is ImportMode.REPLACE:
        read.check_replacement(str(file), ":", "--replace", "--update")
    if inventory.exists():
        with _opened(inventory) as store:
            return _into(store, read, mode, skip)
    world = _whole_world(file) or World(Limits())
    world.anchor = read.anchor
    new = MemoryStore(world, SystemClock())
    report = _into(new, read, ImportMode.UPDATE, skip)
    if report.applied:
        JsonFileStore(inventory, SystemClock(), make_world=lambda: new.world).close()
    return report


def export_file(inventory: Path, out: Path | None, *, kind: str) -> tuple[int, int]:
    """Write an inventory to ``out``, or to standard output, as ``json``, ``csv`` or ``txt``.

    Returns how many listings were written, and how many retired ones the format left out. Raises BadInput.
    """
    from mockpos.broker.writer import write_broker_file
    from mockpos.codecs.file_layout import write_world

    with _opened(inventory) as store:
        world = store.snapshot()
        if kind != "json":
            delimiter = "," if kind == "csv" else "\t"
            written = write_broker_file(out or sys.stdout, world.each_listing(), delimiter)
            return written.listings, written.retired
        if out is None:
            write_world(sys.stdout.buffer, world_tables(world, 0))
        elif out.exists() and not out.is_file():  # a device or a pipe: it is written to, and not replaced
            with out.open("wb") as stream:
                write_world(stream, world_tables(world, 0))
        else:
            InventoryFile(out).replace(world_tables(world, 0))
        return len(world.listings), 0


@contextmanager
def _opened(inventory: Path) -> Iterator[JsonFileStore]:
    if not inventory.exists():
        raise BadInput(f"{inventory}: there is no such file; `mockpos serve`, `seed` or `import` make one")
    store = JsonFileStore(inventory, SystemClock())
    try:
        yield store
    finally:
        store.close()


def _into(store: MemoryStore, read: BrokerFile, mode: ImportMode, skip: bool) -> ImportReport:
    current = [listing for listing, _ in store.listings()]
    unread = read.bad.remote_ids
    listings = read.listings_for(store.anchor)
    with store.transaction() as tx:
        return import_listings(tx, listings, mode=mode, current=current, keep=unread, skip_conflicts=skip)


def _whole_world(file: Path) -> World | None:
    """Return the world of another inventory's JSON, or None for a file that only lists listings."""
    if file.suffix.lower() != ".json":
        return None
    try:
        tables = parse_tables(file.read_bytes(), str(file))
    except BadInput:
        return None  # it was read before, so it is a list
    return read_world(tables, str(file), Limits()) if _has_history(tables) else None


def _has_history(tables: Tables) -> bool:
    """Tell whether anything was held, sold or released early in this inventory."""
    listings = map(decode, tables.get("listings", {}).values())
    touched = (document.get("held") or document.get("sold") for document in listings)
    return bool(tables.get("holds") or tables.get("tombstones")) or any(touched)
