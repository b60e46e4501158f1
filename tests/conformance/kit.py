"""Runs the kit in this process, as the command does, with races of few rounds."""

import secrets
import time
from typing import Any

from mockpos.conformance.ledger import Ledger
from mockpos.conformance.options import ListingOption, Options
from mockpos.conformance.run import Run, select
from mockpos.conformance.target import Target
from mockpos.contract.loader import DEFAULT_CONTRACT, load_contract
from tests.conformance.good import KEY

CODES = frozenset(
    [
        "malformed_request",
        "api_key_missing",
        "api_key_invalid",
        "validation_failed",
        "listing_not_found",
        "insufficient_quantity",
        "global_id_conflict",
        "global_id_closed",
        "hold_not_found",
        "hold_already_invoiced",
        "hold_released",
        "hold_expired",
        "order_id_conflict",
        "invalid_split",
    ]
)
LISTINGS = (ListingOption("4711", 12), ListingOption("4713", 6, (2, 4, 6)))


def conform(url: str, **changes: Any) -> Run:
    """Run the kit against an address; the options are those of a whole run that may buy."""
    plain: dict[str, Any] = {
        "api_key": KEY,
        "contract": load_contract(),
        "contract_text": DEFAULT_CONTRACT.read_text(),
        "listings": LISTINGS,
        "sold_out": "4712",
        "allow_invoice": True,
        "codes": CODES,
        "rounds": 3,
        "load": 3,
        "wait_expiry": 2.0,
        "seed": 7,
    }
    options = Options(url=url, **(plain | changes))
    run_id = "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz") for _ in range(6))
    target = Target(options, Ledger(), run_id, sleep=lambda seconds: time.sleep(min(seconds / 5, 0.06)))
    run = Run(target, options, select(options))
    run.carry_out()
    return run


def words(run: Run) -> dict[str, str]:
    return {result.check.id: result.word.value for result in run.results}


def failed(run: Run) -> list[str]:
    return sorted(name for name, word in words(run).items() if word in ("fail", "kit error"))


def told(run: Run) -> str:
    """Say what did not pass, for the message of an assertion."""
    lines = [str(run.failed)] if run.failed else []
    for result in run.results:
        if result.word not in ("pass", "not offered"):
            lines.append(f"{result.check.id} {result.word} {result.finding.reason or ''} {result.finding.detail}")
    return "\n".join(lines)
