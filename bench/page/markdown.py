"""Markdown, as far as the page needs it."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table and an empty one."""
    lines = [_row(head), _row(["---"] * len(head))]
    return [*lines, *(_row(row) for row in rows), ""]


def bullets(items: Iterable[str]) -> list[str]:
    """Return the lines of a list and an empty one; nothing for no items."""
    lines = [f"- {item}" for item in items]
    return [*lines, ""] if lines else []


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
