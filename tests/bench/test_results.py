import json
from pathlib import Path
from typing import Any

import pytest

from bench.goals import GOALS, judged
from bench.measurements import MEASUREMENTS
from bench.page.details import detail_lines
from bench.page.other import other_lines
from bench.page.page import DETAILS, PAGE, render
from bench.page.speed import speed_lines
from bench.results import FOLDER, SPEED, add, new_results, results_to_extend, write


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal.id} {goal.bound}")
def test_every_goal_has_its_measurement_and_the_limit_that_its_bound_says(goal: Any) -> None:
    assert goal.measurement in MEASUREMENTS
    number = float(goal.bound.split()[2].rstrip("%"))
    assert goal.limit == (number * 1000 if goal.bound.endswith(" KB") else number)
    assert goal.at_least == goal.bound.startswith("at least")
    assert goal.is_met(goal.limit)
    assert not goal.is_met(goal.limit * (0.99 if goal.at_least else 1.01))


def test_the_committed_pages_say_what_the_committed_results_say() -> None:
    assert SPEED.exists()
    for path, text in render(FOLDER).items():
        assert path.read_text(encoding="utf-8") == text, "run `python -m bench page`"


def test_the_page_fits_on_two_screens() -> None:
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 120


def test_the_committed_results_name_their_commit_machine_and_versions() -> None:
    results = json.loads(SPEED.read_bytes())
    assert set(results["machine"]) == {"cpu", "cores", "memory_gib", "system"}
    assert {"python", "mockpos", "flask", "gunicorn", "wrk", "java", "node"} <= set(results["versions"])
    for measured in results["measurements"].values():
        assert {"date", "commit", "dirty", "quick", "took_s", "load_before"} <= set(measured)
    assert results["goals"] == judged(results["measurements"])


def measured(**more: Any) -> dict[str, Any]:
    stamp = {"date": "2026-11-23T14:02:07Z", "commit": "0" * 40, "dirty": False, "load_before": 0.1}
    return {**stamp, "quick": False, "took_s": 60, "notes": [], "series": {}, "values": {}, **more}


def a_value(value: float) -> dict[str, Any]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "detail": "240 us against 200 us"}


def test_a_goal_is_met_missed_or_not_measured() -> None:
    goals = judged({"previous": measured(values={"previous_holds": a_value(0.45), "previous_rate": a_value(1.9)})})
    found = {(goal["id"], goal["bound"]): goal["met"] for goal in goals}
    assert found["previous_holds", "at most 0.5 x"] is True
    assert found["previous_holds", "at most 0.43 x"] is False
    assert found["previous_rate", "at least 2 x"] is False
    assert found["start_few", "at most 0.35 s"] is None


def speed_page(**measurements: dict[str, Any]) -> str:
    results = new_results()
    for name, one in measurements.items():
        add(results, name, one)
    return "\n".join([*speed_lines(results), *detail_lines(results)])


def test_the_page_shows_goals_and_what_was_not_proven() -> None:
    page = speed_page(
        cpu=measured(values={"cpu_mountebank": a_value(0.3)}),
        previous=measured(values={"previous_holds": a_value(0.48)}),
        scale=measured(failed="mockpos ended with 137", quick=True, dirty=True, load_before=3.5, commit="1" * 40),
    )
    assert "| at most 0.4 x | 0.30 x: 240 us against 200 us | 0.20 to 0.40 | met |" in page
    assert "- Stretch missed: CPU per hold against the commit before the redesign, at most 0.43 x; it is 0.48" in page
    assert "- Not measured: memory per listing at 1,000,000, after load, at most 1 KB." in page
    assert "- `scale` failed: mockpos ended with 137" in page
    for doubt in ("`--quick`, in seconds", "files that differed", "other work"):
        assert f"{doubt}" in page
    assert "are of 2 commits" in page
    assert "it proves nothing" in page


def test_the_page_shows_the_spread_of_rounds_in_units_for_people() -> None:
    rounds = [
        {"cpu_us": us, "per_s": 1000.0, "p50_us": 2000, "p99_us": 9000, "resident_bytes": 5 * 10**7}
        for us in (240.0, 260.0, 250.0)
    ]
    median = {**rounds[2]}
    page = speed_page(cpu=measured(series={"mockpos": {"title": "mockpos", "median": median, "rounds": rounds}}))
    assert "| mockpos | 1,000 (1,000 to 1,000) | 250 (240 to 260) | 2.00 (2.00 to 2.00) | 9.00 (9.00 to 9.00) |" in page
    assert "| mockpos | 1,000 | 250 | 2.00 | 9.00 | 50.0 |  |  |" in page


def test_results_of_unknown_shape_are_shown_too() -> None:
    results = {
        "date": "2026-11-23T14:02:07Z",
        "kills": 200,
        "lost_answers": [],
        "machine": {"cpu": "a | b", "cores": 2},
        "by_moment": {"checkpoint": {"kills": 20, "lost": 0}, "import": {"kills": 7, "lost": 0, "late": True}},
        "checked": [{"what": "holds", "count": 12345}],
    }
    page = "\n".join(other_lines("torture", results))
    assert page.startswith("## Torture\n\n- date: 2026-11-23T14:02:07Z\n- kills: 200\n- lost answers: none\n")
    assert "| cpu | a / b |" in page
    assert "| checkpoint | 20 | 0 |  |" in page
    assert "| import | 7 | 0 | yes |" in page
    assert "| holds | 12,345 |" in page


def test_every_results_file_has_its_part_of_the_pages(tmp_path: Path) -> None:
    (tmp_path / "torture.json").write_text('{"kills": 200}')
    write(new_results(), tmp_path / "speed.json")
    pages = render(tmp_path)
    assert pages[PAGE].index("## Speed and scale") < pages[PAGE].index("## Run it again")
    assert "## Torture" in pages[DETAILS]
    (tmp_path / "speed.json").unlink()
    assert "## Speed" not in render(tmp_path)[PAGE]


def test_results_are_only_added_to_those_of_the_same_machine_and_versions(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    kept = new_results()
    add(kept, "start", measured(values={"start_few": a_value(0.5)}))
    write(kept, path)
    again = results_to_extend(path)
    add(again, "cpu", measured())
    assert set(again["measurements"]) == {"start", "cpu"}
    kept["machine"]["cores"] = 64
    write(kept, path)
    with pytest.raises(ValueError, match=r"other machine \(cores\)"):
        results_to_extend(path)
    assert results_to_extend(tmp_path / "none.json")["measurements"] == {}
