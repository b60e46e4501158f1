"""One row of a broker's file while it is read: its cells by column, and what is wrong with them."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from mockpos.broker.columns import ALWAYS_FILLED
from mockpos.broker.words import EMPTY_WORDS

T = TypeVar("T")

_LONGEST_FAULT = 200
WRITTEN_FOR_NOTHING = frozenset({"nan", "NaN", "NULL", "#N/A"})
"""What programs write into a text that is empty, in their own letter case: nobody means these words."""

_SPREADSHEET_ERROR = re.compile(r"#(?:REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|N/A|#{3,})")
_FORMULA_TEXT = re.compile(r'="([^"]*)"')
_QUOTED_NUMBER = re.compile(r"'(?=[\d$][\d$.,:/-]*(?: ?[ap]m)?$)", re.IGNORECASE)


class Row:
    """Reads cells and collects every fault, so that a broker corrects a row once. ``line`` counts from 1."""

    __slots__ = ("_cells", "_places", "line", "reasons")

    def __init__(self, line: int, cells: list[str], places: Mapping[str, int]) -> None:
        self.line = line
        self.reasons: list[str] = []
        self._cells = cells
        self._places = places

    def has(self, column: str) -> bool:
        """Tell whether the file has a column."""
        return column in self._places

    def exact(self, column: str) -> str:
        """Return a cell as it is written; empty where the file has no such column."""
        place = self._places.get(column)
        return self._cells[place] if place is not None else ""

    def text(self, column: str) -> str:
        """Return a cell without the spaces around it. Refuses an empty one where TEvo does."""
        place = self._places.get(column)
        if place is None:
            return ""
        cell = _as_meant(self._cells[place].strip())
        if column not in ALWAYS_FILLED:
            return cell
        if _SPREADSHEET_ERROR.fullmatch(cell):
            self.refuse(f"{column}: {cell} is a spreadsheet's error, and no value: correct it there.")
            return ""
        if not cell or cell in WRITTEN_FOR_NOTHING:
            self.refuse(f"{column} is empty.")
            return ""
        return cell

    def read(self, column: str, convert: Callable[[str], T], otherwise: T) -> T:
        """Convert a cell; an empty cell, and one that ``convert`` refuses by ValueError, gives ``otherwise``.

        Where a cell may be empty, it may also have what programs write for nothing, such as ``nan`` or ``N/A``.
        """
        cell = self.text(column)
        if not cell:
            return otherwise
        try:
            return convert(cell)
        except ValueError as error:
            if column not in ALWAYS_FILLED and cell.casefold() in EMPTY_WORDS:
                return otherwise
            self.refuse(f"{column}: {error}")
            return otherwise

    def refuse(self, reason: str) -> None:
        """Note what is wrong, as one sentence."""
        if len(reason) > _LONGEST_FAULT:
            reason = reason[: _LONGEST_FAULT - 3] + "..."
        self.reasons.append(reason if reason.endswith(".") else reason + ".")


def _as_meant(cell: str) -> str:
    """Take away what makes a spreadsheet leave a cell alone: ``="605696419"`` and ``'605696419`` are 605696419."""
    if cell[:1] == "=":
        formula = _FORMULA_TEXT.fullmatch(cell)
        return formula[1].strip() if formula else cell
    return _QUOTED_NUMBER.sub("", cell, count=1) if cell[:1] == "'" else cell


class Notices:
    """Collects remarks while a file is read."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int, int]] = {}

    def add(self, kind: str, line: int, example: str = "") -> None:
        """Remark on a row. ``kind`` is a sentence without its stop; the first example is shown."""
        example, first, count = self._seen.get(kind, (example, line, 0))
        self._seen[kind] = (example, first, count + 1)

    def sentences(self) -> list[str]:
        """Return the remarks, in the order in which they first came up."""
        return [_sentence(kind, *seen) for kind, seen in self._seen.items()]


def _sentence(kind: str, example: str, first: int, count: int) -> str:
    where = f"line {first}" if count == 1 else f"{count:,} rows, the first on line {first}"
    shown = f", such as {example!r}" if example else ""
    return f"{kind} ({where}{shown})."
