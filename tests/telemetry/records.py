"""Records of calls, made by what a test cares about."""

import sys
from collections.abc import Callable
from typing import Any

from mockpos.domain.catalogue import Operation
from mockpos.domain.clock import Millis
from mockpos.scenario.outcomes import Plan
from mockpos.telemetry.call_record import CallRecord

AT = 1_790_000_000_000


def a_record(number: int = 1, **values: Any) -> CallRecord:
    """Make a hold's record. ``headers`` may be given as text, and of a plan its ``scenario``, ``rule`` and ``why``."""
    usual: dict[str, Any] = {
        "request_id": f"r-{number}",
        "at": Millis(AT + number),
        "operation": Operation.HOLD,
        "method": "POST",
        "target": "/v1/holds",
    }
    if "headers" in values:
        pairs = values.pop("headers")
        values["head"] = "".join(f"\r\n{name}: {value}" for name, value in pairs).encode("latin-1", "replace")
    planned = {name: values.pop(name, "") for name in ("scenario", "rule", "why")}
    if any(planned.values()):
        values["plan"] = Plan(scenario=planned["scenario"], rule_id=planned["rule"], why=planned["why"])
    values = {**usual, **values}
    return CallRecord(**{"arrival": values["at"], **values})


def calls_made(work: Callable[[], object]) -> int:
    """Count the functions that work calls, Python's own and those in C: a cost that no load on the machine changes."""
    count = 0

    def note(_frame: object, event: str, _about: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
