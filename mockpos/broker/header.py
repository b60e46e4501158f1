"""The header of a broker's file: which column is where."""

from dataclasses import dataclass

from mockpos.broker.columns import REQUIRED, column_called
from mockpos.domain.errors import BadInput

_OTHER_DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "`|`", ",": "commas"}


@dataclass(frozen=True, slots=True)
class Header:
    """``places`` has the index of each known column that the file has; ``width`` counts all columns."""

    places: dict[str, int]
    width: int
    ignored: list[str]


def read_header(cells: list[str], where: str, delimiter: str) -> Header:
    """Read the first row. ``where`` is the file and line, for errors.

    Raises BadInput when it is no header, names a column twice, or lacks required ones.
    """
    headers = [cell.strip() for cell in cells]
    places: dict[str, int] = {}
    ignored: list[str] = []
    for index, header in enumerate(headers):
        column = column_called(header)
        if column is None:
            ignored.extend([header] if header else [])
        elif column in places:
            earlier = headers[places[column]]
            twice = f"twice: {header}" if earlier == header else f"twice, as {earlier} and as {header}"
            raise BadInput(f"{where}: the column {column} is given {twice}. Keep one of them.")
        else:
            places[column] = index
    _check_complete(places, headers, where, delimiter)
    return Header(places, len(headers), ignored)


def _check_complete(places: dict[str, int], headers: list[str], where: str, delimiter: str) -> None:
    missing = [column for column in REQUIRED if column not in places]
    if not missing:
        return
    if len(places) <= 1:
        _check_delimiter(headers, where, delimiter)
    found = _shortened(", ".join(header or "(empty)" for header in headers))
    if not places:
        raise BadInput(f"{where}: this is no header, for it names no known column: {found}. "
                       f"The first row must name the columns: {', '.join(REQUIRED)}.")  # fmt: skip
    raise BadInput(
        f"{where}: {_columns(len(missing))} missing: {', '.join(missing)}. "
        f"Found: {found}. Add what is missing; letter case and order do not matter."
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
            raise BadInput(
                f"{where}: {called} between the columns, where a file of this name has {wanted} "
                f"(.csv: commas, .txt: tabs); {way_out}."
            )


def _columns(count: int) -> str:
    return "a required column is" if count == 1 else f"{count} required columns are"


def _shortened(text: str) -> str:
    return text if len(text) <= 500 else text[:497] + "..."
