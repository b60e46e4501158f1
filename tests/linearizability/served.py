"""What bursts need of a served mockpos: an inventory, a clock that stands still, a scenario that mixes calls up."""

import json
from pathlib import Path
from typing import Any

from tests.linearizability.bursts import LISTINGS
from tests.linearizability.http_client import HttpClient
from tests.machine.calls import answer_of, call


def write_inventory(path: Path) -> None:
    listings = [
        {"remote_id": each.remote_id, "section": "1", "quantity": each.quantity, "wholesale_price": str(each.price),
         **({"seat_from": int(each.labels[0])} if each.labels else {})}
        for each in LISTINGS
    ]  # fmt: skip
    path.write_text(json.dumps({"listings": dict(enumerate(listings, start=1))}))


def frozen_at(client: HttpClient) -> int:
    """Let a sandbox's clock stand still; return at what moment."""
    freeze = call("set_clock", freeze=True)
    said = answer_of(freeze, client.control("POST", "/clock", {"freeze": True}))
    assert said["frozen"]
    return int(said["now"])


def disorder(seed: int) -> dict[str, Any]:
    """Return a scenario that mixes up the calls of a burst: it delays some, and loses the answers of a few."""
    some = {"delay": {"min": "0ms", "max": "6ms"}}
    lost: dict[str, Any] = {"reset": {"fault": "reset"}, "truncated": {"fault": "truncate"},
                            "unknown": {"respond": "pos_timeout"}}  # fmt: skip
    rules = [
        {"id": name, "on": "any", "when": {"chance": 0.04}, **does, **some, "phase": "after_commit"}
        for name, does in lost.items()
    ]
    rules += [
        {"id": "never", "on": "any", "when": {"chance": 0.03}, "fault": "empty"},
        {"id": "hung", "on": "any", "when": {"chance": 0.003}, "fault": "hang", "phase": "after_commit"},
        {"id": "late", "on": "any", "when": {"chance": 0.4}, **some},
        {"id": "late-answer", "on": "any", "when": {"chance": 0.5}, **some, "delay_at": "after_commit"},
    ]
    return {"name": "disorder", "seed": seed, "rules": rules}
