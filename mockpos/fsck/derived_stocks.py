"""The listings whose numbers are wrong, and what they must be, where that can be derived."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from mockpos.domain.hold import Hold
from mockpos.domain.invoice import Invoice
from mockpos.domain.listing import Stock
from mockpos.fsck.explanations import DERIVABLE
from mockpos.fsck.reading import Reading
from mockpos.fsck.stock_derivation import Said, derive_stock
from mockpos.store.faults import Fault


class DerivedStocks:
    """Derives the numbers of each listing that a fault is about, once."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[str, Stock | str] = {}

    @property
    def stocks(self) -> list[Stock]:
        """Return the stocks that could be derived."""
        return [stock for stock in self._found.values() if isinstance(stock, Stock)]

    def why_not(self, fault: Fault) -> str | None:
        """Say why the numbers cannot be derived; nothing when they can, None when the fault is not about numbers."""
        remote_id = fault.remote_id
        if fault.kind not in DERIVABLE or remote_id is None or remote_id not in self._reading.world.listings:
            return None
        if remote_id not in self._found:
            self._found[remote_id] = self._derived(remote_id)
        found = self._found[remote_id]
        return found if isinstance(found, str) else ""

    def _derived(self, remote_id: str) -> Stock | str:
        world, unread = self._reading.world, self._reading.unread
        if any(unread.may_be(kind, remote_id) for kind in ("holds on", "invoices on")):
            return "some of its holds or invoices cannot be read"
        listing = world.listings[remote_id]
        said = Said.of(world.stock_of(listing))
        if remote_id not in world.stock:
            said = Said.in_document(self._documents.get(remote_id, {}), listing)
        return derive_stock(listing, said, self._holds[remote_id], self._invoices[remote_id])

    @cached_property
    def _documents(self) -> dict[str, dict[str, Any]]:
        documents = self._reading.tables.get("listings", {}).values()
        return {str(document.get("remote_id")).strip(): document for document in documents}

    @cached_property
    def _holds(self) -> dict[str, list[Hold]]:
        found: dict[str, list[Hold]] = defaultdict(list)
        for hold in self._reading.world.live.values():
            if not hold.stolen:
                found[hold.remote_id].append(hold)
        return found

    @cached_property
    def _invoices(self) -> dict[str, list[Invoice]]:
        found: dict[str, list[Invoice]] = defaultdict(list)
        for _, invoice in self._reading.world.each_closed():
            if invoice is not None:
                found[invoice.remote_id].append(invoice)
        return found
