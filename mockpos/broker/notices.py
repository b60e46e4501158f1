"""Remarks about rows that are good all the same: one for each kind, however many rows it concerns."""


class Notices:
    """Collects remarks while a file is read."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int, int]] = {}

    def add(self, kind: str, line: int, example: str = "") -> None:
        """Remark on a row. ``kind`` is a sentence without its stop; the first example is shown."""
        example, first, count = self._seen.get(kind, (example, line, 0))
        self._seen[kind] = (example, first, count + 1)

    def sentences(self) -> list[str]:
        """Return the remarks, in the order in which they first came up."""
        return [_sentence(kind, *seen) for kind, seen in self._seen.items()]


def _sentence(kind: str, example: str, first: int, count: int) -> str:
    where = f"line {first}" if count == 1 else f"{count:,} rows, the first on line {first}"
    shown = f", such as {example!r}" if example else ""
    return f"{kind} ({where}{shown})."
