"""What the page "Your automator" shows: the guide's commands with what they print, and how sensitive the kit is.

What the commands print was written down by running them; the tests run them again.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from mockpos.conformance.checks import CHECKS
from mockpos.conformance.faults import caught_faults

PRINTED = Path(__file__).with_name("automator_guide.json")

COMMANDS = {
    "quick": "mockpos conform http://127.0.0.1:8000 --profile quick --listing TG-5000:60",
    "minimal": "mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4711:12 --allow-invoice",
    "one": "mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4712:4 --only HOLD-02 --trace",
    "rule": "mockpos conform rules HOLD-03",
    "report": "mockpos conform http://127.0.0.1:8700 --api-key secret --listing 4712:4 --only REL-* --html report.html",
    "verify": "mockpos conform verify report.html",
    "plans": "mockpos checkout-plan list",
}
"""The commands of the guide whose output it shows, in its order."""


@cache
def printed() -> dict[str, str]:
    """Return what each command printed."""
    read: dict[str, str] = json.loads(PRINTED.read_text("utf-8"))
    return read


def page() -> dict[str, Any]:
    """Return what the page shows beside its own text."""
    return {"guide": shown(), "faults": caught_faults(), "rules": {check.id: check.rule for check in CHECKS}}


def shown() -> dict[str, str]:
    """Return each command with what it printed, as a terminal has it."""
    return {name: f"$ {command}\n{printed()[name]}" for name, command in COMMANDS.items()}
