"""The examples of the control calls: what each is sent, and what it answered when it was run.

A test runs them again and holds ``examples.json`` to what comes; lists show their first entries.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

EXAMPLES_FILE = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict[str, Any]:
    """Return the example of each call that answers JSON, by its name."""
    found: dict[str, Any] = json.loads(EXAMPLES_FILE.read_text("utf-8"))
    return found


BODIES: Mapping[str, Mapping[str, Any] | str] = {
    "post_sandboxes": {"name": "checkout-17", "api_key": "checkout-17-key", "ttl": "1h"},
    "put_sandboxes_sandbox_name": {"api_key": "checkout-17-key", "ttl": "1h"},
    "patch_sandboxes_sandbox_name": {"enabled": False},
    "post_reset": {"seed": 7},
    "post_listings": {
        "remote_id": "TG-9001", "section": "109", "row": "22", "quantity": 4, "seat_from": 5,
        "wholesale_price": "120.00",
    },
    "patch_listings_remote_id": {"wholesale_price": "95.00"},
    "post_listings_import": "-H 'Content-Type: text/csv' --data-binary @listings.csv",
    "post_pos_sell": {"remote_id": "TG-1042", "quantity": 2},
    "post_pos_retire": {"remote_id": "TG-1004", "superseded_by": "TG-1042"},
    "post_pos_reprice": {"remote_id": "TG-1042", "wholesale_price": "135.00"},
    "post_pos_expire_hold": {"global_id": "checkout-17"},
    "put_scenario": {"name": "lost-answers"},
    "post_scenario_check": {"scenario": {"name": "rush", "rules": [{"id": "late", "on": "hold", "delay": "2s"}]}},
    "post_clock": {"advance": "20m"},
    "post_verify": {"operation": "hold", "code": "held", "count": 2},
}  # fmt: skip
"""JSON; or, for a call that reads a file, what curl is told."""

QUERIES: Mapping[str, Mapping[str, str]] = {
    "get_listings": {"section": "109", "available_min": "2"},
    "post_listings_import": {"mode": "update"},
    "get_listings_export": {"format": "csv"},
    "get_holds": {"status": "held"},
    "get_invoices": {"remote_id": "TG-1042"},
    "get_requests": {"operation": "hold", "limit": "20"},
    "get_audit": {"pending": "ok"},
}

AREAS: Mapping[str, str] = {
    "sandboxes": "A sandbox is a whole world of its own: inventory, holds, invoices, active scenario and its counters, "
    "clock, request journal, seed, API key. Parallel tests need no locks and no resets.",
    "reset": "Back to how the sandbox began. When it answers, the world is new.",
    "listings": "The inventory: look at it, change it, bring a broker's file in, take it out.",
    "pos": "What a broker's point of sale does on its own, between two calls of the automator.",
    "holds": "Holds and invoices as the point of sale knows them.",
    "scenario": "What goes wrong, and when. What a scenario can do stands under Scenarios.",
    "clock": "Holds, their expiry and events being over follow the sandbox's clock. Delays are real time.",
    "snapshots": "A sandbox as it stood, to come back to: inventory, holds, clock, scenario and what it has counted.",
    "request journal": "What was asked and answered, which rule decided and why, what it changed.",
    "verify": "What a test says must have happened, and what came nearest when it did not.",
    "audit": "What the client left behind, each finding with the calls that prove it.",
    "timing": "Ticket Evolution asks for answers within 5 seconds on average.",
    "coverage": "Which documented answers the client has met, and which never.",
    "live": "Everything that happens, as it happens.",
}
"""What an area is about, in a sentence or two."""
