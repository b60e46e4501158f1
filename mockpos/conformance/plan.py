"""Says beforehand what a run will do: which checks, how many calls, how long, what it holds and what it buys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockpos.conformance.check import Amount, Call, Check, Elsewhere, Kind, Load, Race, UntilLapsed
from mockpos.conformance.options import Options, Profile
from mockpos.conformance.preflight import HOLD_STEP, RELEASE_STEP
from mockpos.domain.catalogue import Operation
from mockpos.domain.counted import counted

_SECONDS_A_CALL = 0.01
_SECONDS_SLOWLY = 1.0
_LOAD_PAIRS, _PREFLIGHT_CALLS = 4, 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do at most. ``buys`` counts smallest quantities.

    ``turns`` counts calls one after the other, those side by side as one. ``waits``: the seconds of the kit's own
    waiting. ``lapses``: how long it waits at most for a hold to lapse, where its answer says that it does so soon.
    """

    checks: tuple[Check, ...]
    calls: int
    buys: int
    turns: int
    waits: float
    lapses: float

    def seconds(self, call: float = _SECONDS_A_CALL) -> int:
        """Return how long it takes, but for a hold that lapses, where one call takes so many seconds."""
        return max(1, round(self.turns * call + self.waits))

    def duration(self, call: float = _SECONDS_A_CALL) -> str:
        """Say how long it takes."""
        lapses = f", and up to {self.lapses:g} s more to see a hold lapse" if self.lapses else ""
        return f"some {self.seconds(call)} s{lapses}"

    def lines(self, options: Options) -> list[str]:
        """Write it for people, a sentence a line."""
        holds = options.profile is not Profile.READ_ONLY and options.listings
        listings = ", ".join(f"{each.remote_id} ({each.quantity})" for each in options.listings)
        said = [f"{counted(len(self.checks), 'check')}, about {counted(self.calls, 'call')}, {self.duration()}"]
        if holds and options.profile is Profile.QUICK:
            said.append(f"holds for a moment, and releases: the smallest quantity of one of {listings}")
        elif holds:
            said.append(f"holds for moments, and releases: all tickets of {listings}")
        if self.buys and holds:
            said.append(f"BUYS up to {counted(self.buys, 'time')} the smallest quantity of them (--allow-invoice)")
        else:
            said.append("buys nothing")
        if options.restart:
            said.append(f"restarts the automator once: {options.restart}")
        return said


def plan_of(checks: Sequence[Check], options: Options) -> Plan:
    """Reckon what a run of these checks will do."""
    possible = [check for check in checks if all(options.may_meet(need) for need in check.needs)]
    steps = [step for check in possible for step in check.steps]
    return Plan(
        checks=tuple(checks),
        calls=_PREFLIGHT_CALLS + sum(_calls(check, options) for check in possible),
        buys=sum(_buys(check) for check in possible) if options.allow_invoice else 0,
        turns=_PREFLIGHT_CALLS + sum(_calls(check, options, side_by_side=True) for check in possible),
        waits=sum(_SECONDS_SLOWLY for step in steps if isinstance(step, Call) and (step.slowly or step.leaves)),
        lapses=sum(options.wait_expiry for step in steps if isinstance(step, UntilLapsed)),
    )


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


def _calls(check: Check, options: Options, *, side_by_side: bool = False) -> int:
    count = 0
    for step in check.steps:
        match step:
            case Race():
                at_once = 1 if side_by_side else step.copies * len(step.calls)
                count += step.rounds * (at_once + len(step.before) + len(step.after) + 1)
            case Load():
                count += step.runs * 2 * _LOAD_PAIRS * (1 if side_by_side else options.load)
            case Call() if step.name in (HOLD_STEP, RELEASE_STEP):
                pass  # made by the pre-flight
            case _:
                count += 1
    return count + (len(_left_to_release(check)) if check.holds else 0)


def _left_to_release(check: Check) -> set[str]:
    """Return the holds of a check that succeed and that it does not end itself."""
    calls = [step for step in check.steps if isinstance(step, Call) and step.name != HOLD_STEP]
    held = {
        step.hold
        for step in calls
        if step.operation is Operation.HOLD and (not step.expect or step.expect[0].kind is Kind.SUCCESS)
    }
    return held - {step.hold for step in calls if step.operation is not Operation.HOLD}


def _buys(check: Check) -> int:
    if check.id == "INV-01":
        return 1
    return sum(step.rounds for step in check.steps if isinstance(step, Race) and step.sells)
