"""Every page: axe finds nothing in either theme, keys alone are enough, scripts may be blocked, motion refused."""

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import AXE
from tests.console.every_page import THEMES, WIDTHS, every_page, lived_in

pytestmark = pytest.mark.browser


def axe(page: Page) -> list[str]:
    """Return what axe finds: the rule, the help, the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.joinpath("axe.min.js").read_text())
    vendored = page.locator("#swagger-ui").count() > 0  # its markup is not ours to change, and brings a second <main>
    options = {"resultTypes": ["violations"], "rules": {"landmark-no-duplicate-main": {"enabled": not vendored}}}
    where = {"exclude": [["#swagger-ui"]]}
    found = page.evaluate("([where, options]) => axe.run(where, options)", [where, options])["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]


def in_every_theme(page: Page) -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {each}" for each in axe(page)]
    return found


OVERLAPPING = """() => {
  const cards = [...document.querySelectorAll(".card, .event")].map((card) => [card, card.getBoundingClientRect()]);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  return cards.flatMap(([one, a], at) => cards.slice(at + 1)
    .filter(([other, b]) => !one.contains(other) && !apart(a, b))
    .map(([other]) => `${one.innerText.slice(0, 20)} / ${other.innerText.slice(0, 20)}`));
}"""
"""The cards of a page that lie on each other."""


def badly_laid_out(page: Page) -> list[str]:
    """Return the widths at which a page is wider than its window, or its cards lie on each other."""
    found = []
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"):
            found.append(f"scrolls sideways at {width}")
        found += [f"overlap at {width}: {pair}" for pair in page.evaluate(OVERLAPPING)]
    return found


def test_axe_finds_nothing_in_any_theme_and_every_page_is_laid_out_well(browser, tmp_path):
    page, found = browser.new_context(reduced_motion="reduce").new_page(), {}
    with every_page(browser, tmp_path) as pages:
        for name, url in pages.items():
            page.goto(url)
            found[name] = badly_laid_out(page)
            page.set_viewport_size({"width": 1280, "height": 800})
            found[name] += in_every_theme(page)
        page.goto(pages["inventory"])
        page.locator("li.listing summary").first.click()
        page.locator("details[open] form").first.wait_for()
        found["menu"] = in_every_theme(page)
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        found["keys"] = in_every_theme(page)
    page.context.close()
    assert {name: told for name, told in found.items() if told} == {}


def test_keys_alone_are_enough(world):
    lived_in(world)
    page = world.open("/calls")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.href")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.href") != first
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("hold")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(f"{world.console}/")
    page.keyboard.press("/")
    page.keyboard.type("tg-10")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/?q=tg-10*")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_everything_can_be_read_with_scripts_blocked(world):
    call = lived_in(world)["refused"]
    page = world.open("/", live=False, java_script_enabled=False)
    expect(page.locator("li.listing", has_text="TG-1042").locator(".s i")).to_have_count(3)
    expect(page.locator("#feed .call").nth(1)).to_contain_text("insufficient_quantity")
    page.get_by_label("Search by Remote ID").fill("TG-1042")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("li.listing")).to_have_count(1)
    page.goto(f"{world.console}/calls/{call}")
    expect(page.locator(".why")).to_contain_text("No scenario interfered")
    expect(page.locator(".holders")).to_contain_text("holds 2 (seats 7, 8)")


def test_nothing_moves_when_reduced_motion_is_asked_for(world):
    page = world.open("/", reduced_motion="reduce")
    world.hold()
    expect(page.locator("li.listing .h i")).to_have_count(2)
    assert page.evaluate("document.getAnimations().length") == 0
