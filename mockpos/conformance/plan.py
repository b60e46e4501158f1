"""Says beforehand what a run will do: which checks, how many calls, how long, what it holds and what it buys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockpos.conformance.check import Amount, Call, Check, Elsewhere, Load, Need, Race, UntilLapsed
from mockpos.conformance.options import Options, Profile
from mockpos.domain.catalogue import Operation

_SECONDS_A_CALL = 0.02
_LOAD_CALLS = 2 * 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do at most. ``buys`` counts smallest quantities, ``seconds`` is for a healthy automator."""

    checks: tuple[Check, ...]
    calls: int
    buys: int
    seconds: float

    def lines(self, options: Options) -> list[str]:
        """Write it for people, a sentence a line."""
        holds = options.profile is not Profile.READ_ONLY and options.listings
        listings = ", ".join(f"{each.remote_id} ({each.quantity})" for each in options.listings)
        said = [f"{len(self.checks)} checks, about {self.calls} calls, some {self.seconds:.0f} s"]
        if holds:
            said.append(f"holds for moments, and releases: all tickets of {listings}")
        if self.buys and holds:
            said.append(f"BUYS up to {self.buys} times the smallest quantity of them (--allow-invoice)")
        else:
            said.append("buys nothing")
        if options.restart:
            said.append(f"restarts the automator once: {options.restart}")
        return said


def plan_of(checks: Sequence[Check], options: Options) -> Plan:
    """Reckon what a run of these checks will do."""
    possible = [check for check in checks if all(_may_be_met(need, options) for need in check.needs)]
    calls = 5 + sum(_calls(check, options) for check in possible)
    waits = sum(options.wait_expiry / 2 for check in possible for step in check.steps if isinstance(step, UntilLapsed))
    buys = sum(_buys(check) for check in possible) if options.allow_invoice else 0
    return Plan(tuple(checks), calls, buys, calls * _SECONDS_A_CALL + waits)


def described(check: Check) -> Iterator[str]:
    """Yield the steps of a check as people read them."""
    if check.whole_run:
        yield "looks at every answer of the run"
    for step in check.steps:
        match step:
            case Call():
                amount = f" of {step.quantity}" if isinstance(step.quantity, Amount) else ""
                yield f"{step.name}{amount if step.operation is Operation.HOLD else ''}"
            case Race():
                kinds = " and ".join(call.operation.value for call in step.calls)
                yield f"{step.name}: {step.copies} of {kinds} at the same moment, {step.rounds} rounds"
            case Load():
                yield f"holds and releases side by side, measured {step.runs} times"
            case UntilLapsed():
                yield "wait until the hold has lapsed"
            case Elsewhere():
                yield step.name
            case _:
                yield "restart the automator"


def _may_be_met(need: Need, options: Options) -> bool:
    return {
        Need.TICKETS: bool(options.listings),
        Need.TWO_UNITS: bool(options.listings),
        Need.SOLD_OUT: options.sold_out is not None,
        Need.SPLITS: any(each.splits for each in options.listings),
        Need.INVOICE: options.allow_invoice,
        Need.CODES: options.codes is not None,
        Need.RESTART: options.restart is not None,
        Need.EXPIRY: bool(options.listings),
    }[need]


def _calls(check: Check, options: Options) -> int:
    count = 0
    for step in check.steps:
        match step:
            case Race():
                count += step.rounds * (step.copies * len(step.calls) + len(step.before) + len(step.after) + 1)
            case Load():
                count += step.runs * options.load * _LOAD_CALLS
            case _:
                count += 1
    holds = sum(isinstance(step, Call) and step.operation is Operation.HOLD for step in check.steps)
    return count + (holds if check.holds else 0)


def _buys(check: Check) -> int:
    if check.id == "INV-01":
        return 1
    return sum(step.rounds for step in check.steps if isinstance(step, Race) and step.sells)
