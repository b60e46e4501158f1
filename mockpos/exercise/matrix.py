"""The matrix: every documented (operation, code) pair of a contract, and how each way to meet it ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mockpos.contract.model import Contract
from mockpos.domain.catalogue import Operation, Scope
from mockpos.domain.codes import CATALOGUE
from mockpos.exercise.case_run import CaseRun, Outcome, Result, Target
from mockpos.exercise.cases import Case, Needs
from mockpos.exercise.plain_cases import plain_cases
from mockpos.exercise.scenario_cases import header_cases, magic_cases

PairName = tuple[Operation | None, str]
"""An operation and a code; None for the codes that belong to no operation."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One cell of the matrix and everything that was tried to meet it."""

    operation: Operation | None
    code: str
    status: int
    outcomes: tuple[Outcome, ...]

    @property
    def is_met(self) -> bool:
        """True when at least one way worked."""
        return any(outcome.result is Result.WORKED for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Matrix:
    """All pairs, in the order of the documentation."""

    contract: Contract
    url: str
    pairs: tuple[Pair, ...]

    def outcomes(self, result: Result) -> list[Outcome]:
        """List what ended in one way."""
        return [outcome for pair in self.pairs for outcome in pair.outcomes if outcome.result is result]

    def missed(self) -> list[Pair]:
        """List the pairs that were met in no way."""
        return [pair for pair in self.pairs if not pair.is_met]

    @property
    def is_whole(self) -> bool:
        """True when every pair was met, and every way that could be tried worked."""
        return not self.missed() and not self.outcomes(Result.FAILED)


def pairs_of(contract: Contract) -> list[PairName]:
    """List what a contract documents: the pairs of each operation, then the codes of no operation."""
    pairs: list[PairName] = [
        (operation, code.code) for operation in Operation for code in contract.codes_of(CATALOGUE, operation)
    ]
    return pairs + [(None, code.code) for code in CATALOGUE if code.scope is Scope.NO_OPERATION]


def cases_of(contract: Contract, only: Sequence[Operation] = ()) -> list[Case]:
    """List every way, of all pairs or of those of some operations."""
    cases = [*plain_cases(contract), *magic_cases(), *header_cases()]
    return [case for case in cases if not only or case.operation in only]


def exercise(
    contract: Contract,
    targets: Mapping[Needs, Target],
    only: Sequence[Operation] = (),
    on_progress: Callable[[int], object] = lambda done: None,
) -> Matrix:
    """Try every way, one after the other. ``targets``: the server for each need; a need without one is not tried."""
    met: dict[PairName, list[Outcome]] = {
        pair: [] for pair in pairs_of(contract) if not only or pair[0] in only
    }  # fmt: skip
    for number, case in enumerate(cases_of(contract, only), 1):
        target = targets.get(case.needs)
        if target is None:
            outcome = Outcome(case, Result.NOT_TRIED, f"needs a server started with {case.needs}")
        else:
            outcome = CaseRun(case, number, target, contract).run()
        met[case.operation, case.code].append(outcome)
        on_progress(number)
    pairs = (
        Pair(operation, code, contract.status(CATALOGUE[code]), tuple(outcomes))
        for (operation, code), outcomes in met.items()
    )
    return Matrix(contract, targets[Needs.NOTHING].client.url, tuple(pairs))
