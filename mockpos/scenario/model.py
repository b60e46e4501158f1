"""A scenario and its rules, as values: when a rule matches, and what it does. The loader and ``magic`` make them.

A rule's conditions are globs over ids and headers, and ranges over numbers: all must hold, what is left out does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate
from typing import Protocol

from mockpos.domain.catalogue import Operation
from mockpos.scenario.outcomes import Delay, Outcome, Phase, PosAction


class HeaderLookup(Protocol):
    """The headers of a request; names in any letter case. A plain dict will do."""

    def get(self, name: str, /) -> str | None:
        """Return the value of a header, or None."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One call. For a release and an invoice, ``remote_id`` and ``quantity`` are the stored hold's.

    None means unknown (no such hold) or not part of this operation: a rule that asks for it does not match.
    """

    operation: Operation
    global_id: str
    remote_id: str | None = None
    quantity: int | None = None
    order_id: str | None = None
    headers: HeaderLookup = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Arrival:
    """The numbers a call got when it arrived, both from 1.

    ``attempt`` counts this operation with this Global ID, ``call`` this operation in this sandbox.
    """

    attempt: int
    call: int


_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Globs:
    """One or more patterns with ``*``, ``?`` and ``[...]``; letter case counts. One that matches is enough."""

    patterns: tuple[str, ...]
    _literal: frozenset[str] = field(init=False, repr=False, compare=False)
    _compiled: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wild = [translate(pattern) for pattern in self.patterns if not _WILD.isdisjoint(pattern)]
        plain = frozenset(pattern for pattern in self.patterns if _WILD.isdisjoint(pattern))
        object.__setattr__(self, "_literal", plain)
        object.__setattr__(self, "_compiled", re.compile("|".join(wild)) if wild else None)

    def match(self, text: str | None) -> bool:
        """Tell whether the text matches. What is unknown never does, not even ``*``."""
        if text is None:
            return False
        return text in self._literal or (self._compiled is not None and self._compiled.match(text) is not None)

    def __str__(self) -> str:
        return " or ".join(self.patterns)


@dataclass(frozen=True, slots=True)
class Between:
    """A range of whole numbers, both ends included; ``most`` left out is without end."""

    least: int = 1
    most: int | None = None

    def match(self, number: int | None) -> bool:
        """Tell whether the number is in the range. What is unknown never is."""
        return number is not None and number >= self.least and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The ``when`` of a rule. ``chance`` stands here, but it is the engine that draws."""

    remote_id: Globs | None = None
    quantity: Between | None = None
    global_id: Globs | None = None
    order_id: Globs | None = None
    header: tuple[tuple[str, Globs], ...] = ()
    attempt: Between | None = None
    call: Between | None = None
    chance: float | None = None
    _asked: tuple[tuple[str, bool, Globs | Between], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        asked = tuple(
            (name, name in ("attempt", "call"), condition)
            for name in ("remote_id", "quantity", "global_id", "order_id", "attempt", "call")
            if (condition := getattr(self, name)) is not None
        )
        object.__setattr__(self, "_asked", asked)

    def match(self, facts: Facts, arrival: Arrival) -> bool:
        """Tell whether all of them hold, ``chance`` apart."""
        for name, is_counted, condition in self._asked:
            if not condition.match(getattr(arrival if is_counted else facts, name)):
                return False
        return all(globs.match(_value(facts.headers, name)) for name, globs in self.header)

    def __str__(self) -> str:
        parts = [f"{name} {condition}" for name, _, condition in self._asked]
        return ", ".join(parts + [f"header {name} {globs}" for name, globs in self.header]) or "always"


def _value(headers: HeaderLookup, name: str) -> str | None:
    """Look a header up. A web framework's own headers know no letter case; a plain mapping does."""
    value = headers.get(name)
    if value is None and isinstance(headers, Mapping):
        return next((held for given, held in headers.items() if given.lower() == name.lower()), None)
    return value


class DrawBy(StrEnum):
    """What a rule's draws are keyed on."""

    GLOBAL_ID = "global_id"
    REMOTE_ID = "remote_id"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: whom it is for, and what it does to them. ``line`` is where it stands, and no part of what it is."""

    id: str
    on: frozenset[Operation]
    when: Conditions = field(default_factory=Conditions)
    draw_by: DrawBy = DrawBy.GLOBAL_ID
    times: int | None = None
    delay: Delay | None = None
    delay_at: Phase = Phase.BEFORE_COMMIT
    outcome: Outcome | None = None
    phase: Phase = Phase.BEFORE_COMMIT
    pos: tuple[PosAction, ...] = ()
    line: int = field(default=1, compare=False)
    draws: bool = field(init=False, repr=False, compare=False)
    """True when it draws anything: a chance, or a delay that varies."""
    asks: str = field(init=False, repr=False, compare=False)
    """Its conditions in words, which every call that meets it is told."""

    def __post_init__(self) -> None:
        draws = self.when.chance is not None or (self.delay is not None and self.delay.draws)
        object.__setattr__(self, "draws", draws)
        object.__setattr__(self, "asks", str(self.when))

    def depends_on_order(self) -> list[str]:
        """Name what makes its effect depend on the order in which calls arrive."""
        reasons = [("times", self.times is not None), ("call", self.when.call is not None)]
        reasons.append(("draw_by: call", self.draws and self.draw_by is DrawBy.CALL))
        return [name for name, is_so in reasons if is_so]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named list of rules. ``source`` says where it came from; ``warnings`` what is legal in it but unwise."""

    name: str
    rules: tuple[Rule, ...]
    summary: str = ""
    seed: int = 0
    source: str = field(default="", compare=False)
    warnings: tuple[str, ...] = field(default=(), compare=False)
    _by_operation: dict[Operation, tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_operation = {
            operation: tuple(rule for rule in self.rules if operation in rule.on) for operation in Operation
        }
        object.__setattr__(self, "_by_operation", by_operation)

    def rules_for(self, operation: Operation) -> tuple[Rule, ...]:
        """Return the rules that one operation can meet, in order."""
        return self._by_operation[operation]
