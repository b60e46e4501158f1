"""Reads which response codes an automator documents: a list in a file, or its OpenAPI document."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mockpos.domain.errors import BadInput
from mockpos.http_client import HttpClient, NoResponse, Request
from mockpos.yaml_file import parse_yaml

_CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_NAMES = ("code", "error_code", "errorCode", "error")


def read_codes(place: str) -> frozenset[str]:
    """Read documented codes from a file or an address. Raises BadInput.

    The file is an OpenAPI document (JSON or YAML), a JSON list or mapping of codes, or text with one code a line (what
    follows the code on its line is its meaning). A status such as 404 stands for refusals without a code of their own.
    """
    text = _fetched(place) if place.startswith(("http://", "https://")) else _read(Path(place))
    content = _parsed(text, place)
    if isinstance(content, Mapping) and ("openapi" in content or "swagger" in content):
        codes = frozenset(_in_openapi(content, content))
    elif isinstance(content, Mapping):
        codes = frozenset(str(name) for name in content)
    elif isinstance(content, list):
        codes = frozenset(str(each.get("code", "") if isinstance(each, Mapping) else each) for each in content)
    else:
        lines = (line.strip() for line in text.splitlines())
        firsts = (_CODE.match(line) for line in lines if line and not line.startswith("#"))
        codes = frozenset(match.group() for match in firsts if match)
    codes -= {""}
    if not codes:
        raise BadInput(f"--codes {place}: no code is found there; write one a line, or give an OpenAPI document")
    return codes


def _in_openapi(node: object, document: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield the codes in enums, constants and examples of properties that are named like a code."""
    if depth > _DEEPEST:
        return
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name in _NAMES:
                yield from _values(value)
            if name == "responses" and isinstance(value, Mapping):
                yield from (str(status) for status in value if str(status).isdecimal() and int(status) >= 400)
            yield from _in_openapi(value, document, depth + 1)
    elif isinstance(node, list):
        for value in node:
            yield from _in_openapi(value, document, depth + 1)


def _values(value: object) -> Iterator[str]:
    if isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, Mapping):
        for name in ("enum", "examples"):
            if isinstance(value.get(name), list):
                yield from (str(each) for each in value[name])
        for name in ("const", "example", "default"):
            if isinstance(value.get(name), str | int):
                yield str(value[name])


def _parsed(text: str, place: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return parse_yaml(text, place).content
    except BadInput:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--codes {path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _fetched(url: str) -> str:
    base, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    try:
        answer = HttpClient(f"{base}://{host}", 20).send(Request("GET", f"/{path}", (("Accept", "application/json"),)))
    except NoResponse as none:
        raise BadInput(f"--codes {url}: {none}") from None
    if answer.status != 200:
        raise BadInput(f"--codes {url}: answered {answer.status}")
    return answer.body.decode("utf-8", "replace")


_DEEPEST = 60
