"""A rehearsal: what the audience would see while a story plays by itself, as one file for when all else fails.

The file shows the pages as they were, with their captions; it needs neither a server nor a network.
"""

import json
import re
from importlib import resources
from threading import Event

from mockpos.demo.director import Director
from mockpos.http_client import HttpClient, NoResponse, Request

_EVERY_S = 0.08
_MOST_PER_CHAPTER = 40
_MAIN = re.compile(r'<main id="content">.*?</main>', re.DOTALL)
_ICONS = re.compile(r"<svg hidden.*?</svg>", re.DOTALL)


class Rehearsal:
    """Looks at the audience's page again and again; what is new is kept with its chapter."""

    def __init__(self, url: str, director: Director) -> None:
        self._http = HttpClient(url, 30)
        self._director = director
        self.frames: list[tuple[int, str]] = []
        self.icons = ""

    def watch(self, until: Event) -> None:
        """Look until the story is over."""
        while not until.wait(_EVERY_S):
            self._look()
        self._look()

    def replay(self) -> str:
        """Return the file."""
        story = self._director.story
        css = resources.files("mockpos.web.console").joinpath("static/console.css").read_text("utf-8")
        page = resources.files("mockpos.demo").joinpath("templates/demo/replay.html").read_text("utf-8")
        script = resources.files("mockpos.demo").joinpath("static/replay.js").read_text("utf-8")
        frames = json.dumps(self.frames, ensure_ascii=False).replace("</", "<\\/")
        parts = {"TITLE": story.name, "CSS": css, "ICONS": self.icons, "FRAMES": frames, "SCRIPT": script}
        for name, text in parts.items():
            page = page.replace(f"@{name}@", text)
        return page

    def _look(self) -> None:
        chapter = self._director.at
        try:
            page = self._http.send(Request("GET", "/_mock/console/show")).body.decode("utf-8", "replace")
        except NoResponse:
            return
        main = _MAIN.search(page)
        if main is None or sum(number == chapter for number, _ in self.frames) >= _MOST_PER_CHAPTER:
            return
        self.icons = self.icons or _ICONS.search(page)[0]  # type: ignore[index]  # the same page has them
        if not self.frames or self.frames[-1] != (chapter, main[0]):
            self.frames.append((chapter, main[0]))
