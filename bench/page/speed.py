"""The part of the page on speed and scale, from bench/results/speed.json."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.measurements import MEASUREMENTS
from bench.page.figures import cell, shown_in
from bench.page.markdown import bullets, table
from bench.words import said_met, said_number, said_spread, said_value

_TOOLS = ("mockpos", "echo", "wiremock", "mountebank", "prism", "mockoon", "json_server")
_CAVEATS = (
    "One machine, loopback only; the load generator runs on the same cores as the servers.",
    "The stubs answer one fixed JSON and keep no inventory; mockpos does the whole work: key, validation, scenario "
    "engine, state, commit log on disk, request journal, audit, metrics.",
    "mockpos runs with its usual durability (what was answered survives the death of the process), not `disk`.",
    "mockpos is started with `--quiet` (no line in the terminal for each call) and `--hold-ttl 24h` (no hold lapses "
    "during a long measurement); everything else is as it comes, for the other tools too.",
    "mockpos and the bare Flask echo have gunicorn's C parser of HTTP, the extra `fast`; without it either costs some "
    "17 us more a call.",
    "p99 is as wrk tells it, which adds to it for callers that waited and so did not call (coordinated omission).",
)


def speed_lines(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the part."""
    yield "## Speed and scale"
    yield ""
    yield from _preface(results)
    yield "### Goals"
    yield ""
    heads = ("goal", "bound", "measured", "rounds", "met")
    yield from table(heads, (_goal_row(goal) for goal in results["goals"]))
    yield from _field(results["measurements"])
    yield from _unproven(results)
    yield "### Every measurement"
    yield ""
    for name, measured in results["measurements"].items():
        yield from _measurement(name, measured)


def _preface(results: Mapping[str, Any]) -> Iterator[str]:
    machine, versions = results["machine"], results["versions"]
    on = f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}"
    yield f"Machine: {on}."
    yield ""
    yield f"Versions: {', '.join(f'{name} {version}' for name, version in versions.items())}."
    yield ""
    if any(measured["quick"] for measured in results["measurements"].values()):
        yield "**Some of this was measured with `--quick`, in seconds and at smaller sizes: it proves nothing.**"
        yield ""


def _goal_row(goal: Mapping[str, Any]) -> tuple[str, ...]:
    detail = f"{said_value(goal)}: {goal['detail']}" if goal.get("detail") else said_value(goal)
    met = said_met(goal)
    bound = f"stretch: {goal['bound']}" if goal["stretch"] else goal["bound"]
    return goal["what"], bound, detail, said_spread(goal), f"**{met}**" if met == "missed" else met


def _field(measurements: Mapping[str, Any]) -> Iterator[str]:
    """Yield the comparison with the field: one row a tool, from several measurements."""
    yield "### Beside the field"
    yield ""
    rows = [row for name in _TOOLS if (row := _tool_row(name, measurements))]
    heads = ("server", "holds/s", "CPU a hold, us", "p50, ms", "p99, ms", "memory after, MB", "start to first hold, s")
    yield from table((*heads, "500 callers at 250 ms, of 2,000/s"), rows)
    yield "32 callers in a closed loop, medians of the rounds. json-server alone stores what it is sent."
    yield ""


def _tool_row(name: str, measurements: Mapping[str, Any]) -> tuple[str, ...] | None:
    main = _medians(measurements, "stored" if name == "json_server" else "cpu", name)
    if main is None:
        return None
    start = _medians(measurements, "start", "mockpos_few" if name == "mockpos" else name)
    delay = _medians(measurements, "delay", name)
    return (
        _title(measurements, "stored" if name == "json_server" else "cpu", name),
        said_number(main["per_s"]),
        said_number(main["cpu_us"]),
        said_number(main["p50_us"] / 1000),
        said_number(main["p99_us"] / 1000),
        said_number(main["resident_bytes"] / 1e6),
        said_number(start["ready_s"]) if start else "",
        said_number(delay["per_s"]) if delay else "",
    )


def _series(measurements: Mapping[str, Any], measurement: str, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = measurements.get(measurement, {}).get("series", {}).get(name, {})
    return found


def _medians(measurements: Mapping[str, Any], measurement: str, name: str) -> Mapping[str, Any] | None:
    return _series(measurements, measurement, name).get("median")


def _title(measurements: Mapping[str, Any], measurement: str, name: str) -> str:
    return str(_series(measurements, measurement, name)["title"])


def _unproven(results: Mapping[str, Any]) -> Iterator[str]:
    yield "### What was not proven"
    yield ""
    yield from bullets([*_open_goals(results["goals"]), *_doubts(results["measurements"]), *_CAVEATS])


def _open_goals(goals: list[Mapping[str, Any]]) -> Iterator[str]:
    for goal in goals:
        met = said_met(goal)
        if met == "not measured":
            yield f"Not measured: {goal['what']}, {goal['bound']}."
        elif met != "met":
            reason = f" {goal['in_the_way']}" if goal["in_the_way"] else ""
            yield f"{met.capitalize()}: {goal['what']}, {goal['bound']}; it is {said_value(goal)}.{reason}"


def _doubts(measurements: Mapping[str, Any]) -> Iterator[str]:
    """Yield what makes a reader doubt: failures, several commits, changed files, a busy machine."""
    for name, measured in measurements.items():
        if "failed" in measured:
            yield f"`{name}` failed: {measured['failed']}"
    doubts: dict[str, Callable[[Mapping[str, Any]], bool]] = {
        "Measured with `--quick`, in seconds and at smaller sizes": lambda measured: measured["quick"],
        "Measured on files that differed from their commit": lambda measured: measured["dirty"],
        "Begun while the machine had other work (a load above 1)": lambda measured: measured["load_before"] > 1,
    }
    for words, holds in doubts.items():
        if names := [f"`{name}`" for name, measured in measurements.items() if holds(measured)]:
            yield f"{words}: {', '.join(names)}."
    commits = {measured["commit"] for measured in measurements.values()}
    if len(commits) > 1:
        yield f"The measurements are of {len(commits)} commits; each names its own below."


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
