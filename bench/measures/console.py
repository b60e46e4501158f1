"""The console's first page in a browser: what it costs the calls beside it, whether it grows, and how soon it shows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.load.one_call import hold_once
from bench.load.steady_caller import SteadyCaller
from bench.measurement import Measurement, Outcome, Value, spread
from bench.servers.mockpos_serve import mockpos
from bench.servers.server import Running
from bench.tools import where
from bench.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

_RATE = 200
_LISTINGS = 1000
_CHANGES = 15
_HELD = "/?q=TG-1005"
"""A page of listings that are held meanwhile: their seats change before one's eyes."""

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_FIRST_LISTING = "document.querySelector('li.listing')"
_WATCH = f"""() => {{
  const row = {_FIRST_LISTING}, before = row.querySelector(".state").textContent;
  window.seen = new Promise((resolve) => {{
    const look = () => row.querySelector(".state").textContent === before
      ? requestAnimationFrame(look) : resolve(performance.now());
    look();
  }});
  return performance.now();
}}"""


def run(workspace: Workspace) -> Outcome:
    """Open the page of many listings beside steady calls and without, in turn; then see how soon it shows."""
    outcome = Outcome()
    inventory = workspace.inventory(listings=workspace.effort.many_listings, seats=10_000)
    _first_paints(workspace, outcome, inventory)
    _beside_calls(workspace, outcome, inventory)
    return outcome


def _beside_calls(workspace: Workspace, outcome: Outcome, inventory: Path) -> None:
    seconds = 6 * workspace.effort.seconds
    rounds: dict[str, list[dict[str, float]]] = {"without": [], "with": []}
    with workspace.running(mockpos(inventory, workspace.effort.many_listings)) as server:
        _round(server, workspace.effort.warm_up)
        for number in range(1, workspace.effort.rounds + 1):
            workspace.tell(f"round {number} of {workspace.effort.rounds}: {seconds} s without the page")
            rounds["without"].append(_round(server, seconds))
            workspace.tell(f"round {number} of {workspace.effort.rounds}: {seconds} s with the page open")
            with _opened(server, _HELD) as (_page, devtools, complaints):
                before = _browser_memory(devtools)
                rounds["with"].append({**_round(server, seconds), "complaints": len(complaints)})
                after = _browser_memory(devtools)
            outcome.notes.append(f"browser, round {number}: {before} before and {after} after")
            if complaints:
                outcome.notes.append(f"the browser's console said: {complaints[:3]}")
    outcome.series["without"] = {"title": "without the page", "rounds": rounds["without"]}
    outcome.series["with"] = {"title": "with the page open", "rounds": rounds["with"]}
    pairs = zip(rounds["with"], rounds["without"], strict=True)
    costs = " against ".join(f"{spread([one['cpu_us'] for one in rounds[name]]).value:.0f} us" for name in rounds)
    outcome.values["console_cpu"] = spread([one["cpu_us"] / other["cpu_us"] for one, other in pairs], costs)


def _first_paints(workspace: Workspace, outcome: Outcome, inventory: Path) -> None:
    many = workspace.effort.many_listings
    with workspace.running(mockpos(inventory, many)) as server:
        paints: list[float] = []
        for _ in range(workspace.effort.rounds):
            with _opened(server) as (page, _, _complaints):
                paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        with _opened(server) as (page, _, _complaints):
            changes = [_change_ms(server, page) for _ in range(_CHANGES)]
    outcome.values["console_paint"] = spread([paint / 1000 for paint in paints], f"{many:,} listings")
    worst = max(changes)
    outcome.values["console_change"] = Value(
        worst, min(changes), worst, f"the longest of {_CHANGES}, {many:,} listings"
    )


def _round(server: Running, seconds: int) -> dict[str, float]:
    before = server.cpu_s()
    calls = len(SteadyCaller(server.port, _LISTINGS, rate=_RATE, seconds=seconds).finish())
    cpu_us = (server.cpu_s() - before) / calls * 1e6
    return {"calls": calls, "cpu_us": round(cpu_us, 1), "resident_bytes": server.resident_bytes()}


def _change_ms(server: Running, page: "Page") -> float:
    """Hold tickets of the first listing on the page; return after how many milliseconds a frame shows it."""
    remote_id = page.locator("li.listing .place small").first.inner_text()
    began = page.evaluate(_WATCH)
    hold_once(server.port, server.server.calls.path, remote_id)
    seen: float = page.evaluate("window.seen")
    time.sleep(1)  # each change comes to a page at rest
    return seen - began


@contextmanager
def _opened(server: Running, path: str = "/") -> Iterator[tuple["Page", "CDPSession", list[str]]]:
    """Open a page of the console, and wait until it is live."""
    from playwright.sync_api import sync_playwright  # not every measurement needs it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where("chromium"), args=list(_FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        complaints: list[str] = []
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"http://127.0.0.1:{server.port}{path}")
        page.locator("#live[data-state=on]").wait_for()
        yield page, page.context.new_cdp_session(page), complaints
        browser.close()


def _browser_memory(devtools: "CDPSession") -> str:
    """Say what the page's scripts hold on to after a collection, and how many nodes it has."""
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("Performance.enable")
    metrics: dict[str, Any] = {
        metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]
    }
    return f"{metrics['JSHeapUsedSize'] / 1e6:.1f} MB of scripts, {metrics['Nodes']:,.0f} nodes"


MEASUREMENT = Measurement(
    name="console",
    summary=f"the console's first page open at {_RATE} calls a second, and over many listings",
    run=run,
    tools=("chromium",),
)
