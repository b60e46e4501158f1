"""One row of a broker's file while it is read: its cells by column, and what is wrong with them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from mockpos.broker.columns import ALWAYS_FILLED

T = TypeVar("T")

_LONGEST_FAULT = 200


class Row:
    """Reads cells and collects every fault, so that a broker corrects a row once. ``line`` counts from 1."""

    __slots__ = ("_cells", "_places", "line", "reasons")

    def __init__(self, line: int, cells: list[str], places: Mapping[str, int]) -> None:
        self.line = line
        self.reasons: list[str] = []
        self._cells = cells
        self._places = places

    def exact(self, column: str) -> str:
        """Return a cell as it is written; empty where the file has no such column."""
        place = self._places.get(column)
        return self._cells[place] if place is not None else ""

    def text(self, column: str) -> str:
        """Return a cell without the spaces around it. Refuses an empty one where TEvo does."""
        place = self._places.get(column)
        if place is None:
            return ""
        cell = self._cells[place].strip()
        if not cell and column in ALWAYS_FILLED:
            self.refuse(f"{column} is empty.")
        return cell

    def read(self, column: str, convert: Callable[[str], T], otherwise: T) -> T:
        """Convert a cell; an empty cell, and one that ``convert`` refuses by ValueError, gives ``otherwise``."""
        cell = self.text(column)
        if not cell:
            return otherwise
        try:
            return convert(cell)
        except ValueError as error:
            self.refuse(f"{column}: {error}")
            return otherwise

    def refuse(self, reason: str) -> None:
        """Note what is wrong, as one sentence."""
        if len(reason) > _LONGEST_FAULT:
            reason = reason[: _LONGEST_FAULT - 3] + "..."
        self.reasons.append(reason if reason.endswith(".") else reason + ".")
