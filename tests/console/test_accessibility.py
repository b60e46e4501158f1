"""Every page: axe finds nothing in either theme, keys alone are enough, scripts may be blocked, motion refused."""

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import AXE

pytestmark = pytest.mark.browser

PAGES = ["/", "/calls", "/numbers", "/controls", "/listing?remote_id=TG-1042", "/calls/{call}"]


def axe(page: Page) -> list[str]:
    """Return what axe finds: the rule, the help, the elements."""
    page.evaluate(AXE.joinpath("axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]


def lived_in(world) -> str:
    """Fill a world with a bit of everything; return the request id of a refused call."""
    world.invoice(world.hold())
    world.hold(quantity=2)
    world.hold("TG-RETIRED")
    refused = world.call("POST", "/v1/holds", {"remote_id": "TG-1042", "quantity": 8, "global_id": "too-many"})
    return refused.headers["X-Request-Id"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(world, theme):
    call = lived_in(world)
    world.control("PUT", "/scenario", json={"name": "lost-answers"})
    page = world.open("/", color_scheme=theme, reduced_motion="reduce")
    found = {}
    for path in PAGES:
        page.goto(world.console + path.format(call=call))
        found[path] = axe(page)
    page.goto(world.console + "/")
    page.locator("li.listing summary").first.click()
    page.locator("details[open] form").first.wait_for()
    found["menu"] = axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    found["keys"] = axe(page)
    assert {path: told for path, told in found.items() if told} == {}


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
    call = lived_in(world)
    page = world.open("/", live=False, java_script_enabled=False)
    expect(page.locator("li.listing", has_text="TG-1042").locator(".s i")).to_have_count(2)
    expect(page.locator("#feed .call").first).to_contain_text("insufficient_quantity")
    page.get_by_label("Search by Remote ID").fill("TG-1042")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("li.listing")).to_have_count(1)
    page.goto(f"{world.console}/calls/{call}")
    expect(page.locator(".why")).to_contain_text("No scenario interfered")
    expect(page.locator(".holders")).to_contain_text("holds 2 (seats 7, 8)")


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_no_page_scrolls_sideways(world, width):
    call = lived_in(world)
    page = world.open("/", width=width, height=844)
    for path in PAGES:
        page.goto(world.console + path.format(call=call))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{path} is {wide} px wider than {width}"


def test_nothing_moves_when_reduced_motion_is_asked_for(world):
    page = world.open("/", reduced_motion="reduce")
    world.hold()
    expect(page.locator("li.listing .h i")).to_have_count(2)
    assert page.evaluate("document.getAnimations().length") == 0
