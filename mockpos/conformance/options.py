"""What a run is asked to do: the listings it may use, the codes that are documented, the failures that are known.

Known failures are run all the same, and one out of date fails the run.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockpos.conformance.check import TESTED, Amount, Level, Need, Word
from mockpos.conformance.checks import CHECKS, meant
from mockpos.contract.model import Contract
from mockpos.domain.errors import BadInput
from mockpos.files import read_text
from mockpos.http_client import HttpClient, NoResponse, Request
from mockpos.yaml_file import parse_yaml, read_yaml

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


@dataclass(slots=True)
class Stock:
    """One listing as the kit uses it. ``total``: what is free, as far as the kit knows; None once that is unclear.

    ``unit`` is the smallest quantity that can be held, ``chunk`` the largest that goes into one hold.
    """

    option: ListingOption
    total: int | None
    unit: int
    chunk: int
    sold: int = 0

    @classmethod
    def of(cls, option: ListingOption) -> "Stock":
        """Return a listing as the user stated it."""
        unit = option.splits[0] if option.splits else 1
        return cls(option, option.quantity, unit, option.quantity)

    @property
    def remote_id(self) -> str:
        """Return the listing's Remote ID."""
        return self.option.remote_id

    @property
    def units(self) -> int:
        """Return how many buyers could be served."""
        return (self.total or 0) // self.unit

    def sell(self, quantity: int) -> None:
        """Take note of tickets that were bought."""
        self.sold += quantity
        if self.total is not None:
            self.total = max(0, self.total - quantity)

    def amount(self, quantity: Amount | float) -> float:
        """Return the number that a quantity stands for."""
        if not isinstance(quantity, Amount):
            return quantity
        total = self.total or 0
        return {
            Amount.UNIT: self.unit,
            Amount.ALL: total,
            Amount.REST: total - self.unit,
            Amount.ONE_MORE: total + self.unit,
            Amount.ANOTHER: 2 * self.unit,
            Amount.WRONG_SPLIT: self.wrong_split() or 0,
        }[quantity]

    def wrong_split(self) -> int | None:
        """Return a quantity that the stated splits do not allow, or None when they allow any."""
        if not self.option.splits:
            return None
        total = self.total or 0
        return next((each for each in range(1, total) if each not in self.option.splits), None)

    def parts(self, quantity: int) -> list[int]:
        """Split a quantity into holds that are each small enough."""
        whole, rest = divmod(quantity, self.chunk) if self.chunk else (0, quantity)
        return [self.chunk] * whole + ([rest] if rest else [])


_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_NAMES = ("code", "error_code", "errorCode", "error")


def read_codes(place: str) -> frozenset[str]:
    """Read documented codes from a file or an address. Raises BadInput.

    The file is an OpenAPI document (JSON or YAML), a JSON list or mapping of codes, or text with one code a line (what
    follows the code on its line is its meaning). A status such as 404 stands for refusals without a code of their own.
    """
    text = _fetched(place) if place.startswith(("http://", "https://")) else read_text(Path(place), "--codes")
    content = _parsed(text, place)
    if isinstance(content, Mapping) and ("openapi" in content or "swagger" in content):
        codes = frozenset(_in_openapi(content, content))
    elif isinstance(content, Mapping):
        codes = frozenset(str(name) for name in content)
    elif isinstance(content, list):
        codes = frozenset(str(each.get("code", "") if isinstance(each, Mapping) else each) for each in content)
    else:
        lines = (line.strip() for line in text.splitlines())
        firsts = (_CODE.match(line) for line in lines if line and not line.startswith("#"))
        codes = frozenset(match.group() for match in firsts if match)
    codes -= {""}
    if not codes:
        raise BadInput(f"--codes {place}: no code is found there; write one a line, or give an OpenAPI document")
    return codes


def _in_openapi(node: object, document: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield the codes in enums, constants and examples of properties that are named like a code."""
    if depth > _DEEPEST:
        return
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name in _NAMES:
                yield from _values(value)
            if name == "responses" and isinstance(value, Mapping):
                yield from (str(status) for status in value if str(status).isdecimal() and int(status) >= 400)
            yield from _in_openapi(value, document, depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _in_openapi(value, document, depth + 1)


def _values(value: object) -> Iterator[str]:
    if isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping):
        for name in ("enum", "examples"):
            if isinstance(value.get(name), list):
                yield from (str(each) for each in value[name])
        for name in ("const", "example", "default"):
            if isinstance(value.get(name), str | int):
                yield str(value[name])


def _parsed(text: str, place: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return parse_yaml(text, place).content
    except BadInput:
        return None


def _fetched(url: str) -> str:
    base, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    try:
        answer = HttpClient(f"{base}://{host}", 20).send(Request("GET", f"/{path}", (("Accept", "application/json"),)))
    except NoResponse as none:
        raise BadInput(f"--codes {url}: {none}") from None
    if answer.status != 200:
        raise BadInput(f"--codes {url}: answered {answer.status}")
    return answer.body.decode("utf-8", "replace")


_DEEPEST = 60
