"""What a broker says about a file's columns beside the file: which header means which, and what a sheet leaves out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mockpos.broker.columns import COLUMNS, column_called, near_columns
from mockpos.domain.errors import BadInput
from mockpos.yaml_file import YamlDocument, read_yaml

_SECTIONS = ("columns", "defaults")
MAPPING_EXAMPLE = """\
columns:
  Event: production
  Cost: what we paid
defaults:
  Venue: Larch Hall
"""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """``headers`` has the header that means a column, ``defaults`` what to take where a cell is empty or missing."""

    headers: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


NO_MAP = ColumnMap()


def column_map(maps: Iterable[str], defaults: Iterable[str]) -> ColumnMap:
    """Read ``Event=event_name`` or the name of a mapping file, and ``Venue=Larch Hall``. Later ones win.

    Raises BadInput that names the option.
    """
    headers: dict[str, str] = {}
    values: dict[str, str] = {}
    for text in maps:
        if "=" in text:
            headers.update([_assignment("--map", text, "Event=event_name")])
        else:
            found = read_mapping_file(Path(text))
            headers.update(found.headers)
            values.update(found.defaults)
    for text in defaults:
        values.update([_assignment("--default", text, 'Venue="Larch Hall"')])
    return ColumnMap(headers, values)


def read_mapping_file(path: Path) -> ColumnMap:
    """Read a mapping file: YAML with ``columns`` and ``defaults``, both a name of a column to a text.

    Raises BadInput that names the line.
    """
    document = read_yaml(path)
    for section in document.content:
        if section not in _SECTIONS:
            raise document.bad([section], "is no section of a mapping file; it has `columns:` and `defaults:`")
    return ColumnMap(*(_section(document, section) for section in _SECTIONS))


def _section(document: YamlDocument, section: str) -> dict[str, str]:
    content = document.content.get(section) or {}
    if not isinstance(content, Mapping):
        raise document.bad([section], "must have a column and its text on each line, as `Event: event_name`")
    found: dict[str, str] = {}
    for name, value in content.items():
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise document.bad([section, name], "must be a text")
        try:
            found[_column(str(name))] = str(value)
        except ValueError as error:
            raise document.bad([section, name], str(error)) from None
    return found


def _assignment(option: str, text: str, example: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not value.strip():
        raise BadInput(f"{option} {text}: write it as {option} {example}")
    try:
        return _column(name.strip()), value.strip()
    except ValueError as error:
        raise BadInput(f"{option} {text}: {error}") from None


def _column(name: str) -> str:
    """Return the column that a name means. Raises ValueError with those it may have meant."""
    column = column_called(name)
    if column is not None:
        return column
    near = near_columns(name)
    meant = f"did you mean {' or '.join(near[:3])}?" if near else f"there are {', '.join(one.name for one in COLUMNS)}"
    raise ValueError(f"there is no column {name[:60]!r}; {meant}")
