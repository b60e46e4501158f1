"""The routes of Buy: begin a purchase, and look how far it is."""

import secrets

from flask import request

from mockpos.checkout import Purchase
from mockpos.contract.model import Contract
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.live import Live
from mockpos.web.console.pages import Pages
from mockpos.web.console.purchases import Purchases, Running, buyer_sees
from mockpos.web.console.seats import strip

_LARGEST = 1_000


class Buying:
    """Purchases of one server."""

    def __init__(self, pages: Pages, live: Live, contract: Contract) -> None:
        self._pages = pages
        self._live = live
        self._purchases = Purchases(contract)

    def begin(self, sandbox: Sandbox) -> str:
        """Begin a purchase with a Global ID of its own."""
        remote_id, text = request.form.get("remote_id", ""), request.form.get("quantity", "")
        if not remote_id or not text.isdecimal() or not 1 <= int(text[:6]) <= _LARGEST:
            raise MockMisuse("mock_bad_input", f"Buy from 1 to {_LARGEST:,} tickets of a listing.")
        purchase = Purchase(remote_id, int(text), global_id=f"TEVO-{secrets.token_hex(4)}")
        running = self._purchases.begin(self._pages.own_url(), sandbox.api_key, purchase)
        return self._shown(sandbox, running)

    def show(self, sandbox: Sandbox, number: int) -> str:
        """Show how far a purchase is."""
        return self._shown(sandbox, self._purchases.get(number))

    def _shown(self, sandbox: Sandbox, running: Running) -> str:
        rows = self._live.inventory(sandbox).rows([running.purchase.remote_id])
        row = rows[0] if rows else None
        kind, headline, behind = buyer_sees(running)
        return self._pages.render(
            sandbox, "buy_panel", running=running, row=row, kind=kind, headline=headline, behind=behind,
            strip=strip(row.listing, row.stock, row.holds) if row else "", broker_says=_broker_says(sandbox, running),
        )  # fmt: skip


def _broker_says(sandbox: Sandbox, running: Running) -> str:
    """Say what the broker's books have for the buyer's Global ID."""
    hold = sandbox.store.peek(running.global_id) if running.global_id else None
    if hold is None:
        return "Nothing under this Global ID." if running.is_over else ""
    if hold.stolen:
        return "The broker sold these seats elsewhere."
    labels = hold.seat_labels()
    seats = f"seats {', '.join(labels)}" if labels else f"{hold.quantity} tickets"
    return {
        "held": f"Holds {seats} for this buyer.",
        "invoiced": f"Sold {seats} to this buyer, once.",
        "released": f"Gave {seats} back.",
        "expired": f"The hold of {seats} lapsed.",
    }[hold.status.value]
