"""Runs of seats as people write them: ``["5-8", "11"]``, by the printed numbers."""

from mockpos.codecs.fields import BadDocument, Document, list_of
from mockpos.domain.seats import Numbering, Run, Runs


def runs_to_text(numbering: Numbering, runs: Runs) -> list[str]:
    """Write runs of positions as runs of printed numbers."""
    return [_written(numbering.number(start), numbering.number(stop - 1)) for start, stop in runs]


def runs_from_text(numbering: Numbering, document: Document, name: str) -> Runs:
    """Read runs of printed numbers; they must ascend without touching. Raises BadDocument."""
    runs: list[Run] = []
    for written in list_of(document, name, str):
        low, _, high = written.partition("-")
        try:
            start = _position(numbering, int(low))
            stop = _position(numbering, int(high or low)) + 1
        except ValueError:
            raise BadDocument(f"{name}: {written!r} are not seats of this listing") from None
        if stop <= start or (runs and start <= runs[-1][1]):
            raise BadDocument(f"{name}: {written!r} is out of order")
        runs.append((start, stop))
    return tuple(runs)


def _written(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _position(numbering: Numbering, number: int) -> int:
    position, off = divmod(number - numbering.low, numbering.step)
    if off or position < 0:
        raise ValueError(number)
    return position
