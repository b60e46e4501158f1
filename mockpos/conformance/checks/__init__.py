"""The rules, in the order in which they are tested: what the others rest on first, what costs tickets last."""

from difflib import get_close_matches

from mockpos.conformance.check import Check
from mockpos.conformance.checks.access import ACCESS, ANSWERS
from mockpos.conformance.checks.calls import BASIC, HOLDS, INVOICES, RELEASES
from mockpos.conformance.checks.network import NETWORK, RACES, TIMES

RULESET = 1
"""The version of the rules. It is apart from the kit's: a rule says since which ruleset it stands."""

_STEPWISE = (*ACCESS, *BASIC, *HOLDS, *RELEASES, *NETWORK, *TIMES, *RACES, *INVOICES, *ANSWERS)
_BY_ID = {check.id: check for check in _STEPWISE}

_ORDER = (
    *(check.id for check in BASIC),
    "KEY-01", "KEY-02",
    "HOLD-05", "HOLD-06", "HOLD-07", "HOLD-08", "HOLD-09", "HOLD-10", "HOLD-11", "REL-04", "JSON-03", "NET-03",
    "NET-02", "HOLD-04", "HOLD-12", "REL-05", "REL-03", "HOLD-03", "NET-01", "LOAD-01", "RACE-01", "RACE-02", "HOLD-13",
    "KEY-03", "INV-04", "INV-05", "INV-01", "INV-02", "INV-03", "INV-06", "REL-06", "INV-07", "RACE-03", "RACE-04",
)  # fmt: skip

CHECKS: tuple[Check, ...] = (
    *(_BY_ID[name] for name in _ORDER),
    *(check for check in _STEPWISE if check.whole_run),
)
"""Every rule, once."""


def meant(name: str) -> str:
    """Return a hint at the check that a wrong name was probably meant for."""
    close = get_close_matches(name.upper(), [check.id for check in CHECKS], n=1)
    return f"; did you mean {close[0]}?" if close else "; `mockpos conform rules` lists them"


def is_provisional(check: Check, ruleset: int = RULESET) -> bool:
    """Tell whether a rule is shown but not yet judged: for the version in which it is new, the first version apart."""
    return check.since == ruleset > 1
