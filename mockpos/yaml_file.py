"""Reading YAML files so that every problem can name its line."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from mockpos.domain.errors import BadInput
from mockpos.validation.schema import Problem, dotted

_LARGEST = 1_000_000
_MOST_BYTES = 4 * _LARGEST  # a device has no end
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A YAML file's mapping, and the lines its keys stand on."""

    name: str
    content: Mapping[str, Any]

    def line(self, path: Sequence[str | int]) -> int:
        """Return the line (from 1) of what stands at ``path``, or of the nearest thing around it."""
        node: Any = self.content
        line = 1
        for step in path:
            marks = getattr(node, "lc", None)
            if marks is None or not _has(node, step):
                break
            place = marks.key(step) if isinstance(node, Mapping) else marks.item(step)
            line = place[0] + 1
            node = node[step]
        return line

    def bad(self, path: Sequence[str | int], message: str) -> BadInput:
        """Make the error for what stands at ``path``: ``FILE:LINE: PLACE: MESSAGE``."""
        place = f"{dotted(tuple(path))}: " if path else ""
        return BadInput(f"{self.name}:{self.line(path)}: {place}{message}")

    def all_bad(self, problems: Iterable[Problem]) -> BadInput:
        """Make one error of many problems, a line each, in the order of the file."""
        in_order = sorted(problems, key=lambda problem: self.line(problem[0]))
        return BadInput("\n".join(str(self.bad(place, message)) for place, message in in_order))


def wide_encoding(data: bytes) -> str:
    """Return the name of the encoding of a text that is no UTF-8 by its first bytes; nothing for another one."""
    start = data[:4]
    if start in (BOM_UTF32_LE, BOM_UTF32_BE) or start.count(0) > 2:
        return "UTF-32"
    return "UTF-16" if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or (len(start) > 1 and b"\0" in start[:2]) else ""


def read_yaml(path: Path) -> YamlDocument:
    """Read a YAML file that holds one mapping. Raises BadInput with file and line."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > _MOST_BYTES:
        raise BadInput(f"{path}: larger than {_LARGEST} characters")
    if encoding := wide_encoding(data):
        raise BadInput(f"{path}:1: {encoding} text; save the file as UTF-8")
    try:
        return parse_yaml(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from None


def parse_yaml(text: str, name: str) -> YamlDocument:
    """Read YAML text that holds one mapping. Raises BadInput with name and line."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > _LARGEST:
        raise BadInput(f"{name}: larger than {_LARGEST} characters")
    reader = YAML(typ="rt", pure=True)
    reader.max_depth = _DEEPEST
    try:
        content = reader.load(StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput(f"{name}:{line}: not YAML: {(error.problem or 'it cannot be read').strip()}") from None
    except (YAMLError, ValueError) as error:
        raise BadInput(f"{name}: not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise BadInput(f"{name}: nested too deeply") from None
    if not isinstance(content, Mapping):
        raise BadInput(f"{name}:1: expected a mapping (key: value lines)")
    return YamlDocument(name, content)


def _has(node: Any, step: str | int) -> bool:
    if isinstance(node, Mapping):
        return step in node
    return isinstance(step, int) and 0 <= step < len(node)


def plain(node: Any) -> Any:
    """Return YAML's nodes as plain dictionaries, lists and scalars."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    for kind in (bool, str, int, float):
        if isinstance(node, kind):
            return kind(node)
    return node
