"""How sensitive the kit is: broken automators, one fault each, and which check caught them.

The data is what the kit's own tests found when they ran it against each of them; they run it again.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class CaughtFault:
    """One broken automator: what is wrong with it, the check made for it, and the checks that did not pass."""

    fault: str
    check: str
    caught: tuple[str, ...]

    @property
    def wrongly(self) -> tuple[str, ...]:
        """Return the checks that failed it though they were not made for it."""
        return tuple(each for each in self.caught if each != self.check)


@cache
def caught_faults() -> tuple[CaughtFault, ...]:
    """Return the broken automators, in the order of the kit's tests."""
    documents = json.loads(files("mockpos.conformance").joinpath("faults.json").read_bytes())
    return tuple(CaughtFault(each["fault"], each["check"], tuple(each["caught"])) for each in documents)


def caught_by(check: str) -> list[str]:
    """Return the faults that a check caught."""
    return [each.fault for each in caught_faults() if check in each.caught]
