"""One run of the kit against an automator, from the pre-flight to what it leaves behind."""

import random  # noqa: TID251  # shuffles a race's last bytes, seeded by --seed
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from statistics import median

from mockpos.conformance import ledger as states
from mockpos.conformance.check import NOT_A_GAP, Call, Check, Level, Need, Reason, Verdict, Word, verdict_of
from mockpos.conformance.checks import CHECKS, is_provisional, meant
from mockpos.conformance.evidence import Exchange
from mockpos.conformance.executor import Execution, lapses_in
from mockpos.conformance.give_back import find_what_is_left, release_all, release_entry
from mockpos.conformance.judge import Case, Finding, cannot_test, judge
from mockpos.conformance.ledger import Entry
from mockpos.conformance.options import KnownFailing, Options, Profile, Stock
from mockpos.conformance.preflight import PREFLIGHT, PreflightFailed, fly
from mockpos.conformance.target import Target
from mockpos.domain.errors import BadInput
from mockpos.http_client import NoResponse

_QUICK = ("HOLD-01", "REL-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check came to, with the numbers of the exchanges it was judged by."""

    check: Check
    finding: Finding
    exchanges: tuple[int, ...] = ()
    facts: dict[str, float] = field(default_factory=dict)
    known: KnownFailing | None = None
    provisional: bool = False

    @property
    def word(self) -> Word:
        """Return the word that counts towards the verdict."""
        return self.finding.word


@dataclass(slots=True)
class Run:
    """A run: its options, the automator, and what is known so far."""

    target: Target
    options: Options
    selected: tuple[Check, ...]
    on_result: Callable[[CheckResult], object] = lambda result: None
    on_check: Callable[[Check], object] = lambda check: None
    on_preflight: Callable[[float], object] = lambda call: None
    stocks: list[Stock] = field(default_factory=list)
    results: list[CheckResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_behind: list[Entry] = field(default_factory=list)
    failed: PreflightFailed | None = None
    slow: bool = False
    interrupted: bool = False
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))  # noqa: TID251  # a report carries the date
    rng: random.Random = field(default_factory=random.Random)  # seeded by --seed, and no secret
    _expiry: float | None = None
    _orders: dict[str, str] = field(default_factory=dict)
    _counted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take the listings as they were stated."""
        self.stocks = [Stock.of(option) for option in self.options.listings]
        self.rng.seed(self.options.seed)

    def carry_out(self) -> None:
        """Make the whole run. What is held is given back, however it ends."""
        try:
            self._fly_and_check()
        except KeyboardInterrupt:
            self.target.stop.set()
            self.interrupted = True
        finally:
            self.interrupted = self.interrupted or self.target.stop.is_set()
            self.left_behind = release_all(self.target)
            self.note_sales()
        self._judge_whole_run()

    def _fly_and_check(self) -> None:
        try:
            fly(self)
        except PreflightFailed as failed:
            self.failed = failed
            return
        self.on_preflight(median(each.took for each in self.target.exchanges))
        self.target.deadline = self.target.clock() + self.options.time_limit
        for check in self.selected:
            if not check.whole_run:
                self.on_check(check)
                self._add(self._result_of(check))

    def _result_of(self, check: Check) -> CheckResult:
        stock = self._stock_for(check)
        facts = self._facts(stock)
        kept_from = self._missing(check, stock)
        if kept_from:
            return CheckResult(check=check, finding=kept_from, facts=facts)
        execution = Execution(self, check, stock, exchanges=self._made_before(check))
        execution.carry_out()
        finding = self._judged(check, execution.exchanges, facts, execution.stopped)
        if not self.target.stop.is_set():
            execution.give_back(thoroughly=finding.word is Word.FAIL)
            self.note_sales()
            if finding.word is Word.FAIL and stock is not None and check.holds:
                find_what_is_left(self, stock, execution)
        numbers = tuple(each.number for each in execution.exchanges)
        return CheckResult(check=check, finding=finding, exchanges=numbers, facts=facts)

    def _judged(
        self, check: Check, exchanges: Sequence[Exchange], facts: dict[str, float], stopped: tuple[Reason, str] | None
    ) -> Finding:
        try:
            return judge(Case(check=check, exchanges=exchanges, facts=facts, codes=self.options.codes, stopped=stopped))
        except Exception as error:  # a fault of the kit says nothing about the automator
            return Finding(word=Word.KIT_ERROR, detail=f"{type(error).__name__}: {error}")

    def _judge_whole_run(self) -> None:
        for check in self.selected:
            if not check.whole_run:
                continue
            facts = self._facts(None)
            kept_from = None if self.failed is None else self._not_begun()
            finding = kept_from or self._missing(check, None) or self._judged(check, self.target.exchanges, facts, None)
            self._add(CheckResult(check=check, finding=finding, facts=facts))
        done = {result.check.id for result in self.results}
        for check in self.selected:
            if check.id not in done:
                self._add(CheckResult(check=check, finding=self._not_begun()))

    def _add(self, result: CheckResult) -> None:
        known = self.options.known_failing.get(result.check.id)
        marked = replace(result, known=known, provisional=is_provisional(result.check))
        self.results.append(marked)
        if self.failed is None:  # else one message says it all
            self.on_result(marked)

    def _not_begun(self) -> Finding:
        if self.failed is not None:
            return cannot_test(self.failed.reason, "the pre-flight failed")
        return cannot_test(Reason.INTERRUPTED, "the run was interrupted")

    def _missing(self, check: Check, stock: Stock | None) -> Finding | None:
        """Return why a check cannot be carried out at all, or None when it can."""
        unmet = [need for need in check.needs if not self._is_met(need, stock)]
        for need in unmet:
            if need in NOT_A_GAP:
                return Finding(word=Word.NOT_OFFERED, detail=self._not_offered(need))
        if not self.may_hold_tickets and check.holds and not check.whole_run:
            return cannot_test(Reason.NOT_ALLOWED, f"--profile {self.options.profile.value} holds nothing")
        if unmet:
            is_forbidden = unmet[0] is Need.INVOICE
            return cannot_test(Reason.NOT_ALLOWED if is_forbidden else Reason.NO_DATA, f"needs {unmet[0].value}")
        if check.holds and not check.whole_run and stock is not None and stock.total is None:
            return cannot_test(Reason.PRECONDITION, f"after a failure it is unclear what is left of {stock.remote_id}")
        words = {result.check.id: result.word for result in self.results}
        blocked = next((each for each in check.after if words.get(each, Word.PASS) not in (Word.PASS, Word.WARN)), None)
        return cannot_test(Reason.PRECONDITION, f"{blocked} did not pass") if blocked else None

    def _is_met(self, need: Need, stock: Stock | None) -> bool:
        options = self.options
        match need:
            case Need.TICKETS | Need.TWO_UNITS:
                return stock is not None and (
                    stock.total is None or stock.units >= (2 if need is Need.TWO_UNITS else 1)
                )
            case Need.SPLITS:
                return stock is not None and stock.wrong_split() is not None
            case Need.EXPIRY:
                return self._expiry is not None and self._expiry <= options.wait_expiry
        return options.may_meet(need)

    def _not_offered(self, need: Need) -> str:
        if need is Need.EXPIRY and self._expiry is not None:
            return f"a hold lives {self._expiry:.0f} s here, longer than --wait-expiry {self.options.wait_expiry:g}"
        return {Need.EXPIRY: "no expiry is stated by a hold's answer"}.get(need, f"needs {need.value}")

    def _stock_for(self, check: Check) -> Stock | None:
        if any(isinstance(step, Call) and step.listing == "smallest" for step in check.steps):
            return self.smallest
        if Need.SPLITS in check.needs:
            return next((stock for stock in self.stocks if stock.wrong_split()), self.main)
        return self.main if self.may_hold_tickets else None

    def _made_before(self, check: Check) -> list[Exchange]:
        names = {step.name for step in check.steps if isinstance(step, Call)}
        flown = [each for each in self.target.exchanges if each.check == PREFLIGHT and each.step in names]
        made = list({each.step: each for each in flown}.values())  # the last of each step: it is the one that worked
        sold = [each for each in self.target.exchanges if check.uses_sale and each.check == "INV-01"]
        return made + sold

    def _facts(self, stock: Stock | None) -> dict[str, float]:
        options = self.options
        facts = {"round_trip": round(self.target.round_trip, 6), "average": options.average, "worst": options.worst}
        if stock is not None and stock.total is not None:
            facts |= {"total": stock.total, "unit": stock.unit, "chunk": stock.chunk}
        return facts

    @property
    def may_hold_tickets(self) -> bool:
        """Tell whether the profile lets the kit hold what exists."""
        return self.options.profile is not Profile.READ_ONLY

    @property
    def smallest(self) -> Stock | None:
        """Return the listing with the fewest tickets."""
        return min(self.stocks, key=lambda stock: stock.option.quantity, default=None)

    @property
    def main(self) -> Stock | None:
        """Return the listing with the most tickets that are known to be free."""
        return max(self.stocks, key=lambda stock: stock.total if stock.total is not None else -1, default=None)

    @property
    def unknown_id(self) -> str:
        """Return a Remote ID that no automator has."""
        return f"{self.rng_digits}404" if self.target.numeric_ids else f"no-such-listing-{self.target.run_id}"

    @property
    def rng_digits(self) -> str:
        """Return the run's number, for ids that have digits only."""
        return str(int(self.target.run_id, 36) % 900_000 + 100_000)

    def global_id(self, check: str, name: str) -> str:
        """Return a Global ID that names run and check."""
        return f"cf-{self.target.run_id}-{check}-{name}"

    def order_id(self, name: str, *, is_sale: bool) -> str:
        """Return an Order ID of digits, always the same for a name."""
        key = "sale" if is_sale else name
        return self._orders.setdefault(key, f"{self.rng_digits}{len(self._orders) + 1:03}")

    def note_expiry(self, hold: Exchange) -> None:
        """Take note of how long a hold lives, by what its answer states."""
        self._expiry = lapses_in(hold, self.target)

    def is_reachable(self) -> bool:
        """Tell whether the automator takes connections."""
        try:
            with self.target.http.connect(1.0):
                return True
        except NoResponse:
            return False

    def release(self, global_id: str, check: str, *, again: bool = False) -> list[Exchange]:
        """Release a Global ID; ``again`` even though it was released before."""
        entry = self.target.ledger.entries[global_id]
        return release_entry(self.target, entry, check) if again or entry.state != states.RELEASED else []

    def note_sales(self) -> None:
        """Take what was sold off what is free."""
        for entry in list(self.target.ledger.entries.values()):
            if entry.state == states.SOLD and entry.global_id not in self._counted:
                self._counted.add(entry.global_id)
                for stock in self.stocks:
                    if stock.remote_id == entry.remote_id:
                        stock.sell(int(entry.quantity))

    def verdict(self, level: Level) -> Verdict:
        """Return the verdict over the rules of one level; ``should`` counts all."""
        if self.failed is not None:
            return Verdict.NOTHING_TESTED
        return verdict_at(self.results, level)


def verdict_at(results: Sequence[CheckResult], level: Level) -> Verdict:
    """Return the verdict over the results of one level; ``should`` counts all. Known failures are put up with."""
    counted = [each for each in results if each.check.level in level.counted and not each.provisional]
    return verdict_of(Word.WARN if each.known and each.word is Word.FAIL else each.word for each in counted)


def select(options: Options) -> tuple[Check, ...]:
    """Return the checks of a run, with those they rest on, in order. Raises BadInput for a name that no check has."""
    if options.profile is Profile.QUICK:
        return tuple(check for check in CHECKS if check.id in _QUICK)
    if not options.only:
        return CHECKS
    wanted: set[str] = set()
    for pattern in options.only:
        found = {check.id for check in CHECKS if fnmatchcase(check.id, pattern.upper())}
        if not found:
            raise BadInput(f"--only {pattern}: no check has this id{meant(pattern)}")
        wanted |= found
    by_id = {check.id: check for check in CHECKS}
    todo = list(wanted)
    while todo:
        for needed in by_id[todo.pop()].after:
            if needed not in wanted:
                wanted.add(needed)
                todo.append(needed)
    return tuple(check for check in CHECKS if check.id in wanted)
