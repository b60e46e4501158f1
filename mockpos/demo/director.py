"""Plays a story, each chapter from a snapshot of its own: jumping, going back and improvising are exact.

Independent of how the presenter's wishes arrive.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from queue import Empty, SimpleQueue

from mockpos.control_client import ControlError
from mockpos.demo.stage import Stage
from mockpos.demo.story import Chapter, Story

_TICK_S = 0.1
_LONGEST_CHAPTER_S = 90.0
_GLANCE_S = 0.3
_GRACE_S = 3.0
"""How long a chapter without buyers may still come to what it waits for."""

_MOST_WARNINGS = 20
_IMPROVISED = "improvised"


class Phase(StrEnum):
    """Where the director is."""

    PREPARING = "preparing"
    PLAYING = "playing"
    READY = "ready for the next"
    PAUSED = "paused"
    IMPROVISING = "improvising"
    ENDED = "the end"


@dataclass(eq=False)
class Director:
    """One story on one stage. ``auto`` goes on by itself, ``loop`` begins again.

    ``tell`` shows a caption; ``look`` is called with the chapter's number (from 0) whenever something may have changed.
    """

    story: Story
    stage: Stage
    tell: Callable[..., object]
    look: Callable[[int], object] = lambda number: None
    auto: bool = False
    loop: bool = False

    def __post_init__(self) -> None:
        self.phase = self._before = Phase.PREPARING
        self.at = self._reached = 0
        self.began = self._changed = time.monotonic()
        self.is_blank = self.is_over = False
        self.warnings: list[str] = []
        self.done: Counter[str] = Counter()
        self.wished: SimpleQueue[str] = SimpleQueue()
        self.wishes: dict[str, Callable[[], None]] = {
            "next": self._next, "pause": self._pause, "improvise": self._improvise, "blank": self._blank,
            "again": lambda: self._begin(self.at), "back": lambda: self._begin(max(0, self.at - 1)),
            **{str(number + 1): partial(self._jump, number) for number in range(len(self.story.chapters))},
        }  # fmt: skip

    @property
    def chapter(self) -> Chapter:
        """Return the chapter that is on."""
        return self.story.chapters[self.at]

    @property
    def minutes(self) -> float:
        """Return how many minutes the show has taken."""
        return (time.monotonic() - self.began) / 60

    @property
    def is_late(self) -> bool:
        """Tell whether it has taken more than its share of the minutes so far."""
        return self.minutes > self.story.minutes * (self.at + 1) / len(self.story.chapters)

    def missing(self) -> dict[str, str]:
        """Return what the chapter still waits for: how often it happened, of how often it must."""
        return {
            name: f"{min(self.done[name], least)} of {least}"
            for name, least in self.chapter.until.items()
            if self.done[name] < least
        }

    def run(self) -> None:
        """Play until ``is_over``: do what is wished, in between look how far the chapter is."""
        self._keep(0)
        self._begin(0)
        while not self.is_over:
            try:
                self.wishes[self.wished.get(timeout=_TICK_S)]()
            except Empty:
                pass
            except ControlError as error:
                self._warn(str(error))
            self._watch()
            self.look(self.at)
        self.stage.end_crowd()

    def _blank(self) -> None:
        self.is_blank = not self.is_blank
        self.tell(is_blank=self.is_blank)

    def _next(self) -> None:
        if self.phase in (Phase.PAUSED, Phase.IMPROVISING):
            (self._pause if self.phase is Phase.PAUSED else self._improvise)()
        elif self.at + 1 == len(self.story.chapters):
            self.phase = Phase.ENDED
        else:
            if self.phase is Phase.PLAYING and self.missing():
                self._warn(f"{self.chapter.title}: left before {_words(self.missing())}")
            self._jump(self.at + 1)

    def _jump(self, to: int) -> None:
        """Begin a chapter; those before it that were never reached are played quickly, for their snapshots."""
        if to == self._reached + 1 and to == self.at + 1 and self.phase is not Phase.IMPROVISING:
            self._keep(to)
        while self._reached < to:
            self.tell(title="One moment", say=f"Preparing chapter {to + 1}.", place="")
            self.phase = Phase.PREPARING
            before, self.stage.fast = self.stage.fast, True
            self._play(self._reached)
            deadline = time.monotonic() + _LONGEST_CHAPTER_S
            while self.missing() and self.stage.busy() and time.monotonic() < deadline:
                time.sleep(_TICK_S)
                self.done = self.stage.happened()
            self.stage.fast = before
            self._keep(self._reached + 1)
        self._begin(to)

    def _keep(self, number: int) -> None:
        """Take the snapshot that a chapter begins from, once no buyer of the one before does anything."""
        self.stage.end_crowd()
        self.stage.keep(f"chapter-{number}")
        self._reached = number

    def _begin(self, number: int) -> None:
        """Show a chapter from its own snapshot on."""
        self.phase = Phase.PREPARING
        self._play(number)
        self.phase, self._changed = Phase.PLAYING, time.monotonic()
        place = f"{number + 1} of {len(self.story.chapters)}"
        self.tell(title=self.chapter.title, say=self.chapter.say, place=place)

    def _play(self, number: int) -> None:
        self.at = number
        self.stage.back_to(f"chapter-{number}")
        self.done = Counter()
        for what, values in self.chapter.steps:
            try:
                self.stage.carry_out(what, values)
            except ControlError as error:
                self._warn(f"{self.chapter.title}: {what}: {error}")

    def _watch(self) -> None:
        """Look whether the chapter has come to what it waits for; without a presenter, go on then."""
        now = time.monotonic()
        waited_s, reading_s = now - self._changed, _GLANCE_S if self.stage.fast else self.story.read / 1000
        if self.phase is Phase.PLAYING:
            self.done = self.stage.happened()
            is_done = not self.missing() and not self.stage.busy()
            if is_done or waited_s > (_LONGEST_CHAPTER_S if self.stage.busy() else _GRACE_S):
                if not is_done:
                    self._warn(f"{self.chapter.title}: did not come to {_words(self.missing()) or 'its end'}")
                self.phase, self._changed = Phase.READY, now
        elif self.phase is Phase.READY and self.auto and waited_s > reading_s:
            self._next()
        elif self.phase is Phase.ENDED and self.auto:
            if self.loop:
                self.began = now
                self._begin(0)
            else:
                self.is_over = True

    def _pause(self) -> None:
        """Let the world stand still, or go on from there."""
        if self.phase is Phase.PAUSED:
            self.stage.stand_still(still=False)
            self.phase = self._before
        elif self.phase is not Phase.IMPROVISING:
            self._before, self.phase = self.phase, Phase.PAUSED
            self.stage.stand_still(still=True)

    def _improvise(self) -> None:
        """Hand the world over, or take it back as it was."""
        if self.phase is Phase.IMPROVISING:
            self.stage.control("POST", f"/snapshots/{_IMPROVISED}/restore")
            self.stage.gate.set()
            self.phase = self._before
        else:
            if self.phase is Phase.PAUSED:
                self._pause()
            self._before, self.phase = self.phase, Phase.IMPROVISING
            self.stage.gate.clear()
            self.stage.keep(_IMPROVISED)

    def _warn(self, words: str) -> None:
        self.warnings = [*self.warnings, words][-_MOST_WARNINGS:]


def _words(missing: dict[str, str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in missing.items())
