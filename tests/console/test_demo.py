"""A presenter and an audience at one demo: chapters, jumps, improvising and coming back, keys, what is left behind."""

import re
import signal
import subprocess
import sys
import time

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

STORY = """name: mine
summary: Three chapters.
minutes: 3
chapters:
  - {title: Before, say: "{broker} has seats.", note: Only for me., do: [{scenario: none}]}
  - title: Two are sold
    say: Two tickets.
    do: [{buy: {quantity: 2}}]
    until: {bought: 1}
  - title: Two more
    say: And two more.
    do: [{buy: {quantity: 2}}]
    until: {bought: 1}
"""


class Show:
    """One demo, its presenter's page and its audience's."""

    def __init__(self, url: str, browser: Browser) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.presenter, self.audience = self._open(browser, "/present"), self._open(browser, "/show")

    def _open(self, browser: Browser, path: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self.url}/_mock/console{path}")
        page.locator("#live[data-state=on]").wait_for()
        return page

    def press(self, key: str) -> None:
        self.presenter.keyboard.press(key)

    def is_at(self, chapter: int, title: str, phase: str = "ready for the next") -> None:
        expect(self.presenter.locator(".now header")).to_contain_text(re.compile(f"Chapter {chapter} of 3 · {phase}"))
        expect(self.audience.locator("#caption h1")).to_have_text(title)

    def control(self, method: str, path: str, **more: object) -> dict:
        return httpx.request(method, f"{self.url}/_mock{path}", timeout=30, **more).json()

    def sold(self) -> int:
        return sum(each["sold"] for each in self.control("GET", "/listings?limit=500")["listings"])


@pytest.fixture
def show(tmp_path, browser):
    (tmp_path / "mine.yaml").write_text(STORY)
    command = [sys.executable, "-m", "mockpos", "demo", "mine.yaml", "--no-browser", "--port", "0", "--name", "Acme"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    found = None
    while found is None:
        line = process.stderr.readline()
        assert line, "the demo ended before it began"
        found = re.search(r"presenter\s+(http://\S+)/_mock", line)
    shown = Show(found[1], browser)
    yield shown
    for page in (shown.presenter, shown.audience):
        page.context.close()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode in (0, 130)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"], "a demo leaves nothing behind"
    assert shown.complaints == []


def test_a_story_is_told_forth_and_back_and_improvised_in(show):
    show.is_at(1, "Before")
    expect(show.audience.locator("#caption")).to_contain_text("Acme has seats.")
    expect(show.presenter.locator(".note")).to_have_text("Only for me.")
    assert "Only for me" not in show.audience.content()
    show.press("ArrowRight")
    show.is_at(2, "Two are sold")
    assert show.sold() == 2
    expect(show.audience.locator("#totals .s dd")).to_contain_text("2")
    expect(show.audience.locator("li.listing .s i")).to_have_count(2)
    show.press("PageDown")
    show.is_at(3, "Two more")
    assert show.sold() == 4

    show.press("i")
    expect(show.presenter.locator(".now")).to_contain_text("The world is yours")
    show.control("POST", "/pos/sell", json={"remote_id": "TG-1001", "quantity": 1})
    assert show.sold() == 5
    show.press("i")
    show.is_at(3, "Two more")
    assert show.sold() == 4

    show.press("2")
    show.is_at(2, "Two are sold")
    assert show.sold() == 2
    show.press("ArrowLeft")
    show.is_at(1, "Before")
    assert show.sold() == 0


def test_a_jump_ahead_prepares_what_was_skipped(show):
    show.is_at(1, "Before")
    show.press("3")
    show.is_at(3, "Two more")
    assert show.sold() == 4


def test_a_pause_stops_the_clock_and_a_blank_hides_everything(show):
    show.is_at(1, "Before")
    show.press("p")
    expect(show.presenter.locator(".now header")).to_contain_text("paused")
    first = show.control("GET", "/clock")
    assert first["frozen"]
    show.press("b")
    expect(show.audience.locator(".blank")).to_be_visible()
    assert show.control("GET", "/clock")["now"] == first["now"]
    show.press("b")
    expect(show.audience.locator(".blank")).to_have_count(0)
    show.press("Space")
    show.is_at(1, "Before")
    assert not show.control("GET", "/clock")["frozen"]


def test_a_replay_is_looked_at_without_a_server(tmp_path, browser):
    (tmp_path / "mine.yaml").write_text(STORY)
    command = [sys.executable, "-m", "mockpos", "demo", "mine.yaml", "--rehearse", "--port", "0", "--replay", "r.html"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "r.html").as_uri())
    expect(page.locator("h1")).to_have_text("Before")
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_have_text("Two are sold")
    expect(page.locator("#totals .s dd")).to_contain_text("2")
    page.keyboard.press("3")
    expect(page.locator("h1")).to_have_text("Two more")
    page.evaluate("addEventListener('keydown', (event) => { window.taken = event.defaultPrevented; })")
    for key, title in (
        ("PageUp", "Two are sold"),
        ("ArrowLeft", "Before"),
        ("ArrowLeft", "Before"),
        (" ", "Two are sold"),
    ):
        page.keyboard.press(key)
        expect(page.locator("h1")).to_have_text(title)
        assert page.evaluate("window.taken"), f"{key!r} scrolls the page as well"
    assert [url for url in asked if not url.startswith("file:")] == []
    context.close()


def test_a_booth_plays_by_itself_and_begins_again(tmp_path):
    (tmp_path / "mine.yaml").write_text(STORY.replace("minutes: 3", "minutes: 3\nread: 1s"))
    command = [sys.executable, "-m", "mockpos", "demo", "mine.yaml", "--no-browser", "--port", "0", "--loop"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    url = next(found[1] for line in process.stderr if (found := re.search(r"audience\s+(http://\S+)/_mock", line)))
    deadline, titles = time.monotonic() + 60, []
    try:
        while time.monotonic() < deadline and titles.count("Before") < 2:
            found = re.search(r"<h1>(.*?)</h1>", httpx.get(f"{url}/_mock/console/show", timeout=10).text)
            if found and titles[-1:] != [found[1]]:
                titles.append(found[1])
            time.sleep(0.1)  # a page that is looked at, not a condition that is waited for
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert titles[:4] == ["Before", "Two are sold", "Two more", "Before"]
