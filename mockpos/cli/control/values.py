"""Values of options that are no plain text: JSON, lists, files."""

import json
from pathlib import Path
from typing import Any

from mockpos.domain.errors import BadInput


def read_value(given: object, schema: dict[str, Any], option: str) -> object:
    """Return what a call is sent for an option. Raises BadInput that names the option."""
    if not isinstance(given, str) or schema["type"] not in ("object", "array", "number"):
        return given
    if given.startswith("@"):
        return _from_file(Path(given[1:]), option)
    if schema["type"] == "array" and not given.lstrip().startswith("["):
        return [_number_or_text(each.strip()) for each in given.split(",")]
    try:
        return json.loads(given)
    except ValueError as error:
        raise BadInput(f"{option}: {given[:60]!r} is not JSON ({error}); write it as JSON, or give @FILE") from None


def _from_file(path: Path, option: str) -> object:
    from mockpos.yaml_file import parse_yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{option}: {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{option}: {path} is no UTF-8 text") from None
    return parse_yaml(text, str(path)).content


def _number_or_text(text: str) -> object:
    return int(text) if text.isdecimal() else text
