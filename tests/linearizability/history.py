"""A concurrent history: who called what from when to when, and what was answered. It can be shown to a person."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.machine.calls import Body, Call

WIDTH = 32
"""Columns of the time line."""


@dataclass(frozen=True)
class Record:
    """One call of one client, in seconds since the burst began.

    Without an answer nobody knows what became of it: it took effect at any time after ``start``, or never.
    """

    client: str
    call: Call
    start: float
    end: float = math.inf
    answer: Body | None = None

    def __post_init__(self) -> None:
        assert (self.answer is None) == (self.end == math.inf), "an answer has its moment"

    @property
    def is_unknown(self) -> bool:
        return self.answer is None


History = Sequence[Record]


def shown(history: History) -> str:
    """Draw a history: a line for each call, numbered from 1, with its time line and its answer."""
    most = max([record.end for record in history if not record.is_unknown] + [record.start for record in history])
    lines = []
    for number, record in enumerate(history, start=1):
        until = "    ..." if record.is_unknown else f"{record.end * 1000:7.2f}"
        bar = _bar(record, most or 1.0)
        asked, said = f"{record.client} {record.call}", answer_in_words(record.answer)
        lines.append(f"{number:3} {record.start * 1000:7.2f} {until} |{bar}| {asked:42} {said}")
    return "\n".join(lines)


def answer_in_words(answer: Body | None) -> str:
    if answer is None:
        return "?"
    return " ".join(f"{key}={_value(value)}" for key, value in answer.items() if value not in (None, False, ()))


def difference(said: Body, expected: Body) -> str:
    """Say where an answer is another than the one expected."""
    keys = [key for key in {**said, **expected} if said.get(key) != expected.get(key)]
    return ", ".join(f"{key}: {_value(said.get(key))}, not {_value(expected.get(key))}" for key in keys)


def _bar(record: Record, most: float) -> str:
    first = round(record.start / most * (WIDTH - 1))
    if record.is_unknown:
        return " " * first + "?" * (WIDTH - first)
    last = round(record.end / most * (WIDTH - 1))
    return " " * first + "=" * (last - first + 1) + " " * (WIDTH - 1 - last)


def _value(value: Any) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str | dict):
        return "+".join(map(str, value)) or "none"
    return str(value)
