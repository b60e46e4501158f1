"""What the page says of speed and scale: the goals, the comparison with other tools, what was not proven."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.formatting import said_met, said_number, said_spread, said_value
from bench.page.markdown import bullets, table

_TOOLS = {
    "mockpos": "cpu",
    "previous": "previous",
    "echo": "cpu",
    "wiremock": "wiremock",
    "wiremock_bounded": "wiremock",
    "wiremock_off": "wiremock",
    "mountebank": "cpu",
    "prism": "cpu",
    "mockoon": "cpu",
    "json_server": "stored",
}
"""The rows of the comparison, and the measurement that each is from."""

_SERIES = {"previous": "holds_before"}
_CAVEATS = (
    "One machine, loopback only; the load generator runs on the same cores as the servers.",
    "The stubs answer one fixed JSON and keep no inventory; mockpos does the whole work: key, validation, scenario "
    "engine, state, commit log on disk, request journal, audit, metrics.",
    "mockpos runs with its usual durability (what was answered survives the death of the process), not `disk`.",
    "mockpos is started with `--quiet` (no line in the terminal for each call) and `--hold-ttl 24h` (no hold lapses "
    "during a long measurement); everything else is as it comes, for the other tools too.",
    "mockpos before the redesign has gunicorn's C parser of HTTP, then its extra `fast`.",
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
    yield from _comparison(results["measurements"])
    yield from _unproven(results)


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


def _comparison(measurements: Mapping[str, Any]) -> Iterator[str]:
    """Yield the comparison with other tools: one row each, from several measurements."""
    yield "### Beside other tools"
    yield ""
    rows = [row for name in _TOOLS if (row := _tool_row(name, measurements))]
    heads = ("server", "holds/s", "CPU a hold, us", "p50, ms", "p99, ms", "memory after, MB", "start to first hold, s")
    yield from table((*heads, "500 callers at 250 ms, of 2,000/s"), rows)
    yield "32 callers in a closed loop, medians of the rounds. json-server alone stores what it is sent."
    yield ""


def _tool_row(name: str, measurements: Mapping[str, Any]) -> tuple[str, ...] | None:
    measurement, series = _TOOLS[name], _SERIES.get(name, name)
    main = _medians(measurements, measurement, series)
    if main is None:
        return None
    start = _medians(measurements, "start", "mockpos_few" if name == "mockpos" else name)
    delay = _medians(measurements, "delay", name)
    return (
        _title(measurements, measurement, series),
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
        yield f"The measurements are of {len(commits)} commits; each names its own in the details."
