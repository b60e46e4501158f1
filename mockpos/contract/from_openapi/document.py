"""Reads an OpenAPI document, 3.0 or 3.1, as far as a contract needs it: calls, their fields, their answers, the key."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockpos.contract.model import WirePath
from mockpos.domain.errors import BadInput

Json = Mapping[str, Any]

CHANGING = ("post", "put", "patch", "delete")
_ANY_ERROR = ("DEFAULT", "4XX", "5XX")
_LARGEST = 20_000_000
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field of a body: where it stands, its schema, whether it must be there."""

    path: WirePath
    schema: Json
    required: bool

    @property
    def kind(self) -> str:
        """Return its type, the first of several; an empty text where none is said."""
        kind = self.schema.get("type", "")
        return str(next((each for each in kind if each != "null"), "")) if isinstance(kind, list) else str(kind)

    @property
    def values(self) -> list[Any]:
        """Return the values that the document allows, or the one it always has."""
        return [self.schema["const"]] if "const" in self.schema else _list(self.schema.get("enum"))

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Answer:
    """One documented response: its status, media type, schema, and the bodies that stand as examples.

    Of ``4XX``, ``5XX`` and ``default``, which stand for any error, the status is 0.
    """

    status: int
    media_type: str
    schema: Json
    examples: tuple[Any, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the document."""

    method: str
    path: str
    operation_id: str
    words: str
    path_parameters: tuple[str, ...]
    query_parameters: tuple[str, ...]
    body: Json
    answers: tuple[Answer, ...]

    @property
    def success(self) -> Answer | None:
        """Return the success with the lowest status."""
        return next((answer for answer in self.answers if 200 <= answer.status < 300), None)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class OpenApi:
    """A document. ``unread`` are references that lead out of it."""

    def __init__(self, content: Json, name: str) -> None:
        if not str(content.get("openapi", "")).startswith("3."):
            older = "; Swagger 2.0 is converted with `npx swagger2openapi`" if "swagger" in content else ""
            raise BadInput(f"{name}: not an OpenAPI 3 document: it has no line `openapi: 3...`{older}")
        if not isinstance(content.get("paths"), Mapping):
            raise BadInput(f"{name}: has no paths")
        self._content = content
        self.unread: set[str] = set()
        self.name = name
        info = _mapping(content.get("info"))
        self.title, self.version = str(info.get("title") or "Contract"), str(info.get("version") or "1")

    @property
    def prefix(self) -> str:
        """Return the path of the first server, which stands before every path."""
        servers = _list(self._content.get("servers"))
        url = str(_mapping(servers[0]).get("url", "")) if servers else ""
        path = url.partition("://")[2].partition("/")[2] if "://" in url else url
        return f"/{path.strip('/')}" if path.strip("/") and "{" not in path else ""

    def key_schemes(self) -> list[Json]:
        """Return the ways to send a key, those first that every call asks for."""
        schemes = self.resolved(self.resolved(self._content.get("components")).get("securitySchemes"))
        asked = [name for each in _list(self._content.get("security")) for name in _mapping(each)]
        return [self.resolved(schemes[name]) for name in dict.fromkeys([*asked, *schemes]) if name in schemes]

    def calls(self) -> list[Call]:
        """Return the calls that can change something."""
        found = []
        for path, item in self._content["paths"].items():
            resolved = self.resolved(item)
            for method in CHANGING:
                if isinstance(resolved.get(method), Mapping):
                    found.append(self._call(method, str(path), resolved, resolved[method]))
        return found

    def resolved(self, node: Any) -> Json:
        """Return what a reference leads to; an empty mapping for what is no mapping."""
        for _ in range(_DEEPEST):
            if not isinstance(node, Mapping):
                return {}
            if "$ref" not in node:
                return node
            node = self._target(str(node["$ref"]))
        return {}

    def merged(self, schema: Any, depth: int = _DEEPEST) -> Json:
        """Return a schema with the members of its ``allOf``; of alternatives the first."""
        schema = self.resolved(schema)
        whole: dict[str, Any] = {**schema}
        whole |= {"properties": _mapping(schema.get("properties")), "required": _list(schema.get("required"))}
        alternatives = _list(schema.get("oneOf")) or _list(schema.get("anyOf"))
        for part in (*_list(schema.get("allOf")), *alternatives[:1]) if depth else ():
            other = self.merged(part, depth - 1)
            own = whole["properties"]
            both = {name: {"allOf": [own[name], below]} for name, below in other["properties"].items() if name in own}
            properties = {**own, **other["properties"], **both}
            required = [*whole["required"], *other["required"]]
            whole = {**other, **whole, "properties": properties, "required": required}
        return whole

    def leaves(self, schema: Any, at: WirePath = (), *, required: bool = True) -> Iterator[Leaf]:
        """Yield the fields of an object and of the objects in it. A list is one field."""
        whole = self.merged(schema)
        if not whole["properties"] or len(at) >= _DEEPEST:
            if at:
                yield Leaf(at, whole, required)
            return
        for name, below in whole["properties"].items():
            yield from self.leaves(below, (*at, str(name)), required=required and name in whole["required"])

    def _target(self, reference: str) -> Any:
        node: Any = self._content if reference.startswith("#/") else None
        for step in reference[2:].split("/"):
            node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, Mapping) else None
        if node is None:
            self.unread.add(reference)
        return node

    def _call(self, method: str, path: str, item: Json, operation: Json) -> Call:
        parameters = [
            self.resolved(each) for each in (*_list(item.get("parameters")), *_list(operation.get("parameters")))
        ]
        _, body = self._media(self.resolved(operation.get("requestBody")).get("content"))
        said = [operation.get("summary"), operation.get("description"), *_list(operation.get("tags"))]
        answers = [self._answer(status, each) for status, each in _mapping(operation.get("responses")).items()]
        return Call(
            method=method.upper(),
            path=path,
            operation_id=str(operation.get("operationId") or ""),
            words=" ".join(str(each) for each in said if each),
            path_parameters=tuple(str(each.get("name")) for each in parameters if each.get("in") == "path"),
            query_parameters=tuple(str(each.get("name")) for each in parameters if each.get("in") == "query"),
            body=self.resolved(body.get("schema")),
            answers=tuple(sorted((each for each in answers if each), key=lambda answer: answer.status)),
        )

    def _answer(self, status: Any, response: Any) -> Answer | None:
        status = 0 if str(status).upper() in _ANY_ERROR else status
        if not str(status).isdecimal():
            return None
        response = self.resolved(response)
        media_type, media = self._media(response.get("content"))
        named = [self.resolved(each).get("value") for each in _mapping(media.get("examples")).values()]
        examples = tuple(each for each in (media.get("example"), *named) if each is not None)
        description = str(response.get("description") or "")
        return Answer(int(status), media_type, self.resolved(media.get("schema")), examples, description)

    def _media(self, content: Any) -> tuple[str, Json]:
        """Return the JSON of a body's contents, or the first of them."""
        given = self.resolved(content)
        media_type = next((name for name in given if "json" in str(name)), next(iter(given), ""))
        return str(media_type), self.resolved(given.get(media_type))


def read_openapi(path: Path) -> OpenApi:
    """Read a document in JSON or YAML. Raises BadInput."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8 text; save the file as UTF-8") from None
    if len(text) > _LARGEST:
        raise BadInput(f"{path}: larger than {_LARGEST:,} characters")
    content = _parsed(text, str(path))
    if not isinstance(content, Mapping):
        raise BadInput(f"{path}: not an OpenAPI document: it is no mapping")
    return OpenApi(content, str(path))


def _parsed(text: str, name: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return json.loads(text) if text.lstrip().startswith("{") else YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise BadInput(f"{name}: neither JSON nor YAML: {str(error).splitlines()[0]}") from None


def _mapping(node: Any) -> Json:
    return node if isinstance(node, Mapping) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


MARK = "# ?"
"""Begins the comment of every line that somebody has to decide."""

_PLAIN = re.compile(r"[A-Za-z/_$][A-Za-z0-9/_${}.@ +-]*[A-Za-z0-9_}]|[A-Za-z]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"}
_COLUMN = 44


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``open`` lines need a decision; a line without a key is a comment alone."""

    depth: int
    key: str
    value: Any = None
    comment: str = ""
    open: bool = False
    is_section: bool = False


def written(lines: Sequence[Line]) -> str:
    """Return the file."""
    return "\n".join(_line(line) for line in lines) + "\n"


def _line(line: Line) -> str:
    comment = f"{MARK} {line.comment}" if line.open else f"# {line.comment}" if line.comment else ""
    indent = "  " * line.depth
    if not line.key:
        return (indent + comment).rstrip()
    text = f"{indent}{_key(line.key)}:" if line.is_section else f"{indent}{_key(line.key)}: {_value(line.value)}"
    return f"{text:<{_COLUMN}} {comment}".rstrip() if comment else text


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", key) and key.lower() not in _WORDS else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS and ": " not in value:
        return value if "{" not in value or value.startswith("/") else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)
