"""The routes of Buy: begin a purchase, and look how far it is."""

import secrets

from flask import request

from mockpos.checkout import Purchase
from mockpos.domain.catalogue import Operation
from mockpos.domain.errors import MockMisuse
from mockpos.sandboxes.sandbox import Sandbox
from mockpos.scenario.engine import dry_run
from mockpos.scenario.model import Facts
from mockpos.web.console.pages import Pages
from mockpos.web.console.purchases import Running
from mockpos.web.control.listing_fields import whole_number

_LARGEST = 1_000
_TRIES = 50  # a scenario that does something to one call in three is met by all but one purchase in a billion


def begin(pages: Pages, sandbox: Sandbox) -> str:
    """Begin a purchase with a Global ID of its own: one that meets the scenario that is on, where there is one."""
    remote_id, text = request.form.get("remote_id", ""), request.form.get("quantity", "")
    quantity = whole_number(text)
    if not remote_id or quantity is None or not 1 <= quantity <= _LARGEST:
        raise MockMisuse("mock_bad_input", f"Buy from 1 to {_LARGEST:,} tickets of a listing.")
    for _ in range(_TRIES):
        purchase = Purchase(remote_id, quantity, global_id=f"TEVO-{secrets.token_hex(4)}")
        if _meets(sandbox, purchase):
            break
    return _shown(pages, sandbox, pages.purchases.begin(pages.own_url(), sandbox.api_key, purchase))


def _meets(sandbox: Sandbox, purchase: Purchase) -> bool:
    """Tell whether the scenario that is on does something to the hold or the invoice of a purchase."""
    scenario = sandbox.selector.active
    calls = [
        Facts(operation, purchase.global_id, remote_id=purchase.remote_id, quantity=purchase.quantity)
        for operation in (Operation.HOLD, Operation.INVOICE)
    ]
    return scenario is None or any(call.plan for call in dry_run(scenario, calls, sandbox_seed=sandbox.seed))


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
        sandbox, "buy_panel", running=running, row=rows[0] if rows else None,
        hold=sandbox.store.peek(running.purchase.global_id) if running.purchase.global_id else None,
    )  # fmt: skip
