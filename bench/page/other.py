"""Parts of the page from results files of which nothing more is known than that they are JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.page.markdown import bullets, table


def other_lines(name: str, results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a part: plain values as a list, then a heading and a table for each value that has parts of its own."""
    yield f"## {name.replace('_', ' ').capitalize()}"
    yield ""
    plain = {key: value for key, value in results.items() if _is_plain(value)}
    yield from bullets(f"{_words(key)}: {_text(value)}" for key, value in plain.items())
    for key, value in results.items():
        if not _is_plain(value):
            yield f"### {_words(key)}"
            yield ""
            yield from _parts(value)


def _parts(value: Any) -> Iterator[str]:
    """Yield a table of an object or of a list of objects."""
    if isinstance(value, Mapping):
        if value and all(isinstance(inner, Mapping) for inner in value.values()):
            yield from _rows([{"": key, **inner} for key, inner in value.items()])
        else:
            yield from table(("what", "value"), ((_words(key), _text(inner)) for key, inner in value.items()))
    elif value and all(isinstance(inner, Mapping) for inner in value):
        yield from _rows(value)
    else:
        yield from bullets(map(_text, value))


def _rows(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    heads = list(dict.fromkeys(key for row in rows for key in row))
    yield from table([_words(head) for head in heads], ([_text(row.get(head)) for head in heads] for row in rows))


def _is_plain(value: Any) -> bool:
    """Tell whether a value fits into a line: a scalar, or a list of few of them."""
    if isinstance(value, list):
        return all(not isinstance(inner, Mapping | list) for inner in value)
    return not isinstance(value, Mapping)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(key)} {_text(inner)}" for key, inner in value.items()) or "none"
    return str(value)
