"""What a presenter wishes for: each chapter begins from its own snapshot, whatever was done before."""

from collections import Counter
from threading import Event
from typing import Any, cast

from mockpos.contract.loader import load_contract
from mockpos.control_client import ControlError
from mockpos.demo.director import Director, Phase
from mockpos.demo.stage import Stage
from mockpos.demo.story import Chapter, Story
from tests.conftest import TestBed

THREE = tuple(Chapter(title, "", "", (), {}) for title in ("One", "Two", "Three"))
STORY = Story("three", "", 3, 0, "tiny", THREE)


class World:
    """A stage on which nothing takes time, and that notes what is asked of it."""

    fast = True

    def __init__(self) -> None:
        self.gate = Event()
        self.gate.set()
        self.asked: list[str] = []

    def keep(self, name: str) -> None:
        self.asked.append(f"keep {name}")

    def back_to(self, name: str) -> None:
        if f"keep {name}" not in self.asked:
            raise ControlError(f"There is no snapshot called {name}.")
        self.asked.append(f"back to {name}")

    def stand_still(self, still: bool) -> None:
        self.asked.append("stand still" if still else "go on")

    def control(self, method: str, path: str) -> None:
        self.asked.append(f"{method} {path}")

    def carry_out(self, *_: object) -> None: ...

    def end_crowd(self) -> None: ...

    def happened(self) -> Counter[str]:
        return Counter()

    def busy(self) -> int:
        return 0


def played(*wishes: str) -> tuple[World, Director]:
    """Play the story until all wishes are met."""
    world = World()
    director = Director(STORY, cast(Stage, world), tell=lambda **_: None)
    director.wishes["end"] = lambda: setattr(director, "is_over", True)
    for wish in (*wishes, "end"):
        director.wished.put(wish)
    director.run()
    assert director.warnings == []
    return world, director


def test_before_the_first_chapter_there_is_none_to_go_back_to() -> None:
    world, director = played("back")
    assert world.asked == ["keep chapter-0", "back to chapter-0", "back to chapter-0"]
    assert director.chapter.title == "One"


def test_a_chapter_that_was_never_reached_begins_from_what_those_before_it_come_to() -> None:
    world, director = played("next", "again", "back", "3")
    assert world.asked == [
        *("keep chapter-0", "back to chapter-0", "keep chapter-1", "back to chapter-1", "back to chapter-1"),
        *("back to chapter-0", "back to chapter-1", "keep chapter-2", "back to chapter-2"),
    ]
    assert director.chapter.title == "Three"
    assert played("3", "next")[1].phase is Phase.ENDED


def test_who_improvises_gets_the_world_and_hands_it_back_as_it_was() -> None:
    world, director = played("improvise")
    assert (director.phase, world.gate.is_set(), world.asked[-1]) == (Phase.IMPROVISING, False, "keep improvised")
    for last in ("improvise", "next"):
        world, director = played("improvise", last)
        assert (director.phase, director.at, world.gate.is_set()) == (Phase.READY, 0, True)
        assert world.asked[-1] == "POST /snapshots/improvised/restore"


def test_who_pauses_goes_on_from_there() -> None:
    assert played("pause")[1].phase is Phase.PAUSED
    for last in ("pause", "next"):
        world, director = played("pause", last)
        assert (director.at, world.asked[-2:]) == (0, ["stand still", "go on"])
    assert played("pause", "improvise")[0].asked[-3:] == ["stand still", "go on", "keep improvised"]


def test_what_ended_before_a_chapter_began_does_not_count_in_it(bed: TestBed) -> None:
    stage = Stage("http://127.0.0.1:1", bed.mock.sandboxes.default, load_contract(), fast=True)
    stage.control = cast(Any, lambda *_: {})
    bed.hold(quantity=1, global_id="g-1")
    bed.release("g-1")
    stage.back_to("chapter-1")
    bed.hold(quantity=1, global_id="g-2")
    assert +stage.happened() == Counter(held=1)
    bed.clock.advance(3_600_000)
    bed.store.expire_due()
    assert +stage.happened() == Counter(held=1, expired=1)
