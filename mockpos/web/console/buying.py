"""The routes of Buy: begin a purchase, and look how far it is."""

import secrets

from flask import request

from mockpos.checkout import Purchase
from mockpos.domain.counted import counted
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.web.console.pages import Pages
from mockpos.web.console.purchases import Running, buyer_sees
from mockpos.web.control.listing_fields import whole_number

_LARGEST = 1_000


def begin(pages: Pages, sandbox: Sandbox) -> str:
    """Begin a purchase with a Global ID of its own."""
    remote_id, text = request.form.get("remote_id", ""), request.form.get("quantity", "")
    quantity = whole_number(text)
    if not remote_id or quantity is None or not 1 <= quantity <= _LARGEST:
        raise MockMisuse("mock_bad_input", f"Buy from 1 to {_LARGEST:,} tickets of a listing.")
    purchase = Purchase(remote_id, quantity, global_id=f"TEVO-{secrets.token_hex(4)}")
    return _shown(pages, sandbox, pages.purchases.begin(pages.own_url(), sandbox.api_key, purchase))


def show(pages: Pages, sandbox: Sandbox, number: int) -> str:
    """Show how far a purchase is, whose page says what it is of."""
    asked = request.args
    purchase = Purchase(
        asked.get("remote_id", ""), whole_number(asked.get("quantity", "")) or 1, asked.get("global_id", "")
    )
    return _shown(pages, sandbox, pages.purchases.get(number, purchase))


def _shown(pages: Pages, sandbox: Sandbox, running: Running) -> str:
    rows = pages.live.inventory(sandbox).rows([running.purchase.remote_id])
    return pages.render(
        sandbox, "buy_panel", running=running, buyer=buyer_sees(running), row=rows[0] if rows else None,
        broker_says=_broker_says(sandbox, running),
    )  # fmt: skip


def _broker_says(sandbox: Sandbox, running: Running) -> str:
    """Say what the broker's books have for the buyer's Global ID."""
    hold = sandbox.store.peek(running.global_id) if running.global_id else None
    if hold is None:
        return "Nothing under this Global ID." if running.is_over else ""
    if hold.stolen:
        return "The broker sold these seats elsewhere."
    labels = hold.seat_labels()
    seats = f"seats {', '.join(labels)}" if labels else counted(hold.quantity, "ticket")
    return {
        "held": f"Holds {seats} for this buyer.",
        "invoiced": f"Sold {seats} to this buyer, once.",
        "released": f"Gave {seats} back.",
        "expired": f"The hold of {seats} lapsed.",
    }[hold.status.value]
