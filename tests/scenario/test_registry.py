"""Scenarios are known by name, their files are watched, and a bad edit changes nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mockpos.domain.errors import BadInput
from mockpos.scenario.registry import Changes, Reloaded, ScenarioRegistry

GOOD = "name: {name}\nrules:\n  - {{id: slow, on: any, delay: {delay}}}\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario; each time with a later time of change, as an editor would."""
    moment = iter(range(1_000_000_000, 2_000_000_000))

    def write(name: str, delay: str = "1s", text: str = GOOD, suffix: str = ".yaml") -> Path:
        path = tmp_path / (name + suffix)
        path.write_text(text.format(name=name, delay=delay))
        at = next(moment)
        os.utime(path, (at, at))
        return path

    return write


def test_shipped_scenarios_and_magic_are_known() -> None:
    names = ScenarioRegistry().names()
    assert {"brownout", "hold-listing_sold_out", "magic"} <= set(names)
    assert ScenarioRegistry().get("brownout").name == "brownout"


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"there is no scenario called 'bronwout'; did you mean brownout\?"):
        ScenarioRegistry().get("bronwout")
    with pytest.raises(BadInput, match="there is no scenario called 'none'"):
        ScenarioRegistry().get("none")


def test_a_folder_adds_names_and_wins_over_what_is_shipped(write: Write, tmp_path: Path) -> None:
    write("mine")
    write("brownout", suffix=".yml")
    registry = ScenarioRegistry([tmp_path])
    assert {"mine", "brownout", "flapping"} <= set(registry.names())
    assert [rule.id for rule in registry.get("brownout").rules] == ["slow"]
    registry.check_all()


def test_hidden_files_of_a_folder_are_passed_over(write: Write, tmp_path: Path) -> None:
    write("mine")
    write("._mine", text="\0\0")
    write(".#edited", text="half")
    registry = ScenarioRegistry([tmp_path])
    registry.check_all()
    assert "mine" in registry.names()
    assert not {"._mine", ".#edited"} & set(registry.names())


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such folder of scenarios"):
        ScenarioRegistry([tmp_path / "nothing"])


def test_every_bad_file_of_a_folder_is_told_at_once(write: Write, tmp_path: Path) -> None:
    write("one", text="name: one\n")
    write("two", text="name: other\nrules:\n  - {{id: a, on: any}}\n")
    write("magic")
    write("good")
    with pytest.raises(BadInput) as refused:
        ScenarioRegistry([tmp_path]).check_all()
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert "magic is the built-in scenario" in lines[0]
    assert lines[1].endswith("one.yaml:1: rules: is missing")
    assert lines[2].endswith("two.yaml:1: name: is other, but the file is known as two; give both the same name")


def test_an_edited_file_is_read_again(write: Write, tmp_path: Path) -> None:
    write("mine")
    registry = ScenarioRegistry([tmp_path])
    old = registry.get("mine")
    assert registry.changed() == Changes()
    write("mine", "2s")
    (reloaded,) = registry.changed().reloaded
    assert reloaded == Reloaded(old, registry.get("mine"))
    assert str(reloaded.new.rules[0].delay) == "2s"
    assert registry.changed() == Changes()


def test_a_bad_edit_is_told_once_and_what_was_read_stays(write: Write, tmp_path: Path) -> None:
    write("mine")
    registry = ScenarioRegistry([tmp_path])
    old = registry.get("mine")
    write("mine", "2 parsecs")
    changes = registry.changed()
    assert changes.reloaded == ()
    (refused,) = changes.refused
    assert "mine.yaml:3: rules.0.delay:" in refused
    assert registry.get("mine") is old
    assert registry.changed() == Changes()
    write("mine", "3s")
    (reloaded,) = registry.changed().reloaded
    assert reloaded.old is old


def test_a_file_never_asked_for_is_read_only_when_it_is(write: Write, tmp_path: Path) -> None:
    write("mine", "nonsense")
    registry = ScenarioRegistry([tmp_path])
    assert registry.changed() == Changes()
    write("mine", "2s")
    assert registry.changed() == Changes()
    assert str(registry.get("mine").rules[0].delay) == "2s"


def test_files_that_come_and_go_are_told(write: Write, tmp_path: Path) -> None:
    registry = ScenarioRegistry([tmp_path])
    path = write("mine")
    registry.changed()
    assert "mine" in registry.names()
    registry.get("mine")
    path.unlink()
    registry.changed()
    assert "mine" not in registry.names()
    with pytest.raises(BadInput, match="there is no scenario called 'mine'"):
        registry.get("mine")


def test_a_file_that_is_removed_and_written_anew_is_a_reload(write: Write, tmp_path: Path) -> None:
    path = write("mine")
    registry = ScenarioRegistry([tmp_path])
    old = registry.get("mine")
    path.unlink()
    assert registry.changed() == Changes()
    assert "mine" not in registry.names()
    write("mine", "2s")
    assert registry.changed() == Changes((Reloaded(old, registry.get("mine")),))
    assert registry.get("mine") != old


def test_a_single_file_is_opened_under_any_file_name_and_watched(write: Write, tmp_path: Path) -> None:
    path = write("draft", text="name: mine\nrules:\n  - {{id: slow, on: any, delay: {delay}}}\n")
    registry = ScenarioRegistry()
    old = registry.open(str(path))
    assert old is registry.get("mine")
    write("draft", "2s", text="name: mine\nrules:\n  - {{id: slow, on: any, delay: {delay}}}\n")
    assert registry.changed().reloaded == (Reloaded(old, registry.get("mine")),)
    assert registry.open("brownout").name == "brownout"
    with pytest.raises(BadInput, match="no such file"):
        registry.open("brown.yaml")
