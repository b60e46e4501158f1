"""Rows of a CSV or tab-separated file, each with the line it begins on. Independent of columns."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import PurePath

from mockpos.domain.errors import BadInput

Progress = Callable[[int], None]
"""Told how much of the file is done, in percent, each time that grows."""

_DELIMITERS = {".csv": ",", ".txt": "\t", ".tsv": "\t", ".tab": "\t"}
_SEPARATOR_LINE = re.compile(rb'\A"?sep=(,|;|\t|\|)"?[ ,;\t]*(?:\r\n|\n|\r|\Z)', re.IGNORECASE)
_FIRST_LINE = re.compile(rb"\A\s*([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row's cells, or the fault for which it has none."""

    line: int
    cells: list[str]
    fault: str = ""


def delimiter_of(path: PurePath) -> str:
    """Return what is between the columns, by the file's name (TEvo wiki, Import File Specification).

    Raises BadInput for another kind of file.
    """
    delimiter = _DELIMITERS.get(path.suffix.lower())
    if delimiter is None:
        raise BadInput(f"{path}: broker files are named .csv (commas) or .txt (tabs), also .tsv. Rename the file.")
    return delimiter


def separator_line(body: bytes) -> tuple[str, bytes]:
    """Return the delimiter that the line ``sep=,`` names, as Excel writes it, and the text behind it; "" for none."""
    match = _SEPARATOR_LINE.match(body)
    return (match[1].decode(), body[match.end() :]) if match else ("", body)


def likely_delimiter(body: bytes) -> str:
    """Return the tab or the comma, whichever the first line has more of: for a text without a file name."""
    match = _FIRST_LINE.match(body)
    line = match[1] if match else b""
    return "\t" if line.count(b"\t") > line.count(b",") else ","


def csv_rows(body: bytes, name: str, delimiter: str, *, lines_before: int = 0) -> Iterator[RawRow]:
    """Iterate over the rows of a text in UTF-8, empty ones left out.

    Strict about quotes: a forgiving parser would swallow the rest of the file after one that
    is never closed. Raises BadInput for that; a quote in the wrong place spoils its row only.
    """
    reader = csv.reader(TextIOWrapper(BytesIO(body), encoding="utf-8", newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1 + lines_before
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RawRow(line, [], _quote_fault(str(error), f"{name}, line {line}"))
            continue
        if any(map(str.strip, cells)):
            yield RawRow(line, cells)


def counted(rows: Iterator[RawRow], lines: int, progress: Progress | None) -> Iterator[RawRow]:
    """Pass rows through, and tell ``progress`` how far the file is read."""
    if progress is None:
        yield from rows
        return
    told = 0
    for row in rows:
        percent = min(99, 100 * row.line // max(lines, 1))
        if percent > told:
            progress(told := percent)
        yield row
    progress(100)


def _quote_fault(error: str, where: str) -> str:
    """Return what is wrong with one row's quotes. Raises BadInput when the fault reaches further."""
    if "expected after" in error:
        return 'A quote inside a quoted field must be doubled (""), and a quoted field must be closed.'
    if "field larger" in error:
        raise BadInput(
            f"{where}: a field of the row that begins here is longer than {csv.field_size_limit():,} characters. "
            "Probably its quote is never closed."
        )
    raise BadInput(f"{where}: a quote opened in the row that begins here is never closed. Close it.")
