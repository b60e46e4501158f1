"""Runs of seats as people write them: ``["5-8", "11"]``, by what is printed on them."""

from mockpos.codecs.fields import BadDocument, Document, list_of
from mockpos.domain.numbering import Numbering
from mockpos.domain.seats import Run, Runs


def runs_to_text(numbering: Numbering, runs: Runs) -> list[str]:
    """Write runs of positions as runs of labels."""
    return [_written(numbering.label(start), numbering.label(stop - 1)) for start, stop in runs]


def runs_from_text(numbering: Numbering, document: Document, name: str) -> Runs:
    """Read runs of labels; they must ascend without touching. Raises BadDocument."""
    runs: list[Run] = []
    for written in list_of(document, name, str):
        low, separator, high = written.partition("-")
        try:
            start = numbering.position(low)
            stop = numbering.position(high if separator else low) + 1
        except ValueError:
            raise BadDocument(f"{name}: {written!r} are not seats of this listing") from None
        if stop <= start or (runs and start <= runs[-1][1]):
            raise BadDocument(f"{name}: {written!r} is out of order")
        runs.append((start, stop))
    return tuple(runs)


def _written(low: str, high: str) -> str:
    return low if low == high else f"{low}-{high}"
