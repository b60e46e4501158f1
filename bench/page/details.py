"""Every measurement with all its figures: the page behind the page."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.measurements import MEASUREMENTS
from bench.page.figures import cell, shown_in
from bench.page.markdown import bullets, table


def detail_lines(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield a part for each measurement in a results file."""
    for name, measured in results["measurements"].items():
        yield from _measurement(name, measured)


def _measurement(name: str, measured: Mapping[str, Any]) -> Iterator[str]:
    summary = MEASUREMENTS[name].summary if name in MEASUREMENTS else name
    yield f"#### `{name}`: {summary}"
    yield ""
    commit = (measured["commit"] or "unknown")[:12]
    yield f"{measured['date']}, commit {commit}, {measured['took_s']} s, load before {measured['load_before']}."
    yield ""
    if "failed" in measured:
        return
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for series in measured["series"].values():
        if "rounds" in series:
            alike.setdefault(tuple(figure.name for figure in shown_in(series["rounds"])), []).append(series)
        else:
            yield from _points(series)
    for group in alike.values():
        yield from _rounds(group)
    yield from bullets(measured["notes"])


def _rounds(group: list[Mapping[str, Any]]) -> Iterator[str]:
    figures = shown_in(group[0]["rounds"])
    rows = ([series["title"], *(cell(figure, series["rounds"]) for figure in figures)] for series in group)
    yield from table(["", *(figure.head for figure in figures)], rows)


def _points(series: Mapping[str, Any]) -> Iterator[str]:
    """Yield what grew along a run: its first, its middle and its last state; or the figures of one that has none."""
    plain = {name: value for name, value in series.items() if isinstance(value, int | float)}
    yield from bullets([f"{series['title']}: {', '.join(f'{name} {value:,}' for name, value in plain.items())}"])
    points = series.get("points")
    if points:
        shown = [points[0], points[len(points) // 2], points[-1]]
        figures = shown_in(points)
        yield from table(
            [figure.head for figure in figures], ([cell(figure, [point]) for figure in figures] for point in shown)
        )
