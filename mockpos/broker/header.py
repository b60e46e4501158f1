"""The header of a broker's file: in which row it is, and which column is where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mockpos.broker.cells import Notices
from mockpos.broker.columns import (
    REQUIRED,
    ColumnMap,
    column_called,
    near_headers,
    otherwise_called,
    plain_header,
    rank_of,
)
from mockpos.broker.raw_rows import RawRow
from mockpos.broker.times import moment_in
from mockpos.domain.errors import BadInput

LOOKED_AT = 25
"""Rows at the beginning of a file among which the header is looked for: titles may stand above it."""

_ENOUGH = 3
"""Known columns that make a row a header, when the first row is none."""

_OTHER_DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "`|`", ",": "commas"}


@dataclass(frozen=True, slots=True)
class Header:
    """``places`` has the index of each known column; ``width`` counts all columns of the file.

    ``doubled`` has the indices of a column that stands under several names, the best name first. ``defaults`` have a
    value for empty cells, and for columns that the file lacks: their places come after its width. ``titles`` tells
    that something stands above it.
    """

    places: dict[str, int]
    width: int
    ignored: list[str]
    doubled: dict[str, tuple[int, ...]]
    defaults: dict[str, str]
    cells: list[str]
    line: int
    titles: bool

    def whole(self, row: RawRow, notices: Notices) -> list[str]:
        """Return a row's cells with trailing ones filled up, doubled columns made one, and defaults filled in."""
        cells = row.cells
        if len(cells) == self.width and not self.doubled and not self.defaults:
            return cells
        cells = cells[: self.width] + [""] * (self.width - len(cells))
        for column, indices in self.doubled.items():
            self._join(column, indices, cells, row.line, notices)
        for column, value in self.defaults.items():
            place = self.places[column]
            if place >= self.width:
                cells.append(value)
            elif not cells[place].strip():
                cells[place] = value
        return cells

    def _join(self, column: str, indices: tuple[int, ...], cells: list[str], line: int, notices: Notices) -> None:
        """Take the filled one; of several that differ the one with the best name, and remark on it."""
        filled = [index for index in indices if cells[index].strip()]
        if not filled:
            return
        best = filled[0]
        other = next((index for index in filled if cells[index].strip() != cells[best].strip()), None)
        if other is not None:
            kept, passed = self.cells[best].strip(), self.cells[other].strip()
            notices.add(f"{column} stands under {kept} and {passed}, and differs: {kept} was taken", line)
        cells[indices[0]] = cells[best]


def find_header(rows: Iterator[RawRow], name: str, delimiter: str, columns: ColumnMap) -> tuple[Header, list[RawRow]]:
    """Find and read the header. Returns it, and the rows that were read behind it, looking for it.

    Titles may stand above it. Raises BadInput when there is none, or it lacks required columns.
    """
    first: list[RawRow] = []
    for row in rows:
        first.append(row)
        if _score(row, columns) >= _ENOUGH or len(first) == LOOKED_AT:
            break
    if not first:
        raise BadInput(f"{name}: the file is empty, but for what separates cells. Check that it is the right one.")
    scores = [_score(row, columns) for row in first]
    at = next((place for place, score in enumerate(scores) if score >= _ENOUGH), 0)
    if scores[0] > 1:
        at = 0
    after = first[at + 1 :]
    following = after[0] if after else next(rows, None)
    if not after and following is not None:
        after.append(following)
    where = f"{name}, line {first[at].line}"
    if first[at].fault:
        _check_delimiter([first[at].first_line], where, delimiter)
        raise BadInput(f"{where}: the header cannot be read. {first[at].fault}")
    header = _read(first[at].cells, following.cells if following else [], where, delimiter, columns)
    return replace(header, line=first[at].line, titles=at > 0), after


def _score(row: RawRow, columns: ColumnMap) -> int:
    """Return how many different columns a row names."""
    mapped = {plain_header(header) for header in columns.headers.values()}
    named = {column_called(cell) or (cell if plain_header(cell) in mapped else None) for cell in row.cells}
    return len(named - {None})


def _read(cells: list[str], following: Sequence[str], where: str, delimiter: str, columns: ColumnMap) -> Header:
    headers = [cell.strip().lstrip("\ufeff") for cell in cells]
    found, ignored = _found(headers, where, columns)
    places = {column: indices[0] for column, indices in found.items()}
    missing = [column for column in REQUIRED if column not in places and column not in columns.defaults]
    _check_complete(_not_needed(missing, places, following), places, headers, where, delimiter)
    absent = [column for column in columns.defaults if column not in places]
    places.update(zip(absent, range(len(headers), len(headers) + len(absent)), strict=True))
    doubled = {column: indices for column, indices in found.items() if len(indices) > 1}
    defaults = {column: columns.defaults[column] for column in [*(set(columns.defaults) - set(absent)), *absent]}
    return Header(places, len(headers), ignored, doubled, defaults, headers, 1, False)


def _found(headers: list[str], where: str, columns: ColumnMap) -> tuple[dict[str, tuple[int, ...]], list[str]]:
    """Return where each column stands, the best name first, and the headers that name none."""
    found: dict[str, list[int]] = {}
    ignored: list[str] = []
    mapped = _mapped(headers, where, columns)
    for index, header in enumerate(headers):
        column = mapped.get(index) or column_called(header)
        if column is None or (index not in mapped and column in columns.headers):
            ignored.extend([header] if header else [])
            continue
        twice = next((one for one in found.get(column, ()) if headers[one].casefold() == header.casefold()), None)
        if twice is not None:
            raise BadInput(f"{where}: the column {column} is given twice: {header}. Keep one of them.")
        found.setdefault(column, []).append(index)
    for header in list(ignored):
        column = otherwise_called(header)
        if column and column not in found and column not in columns.headers and column not in columns.defaults:
            ignored.remove(header)
            found[column] = [headers.index(header)]
    ranked = {
        column: tuple(sorted(indices, key=lambda index: -1 if index in mapped else rank_of(headers[index])))
        for column, indices in found.items()
    }
    return ranked, ignored


def _mapped(headers: list[str], where: str, columns: ColumnMap) -> dict[int, str]:
    """Return the columns that the broker names a header for, by the header's index."""
    found: dict[int, str] = {}
    for column, wanted in columns.headers.items():
        exact = [index for index, header in enumerate(headers) if header.casefold() == wanted.casefold()]
        alike = [index for index, header in enumerate(headers) if plain_header(header) == plain_header(wanted)]
        if not exact and not alike:
            raise BadInput(f"{where}: there is no header {wanted!r} to take {column} from. Found: {_shown(headers)}.")
        found[(exact or alike)[0]] = column
    return found


def _not_needed(missing: list[str], places: dict[str, int], following: Sequence[str]) -> list[str]:
    """Leave out of what is missing what other columns say: seats in one cell, and a time behind the date."""
    if "Seats" in places:
        missing = [column for column in missing if column not in ("SeatFrom", "SeatThru")]
    if "SeatFrom" in places:
        missing = [
            column for column in missing if column != "SeatThru" or not _is_listed(following, places["SeatFrom"])
        ]
    if "EventTime" in missing and "EventDate" in places and _has_time(following, places["EventDate"]):
        missing = [column for column in missing if column != "EventTime"]
    return missing


def _has_time(cells: Sequence[str], place: int) -> bool:
    try:
        return place < len(cells) and bool(moment_in(cells[place].strip()).time)
    except ValueError:
        return False


def _is_listed(cells: Sequence[str], place: int) -> bool:
    return place < len(cells) and any(sign in cells[place].strip() for sign in ",-;")


def _check_complete(missing: list[str], places: dict[str, int], headers: list[str], where: str, delimiter: str) -> None:
    if not missing:
        return
    if len(places) <= 1:
        _check_delimiter(headers, where, delimiter)
    found = _shown(headers)
    told = "a required column is" if len(missing) == 1 else f"{len(missing)} required columns are"
    if not places:
        raise BadInput(f"{where}: this is no header, for it names no known column: {found}. "
                       f"The first row must name the columns: {', '.join(REQUIRED)}.")  # fmt: skip
    raise BadInput(
        f"{where}: {told} missing: {', '.join(missing)}. Found: {found}. {_ways_out(missing, places, headers)}"
    )


def _ways_out(missing: list[str], places: dict[str, int], headers: list[str]) -> str:
    """Say what to do about missing columns: which headers may mean them, and how to say so."""
    unknown = [header for header in headers if header and column_called(header) is None]
    near: dict[str, list[str]] = {}
    for column in missing:
        near[column] = near_headers(column, unknown)
        unknown = [header for header in unknown if header not in near[column][:1]]
    if "Cost" in near and "RetailPrice" in places:
        near["Cost"].append(headers[places["RetailPrice"]])
    hints = [f'--map {column}="{names[0]}"' for column, names in near.items() if names]
    if hints:
        return f"If it is there under another name, say {' '.join(hints)}; --default COLUMN=VALUE fills what is not."
    return (
        f"Add what is missing (letter case and order do not matter), or say --map {missing[0]}=HEADER where it has "
        f"another name, --default {missing[0]}=VALUE where the sheet leaves it out."
    )


def _check_delimiter(headers: list[str], where: str, delimiter: str) -> None:
    """Blame the character between the columns when another one would give a header."""
    line = delimiter.join(headers)
    for other, called in _OTHER_DELIMITERS.items():
        if other != delimiter and sum(column_called(cell.strip(' "')) is not None for cell in line.split(other)) > 1:
            wanted = _OTHER_DELIMITERS[delimiter]
            way_out = f"save it with {wanted}"
            if {other, delimiter} == {"\t", ","}:
                way_out += f", or name it {'.txt' if other == chr(9) else '.csv'}"
            elif delimiter == ",":
                way_out += f", or put the line sep={other} above the header"
            raise BadInput(
                f"{where}: {called} between the columns, where a file of this name has {wanted} "
                f"(.csv: commas, .txt and .tsv: tabs); {way_out}."
            )


def _shown(headers: list[str]) -> str:
    text = ", ".join(header or "(empty)" for header in headers)
    return text if len(text) <= 500 else text[:497] + "..."
