"""Every page there is to look at, over a world in which something of everything has happened.

Run ``python -m tests.console.every_page FOLDER`` for a picture of each, in both themes, at three widths.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from mockpos.web.docs.blueprint import PAGES
from tests.conftest import running_server
from tests.console.world import World, open_browser

WIDTHS = {390: 844, 1280: 800, 1920: 1080}
THEMES = ("light", "dark")
DOCS = (*PAGES, "/docs/control", "/docs/search?q=hold")


@contextmanager
def running_demo(folder: Path, *arguments: str) -> Iterator[str]:
    """Start a demo; hand out its address. It is interrupted at the end, as a presenter does, and must leave nothing."""
    command = [sys.executable, "-m", "mockpos", "demo", *arguments, "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        found = next(
            (seen for line in process.stderr if (seen := re.search(r"audience\s+(http://\S+)/_mock", line))), None
        )
        assert found, "the demo ended before it began"
        yield found[1]
    finally:
        process.send_signal(2)
        process.communicate(timeout=20)
    assert process.returncode in (0, 130)


def lived_in(world: World) -> Mapping[str, str]:
    """Fill a world with a bit of everything; return the request ids of a good, a refused and a lost call."""
    world.invoice(world.hold())
    world.hold(quantity=2)
    world.hold("TG-RETIRED")
    world.control("POST", "/pos/sell", json={"remote_id": "TG-1042", "quantity": 1})
    world.control("POST", "/pos/reprice", json={"remote_id": "TG-1042", "wholesale_price": "99.00"})
    good = world.call("POST", "/v1/holds", {"remote_id": "TG-1001", "quantity": 2, "global_id": "a-good-one"})
    refused = world.call("POST", "/v1/holds", {"remote_id": "TG-1042", "quantity": 8, "global_id": "too-many"})
    world.lose("TG-1042", "a-lost-one")
    world.control("PUT", "/scenario", json={"name": "lost-answers"})
    lost = world.control("GET", "/requests?global_id=a-lost-one")["requests"][0]["request_id"]
    return {"good": good.headers["X-Request-Id"], "refused": refused.headers["X-Request-Id"], "lost": lost}


@contextmanager
def every_page(browser: Browser, folder: Path) -> Iterator[Mapping[str, str]]:
    """Serve a lived-in world, an empty one, a demo, and one beyond loopback; hand out each page's address by a name."""
    options = ("--memory", "--quiet")
    beyond = folder / "beyond"
    beyond.mkdir()
    with (
        running_server(folder, *options) as server,
        running_server(beyond, *options, "--host", "0.0.0.0", "--control-token", "t0ken") as guarded,
        running_demo(folder, "lost-answer", "--name", "Acme Tickets", "--colour", "#0a7d55") as demo,
    ):
        world = World(server.url, "default", "mockpos-dev-key", browser)
        calls = lived_in(world)
        world.control("POST", "/sandboxes", json={"name": "empty", "from": {"fixture": "tiny"}})
        console, empty = f"{server.url}/_mock/console", f"{server.url}/s/empty/_mock/console"
        yield {
            "inventory": f"{console}/", "inventory-none": f"{console}/?q=nothing-like-it",
            "calls": f"{console}/calls", "calls-failed": f"{console}/calls?failed=1", "calls-none": f"{empty}/calls",
            **{f"call-{kind}": f"{console}/calls/{request_id}" for kind, request_id in calls.items()},
            "listing": f"{console}/listing?remote_id=TG-1042", "numbers": f"{console}/numbers",
            "numbers-none": f"{empty}/numbers", "controls": f"{console}/controls",
            "refused": f"{console}/calls/nobody", "token": f"http://127.0.0.1:{guarded.url.rpartition(':')[2]}/_mock/console/",
            "audience": f"{demo}/_mock/console/show", "presenter": f"{demo}/_mock/console/present",
            **{f"docs-{path.removeprefix('/docs').lstrip('/')}": server.url + path for path in DOCS},
        }  # fmt: skip


def main(out: Path) -> None:
    """Take the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with (
        open_browser() as browser,
        tempfile.TemporaryDirectory() as folder,
        every_page(browser, Path(folder)) as pages,
    ):
        for theme in THEMES:
            for width, height in WIDTHS.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce",
                )  # fmt: skip
                page = context.new_page()
                for name, url in pages.items():
                    page.goto(url)
                    if page.locator("[hx-sse\\:connect]").count():
                        page.locator("#live[data-state=on]").wait_for(state="attached")
                    page.screenshot(
                        path=out / f"{name.partition('?')[0]}-{width}-{theme}.png",
                        full_page=not name.startswith("docs"),
                    )
                context.close()
    print(f"{len(pages) * len(THEMES) * len(WIDTHS)} pictures in {out}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, help="where the pictures go; made where it is missing")
    main(arguments.parse_args().folder)
