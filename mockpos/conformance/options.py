"""What a run is asked to do, and its known failures: they are run all the same, and one out of date fails the run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from mockpos.conformance.check import Need
from mockpos.conformance.checks import CHECKS, meant
from mockpos.conformance.words import TESTED, Level, Word
from mockpos.contract.model import Contract
from mockpos.domain.errors import BadInput
from mockpos.yaml_file import read_yaml

if TYPE_CHECKING:
    from mockpos.conformance.run import CheckResult

_LISTING = re.compile(r"(?P<id>.+?):(?P<quantity>[0-9]{1,4})(?::(?P<splits>[0-9]{1,4}(?:,[0-9]{1,4})*))?")


class Profile(StrEnum):
    """How much of a run is made."""

    QUICK = "quick"
    READ_ONLY = "read-only"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class ListingOption:
    """A listing that may be used: its tickets are free now, and all of them may be held for moments."""

    remote_id: str
    quantity: int
    splits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All that a run is asked to do. Times are in seconds."""

    url: str
    api_key: str
    contract: Contract
    contract_text: str = ""
    listings: tuple[ListingOption, ...] = ()
    sold_out: str | None = None
    profile: Profile = Profile.FULL
    allow_invoice: bool = False
    only: tuple[str, ...] = ()
    level: Level = Level.SHOULD
    seed: int = 0
    codes: frozenset[str] | None = None
    restart: str | None = None
    wait_expiry: float = 30.0
    time_limit: float = 180.0
    load: int = 4
    rounds: int | None = None
    average: float = 5.0
    worst: float = 30.0
    known_failing: dict[str, "KnownFailing"] = field(default_factory=dict)

    def may_meet(self, need: Need) -> bool:
        """Tell whether a run may have what a check cannot do without."""
        return {
            Need.SOLD_OUT: self.sold_out is not None,
            Need.SPLITS: any(each.splits for each in self.listings),
            Need.INVOICE: self.allow_invoice,
            Need.CODES: self.codes is not None,
            Need.RESTART: self.restart is not None,
        }.get(need, bool(self.listings))


@dataclass(frozen=True, slots=True)
class KnownFailing:
    """Why a check is known to fail, and until which day (ISO) that is put up with."""

    why: str
    until: str


def read_listing(text: str) -> ListingOption:
    """Read ``REMOTE_ID:QUANTITY`` or ``REMOTE_ID:QUANTITY:2,4``. Raises BadInput."""
    match = _LISTING.fullmatch(text)
    if not match or int(match["quantity"]) < 1:
        raise BadInput(
            f"--listing {text}: write REMOTE_ID:QUANTITY, the tickets that are free on it now, such as TG-1042:12; "
            "where only some quantities can be bought, add them: TG-1042:12:2,4,6,8,10,12"
        )
    quantity = int(match["quantity"])
    splits = tuple(sorted({int(each) for each in (match["splits"] or "").split(",") if each}))
    if splits and (splits[-1] > quantity or splits[0] < 1):
        raise BadInput(f"--listing {text}: the valid quantities go from 1 to {quantity}")
    return ListingOption(match["id"], quantity, splits)


def read_known_failing(path: Path) -> dict[str, KnownFailing]:
    """Read ``HOLD-07: {why: ..., until: 2027-01-31}`` lines. Raises BadInput with file and line."""
    document = read_yaml(path)
    ids = [check.id for check in CHECKS]
    known = {}
    for name, entry in document.content.items():
        if name not in ids:
            raise document.bad((name,), f"no check has this id{meant(str(name))}")
        if not isinstance(entry, dict) or set(entry) != {"why", "until"} or not str(entry["why"]).strip():
            raise document.bad((name,), "write {why: REASON, until: YYYY-MM-DD}")
        try:
            until = date.fromisoformat(str(entry["until"]))
        except ValueError:
            raise document.bad((name, "until"), f"{entry['until']} is no date; write it as 2027-01-31") from None
        known[str(name)] = KnownFailing(str(entry["why"]).strip(), until.isoformat())
    return known


def stale(results: Sequence["CheckResult"], today: date) -> list[str]:
    """Say which known failures are out of date: those that pass, and those whose day is past."""
    found = []
    for result in results:
        if result.known is None:
            continue
        if result.word in TESTED and result.word is not Word.FAIL:
            found.append(f"{result.check.id} is known to fail ({result.known.why}), and passes: take it off the list")
        elif date.fromisoformat(result.known.until) < today:
            found.append(f"{result.check.id} is known to fail until {result.known.until}, and that is past")
    return found
