"""Marks up texts for the pages: JSON, YAML, words in backticks. What a text says of itself is escaped."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

_STRING = r'"(?:[^"\\]|\\.)*"'
_TOKEN = re.compile(rf"(?P<name>{_STRING})(?=\s*:)|(?P<text>{_STRING})|(?P<word>true|false|null|-?\d[\d.eE+-]*)")
_YAML = re.compile(r"""(?P<note>(?:^|(?<=\s))\#.*$)|(?P<name>^[ -]*[A-Za-z_]+(?=:(?:\s|$)))""", re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")


def highlighted(json_text: str) -> Markup:
    """Return JSON with its names, strings and other values marked."""
    return _marked(_TOKEN, json_text, lambda found: _span("json", found))


def yaml_marked(text: str) -> Markup:
    """Return YAML with its comments and the names that begin a line marked."""
    return _marked(_YAML, text, lambda found: _span("yaml", found))


def code_spans(sentence: str) -> Markup:
    """Return a sentence whose `words in backticks` are code."""
    return _marked(_SPAN, sentence, lambda found: Markup("<code>{}</code>").format(found[1]))


def _span(kind: str, found: re.Match[str]) -> Markup:
    return Markup('<span class="{}-{}">{}</span>').format(kind, found.lastgroup, found[0])


def _marked(pattern: re.Pattern[str], source: str, mark: Callable[[re.Match[str]], Markup]) -> Markup:
    pieces: list[Markup] = []
    end = 0
    for found in pattern.finditer(source):
        pieces += [escape(source[end : found.start()]), mark(found)]
        end = found.end()
    return Markup("").join([*pieces, escape(source[end:])])
