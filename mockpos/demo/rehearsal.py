"""A rehearsal: what the audience would see while a story plays by itself, as one file for when all else fails.

The file shows the pages as they were, with their captions; it needs neither a server nor a network.
"""

import json
import re
from importlib import resources

from mockpos.http_client import HttpClient, NoResponse, Request

_MOST_PER_CHAPTER = 40
_MAIN = re.compile(r'<main id="content">.*?</main>', re.DOTALL)
_ICONS = re.compile(r"<svg hidden.*?</svg>", re.DOTALL)


class Rehearsal:
    """Looks at the audience's page when it is told to; what is new is kept with its chapter."""

    def __init__(self, url: str) -> None:
        self._http = HttpClient(url, 30)
        self._frames: list[tuple[int, str]] = []
        self._icons = ""

    def look(self, chapter: int) -> None:
        """Look once, while a chapter plays: its number, from 0."""
        try:
            page = self._http.send(Request("GET", "/_mock/console/show")).body.decode("utf-8", "replace")
        except NoResponse:
            return
        main = _MAIN.search(page)
        if main is None or sum(number == chapter for number, _ in self._frames) >= _MOST_PER_CHAPTER:
            return
        self._icons = self._icons or _ICONS.search(page)[0]  # type: ignore[index]  # the same page has them
        if not self._frames or self._frames[-1] != (chapter, main[0]):
            self._frames.append((chapter, main[0]))

    def replay(self, title: str) -> str:
        """Return the file."""
        css = resources.files("mockpos.web.console").joinpath("static/console.css").read_text("utf-8")
        page = resources.files("mockpos.demo").joinpath("templates/demo/replay.html").read_text("utf-8")
        script = resources.files("mockpos.demo").joinpath("static/replay.js").read_text("utf-8")
        frames = json.dumps(self._frames, ensure_ascii=False).replace("</", "<\\/")
        parts = {"TITLE": title, "CSS": css, "ICONS": self._icons, "FRAMES": frames, "SCRIPT": script}
        for name, text in parts.items():
            page = page.replace(f"@{name}@", text)
        return page
