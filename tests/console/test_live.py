"""The stream: what is looked at does not move, a pause loses nothing, a restart is noticed, names are inert."""

import os
import re
import subprocess

import httpx
import pytest
from playwright.sync_api import expect

from tests.conftest import running_server
from tests.console.world import World

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.title='owned'>"


def test_a_call_that_is_focused_stays_where_it_is_while_others_come(world):
    world.hold()
    page = world.open()
    row = page.locator("#feed .call a").first
    row.focus()
    before = row.bounding_box()
    for number in range(100):
        world.hold("MOCK-OK", 1, f"more-{number}")
    expect(page.locator("#new-rows")).to_have_text(re.compile(r"\d+ new"))
    expect(page.locator("#live")).to_have_text(re.compile(r"live, behind by \d+"))
    assert row.bounding_box() == before
    assert row.evaluate("element => element === document.activeElement")
    page.locator("#new-rows").click()
    expect(page.locator("#feed .call").first).to_contain_text("more-99")


def test_an_open_listing_stays_open_and_in_place_while_its_seats_change(world):
    page = world.open()
    menu = page.locator("li.listing", has_text="TG-1042").locator("details")
    menu.locator("summary").click()
    menu.get_by_role("button", name="Reprice").wait_for()
    before = menu.bounding_box()
    for _ in range(3):
        world.invoice(world.hold())
    expect(page.locator("li.listing", has_text="TG-1042").locator(".s i")).to_have_count(6)
    assert menu.get_by_role("button", name="Reprice").is_visible()
    assert menu.bounding_box() == before


def test_a_pause_counts_and_loses_nothing(world):
    page = world.open()
    page.keyboard.press(".")
    expect(page.locator("#live")).to_contain_text("paused")
    world.hold(global_id="while-paused")
    expect(page.locator("#live")).to_contain_text("paused, behind by 1")
    expect(page.locator("#feed .call")).to_have_count(0)
    page.keyboard.press(".")
    expect(page.locator("#feed .call")).to_contain_text(["while-paused"])
    expect(page.locator("li.listing", has_text="TG-1042").locator(".h i")).to_have_count(2)


def test_hostile_names_run_nothing_and_break_no_layout(world):
    head = "Event,Venue,EventDate,EventTime,Section,Row,SeatFrom,SeatThru,Quantity,WholesalePrice,TicketID"
    csv = f'{head}\n"{HOSTILE}",{HOSTILE},2030-01-01,19:30,"{HOSTILE}",1,1,2,2,9.50,{HOSTILE}\n'
    world.call("POST", "/v1/holds", {"remote_id": HOSTILE, "quantity": 1, "global_id": "g-1"}, **{"X-Buyer": HOSTILE})
    refused = world.call("POST", "/v1/holds", {"remote_id": "TG-1042", "quantity": 1, "global_id": HOSTILE})
    page = world.open()
    for path in ("/", "/calls", f"/calls/{refused.headers['X-Request-Id']}", "/controls"):
        page.goto(world.console + path)
        assert "owned" not in page.title()
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": csv.encode()})
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#imported")).to_contain_text("Imported: 1 added.")
    page.goto(f"{world.console}/?q={HOSTILE}")
    expect(page.locator("li.listing .place b")).to_have_text(HOSTILE)
    page.locator("li.listing .place").click()
    expect(page.locator(".crumbs")).to_contain_text(HOSTILE)
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    world.complaints[:] = [told for told in world.complaints if "Failed to load resource" not in told]


def test_a_restart_is_noticed_and_the_page_shows_the_new_world(browser, tmp_path):
    with running_server(tmp_path, "--memory", "--quiet") as server:
        port = server.url.rpartition(":")[2]
        world = World(server.url, "default", "mockpos-dev-key", browser)
        page = world.open()
        world.hold()
        expect(page.locator("li.listing", has_text="TG-1042").locator(".h i")).to_have_count(2)
        page.get_by_role("button", name="Buy 2 tickets", exact=True).click()
        expect(page.locator("#buy")).to_contain_text("Holds seats 7, 8 for this buyer")
        server.stop()
        expect(page.locator("#live")).to_contain_text("disconnected")
        expect(page.locator("#alarm")).to_contain_text("connection to mockpos is lost")
    with running_server(tmp_path, "--memory", "--quiet", "--port", port):
        expect(page.locator("#live")).to_have_text("live")
        expect(page.locator("li.listing", has_text="TG-1042").locator(".f i")).to_have_count(8)
        expect(page.locator("#alarm")).to_have_text("")
        expect(page.locator("#buy .buyer.unknown")).to_contain_text("mockpos was restarted meanwhile")
        expect(page.locator("#buy")).to_contain_text("Nothing under this Global ID.")
    page.context.close()


def test_a_reset_by_somebody_else_is_shown_on_an_open_page(world):
    page = world.open()
    world.hold()
    row = page.locator("li.listing", has_text="TG-1042")
    expect(row.locator(".h i")).to_have_count(2)
    expect(page.locator("#feed .call")).to_have_count(1)
    world.control("POST", "/reset")
    expect(row.locator(".f i")).to_have_count(8)
    expect(page.locator("#feed .call")).to_have_count(0)
    expect(page.locator("#totals .h dd")).to_contain_text("0")
    world.hold()
    expect(row.locator(".h i")).to_have_count(2)
    expect(page.locator("#feed .call")).to_have_count(1)


def test_the_life_of_a_listing_goes_on_on_an_open_page(world):
    page = world.open("/listing?remote_id=TG-1042")
    world.hold(global_id="newcomer")
    expect(page.locator("#life li").first).to_contain_text("newcomer")
    expect(page.locator("#seats .h i")).to_have_count(2)
    world.control("POST", "/pos/sell", json={"remote_id": "TG-1042", "quantity": 1})  # at once, and no call
    expect(page.locator("#seats .s i")).to_have_count(1)


def test_what_is_fetched_late_does_not_cover_what_the_stream_has_told_since(world):
    page = world.open()
    waiting = []
    page.route(f"{world.console}/", lambda route: waiting.append(route))
    page.keyboard.press(".")
    page.keyboard.press(".")
    while not waiting:
        page.wait_for_timeout(20)
    older = waiting[0].fetch()
    world.hold(global_id="newer")
    page.wait_for_timeout(500)  # its message is there by now
    waiting[0].fulfill(response=older)
    expect(page.locator("li.listing", has_text="TG-1042").locator(".h i")).to_have_count(2)
    expect(page.locator("#feed .call")).to_contain_text(["newer"])
    page.keyboard.press(".")
    page.keyboard.press(".")
    while len(waiting) < 2:
        page.wait_for_timeout(20)
    world.hold(global_id="told-and-fetched")
    page.wait_for_timeout(500)
    waiting[1].continue_()
    expect(page.locator("#feed .call")).to_contain_text(["told-and-fetched", "newer"])


def test_beyond_loopback_the_token_opens_the_console_and_a_view_link_only_shows(browser, tmp_path):
    options = ("--memory", "--quiet", "--host", "0.0.0.0", "--control-token", "t0ken")
    with running_server(tmp_path, *options) as server:
        world = World(server.url, "default", "mockpos-dev-key", browser)
        page = world.open(live=False)
        assert "TG-1042" not in page.content()
        page.get_by_label("Token").fill("wrong")
        page.get_by_role("button", name="Open the console").click()
        expect(page.get_by_role("alert")).to_contain_text("not the token")
        page.get_by_label("Token").fill("t0ken")
        page.get_by_role("button", name="Open the console").click()
        expect(page.locator("#live[data-state=on]")).to_be_visible()
        world.hold()
        expect(page.locator("li.listing", has_text="TG-1042").locator(".h i")).to_have_count(2)
        page.get_by_role("link", name="Controls").click()
        page.locator(".page-controls #live[data-state=on]").wait_for()
        page.get_by_role("button", name="Make a link").click()
        link = page.locator("#view-links .list a").get_attribute("href")

        viewer = browser.new_context().new_page()
        viewer.goto(server.url + link)
        expect(viewer.locator("li.listing").first).to_contain_text("109")
        expect(viewer.locator("#live[data-state=on]")).to_be_visible()
        assert viewer.locator("form, button:visible").count() == 0
        token = link.partition("t=")[2]
        for path in ("/listings", "/console/", f"/console/?t={token}"):
            assert "TG-1042" not in httpx.get(f"{server.url}/_mock{path}").text
        page.get_by_role("button", name="Revoke").click()
        expect(page.locator("#view-links .list a")).to_have_count(0)
        assert httpx.get(server.url + link).status_code == 401
        for opened in (page, viewer):
            opened.context.close()


@pytest.mark.parametrize("late", ["htmx.min.js", "hx-sse.min.js", "console.js", "files.js", "early.js"])
def test_a_page_is_live_whichever_of_its_scripts_comes_late(world, late):
    page = world.open(live=False)
    waiting = []
    page.route(f"**/{late}", lambda route: waiting.append(route))
    page.reload(wait_until="commit")
    page.wait_for_timeout(500)  # the others are there by now
    assert len(waiting) == 1
    waiting[0].continue_()
    expect(page.locator("#live")).to_have_attribute("data-state", "on")


@pytest.mark.parametrize("late", ["htmx.min.js", "console.js"])
def test_a_button_that_is_pressed_before_the_page_is_ready_does_what_it_says_once_it_is(world, late):
    page = world.open(live=False)
    waiting = []
    page.route(f"**/{late}", lambda route: waiting.append(route))
    page.reload(wait_until="commit")
    page.get_by_role("button", name="Buy 2 tickets", exact=True).click(no_wait_after=True)
    assert page.url == f"{world.console}/"
    waiting[0].continue_()
    expect(page.locator("#buy .buyer.confirmed")).to_be_visible()
    assert world.control("GET", "/listings/TG-1042")["sold"] == 2, "once"


@pytest.mark.parametrize(
    ("path", "button", "late"), [("/controls", "Import", "files.js"), ("/token", "Open the console", "token.js")]
)
def test_a_form_that_only_a_script_can_send_cannot_be_sent_before_it_is_there(browser, tmp_path, path, button, late):
    beyond = ("--host", "0.0.0.0", "--control-token", "t0ken") if path == "/token" else ()
    with running_server(tmp_path, "--memory", "--quiet", *beyond) as server:
        page = browser.new_context().new_page()
        waiting = []
        page.route(f"**/{late}", lambda route: waiting.append(route))
        page.goto(f"{server.url}/_mock/console{path.replace('/token', '/')}", wait_until="commit")
        expect(page.get_by_role("button", name=button)).to_be_disabled()
        while not waiting:
            page.wait_for_timeout(20)
        waiting[0].continue_()
        expect(page.get_by_role("button", name=button)).to_be_enabled()
        page.context.close()


@pytest.mark.parametrize(("key", "told"), [("", '"replayed":true'), ("wrong-key", '"code":"api_key_invalid"')])
def test_the_curl_of_a_call_works_in_a_shell_as_it_is(world, key, told):
    world.hold(global_id="mine")
    page = world.open("/calls?global_id=mine", permissions=["clipboard-read"])
    page.locator(".track a").click()
    page.locator("#live[data-state=on]").wait_for()
    page.keyboard.press("c")
    expect(page.locator("#said")).to_have_text("Copied.")
    command = page.evaluate("navigator.clipboard.readText()")
    assert command == page.locator("#curl").text_content()
    variables = {"PATH": os.environ["PATH"], **({"MOCKPOS_KEY": key} if key else {})}
    done = subprocess.run(["sh", "-c", command], env=variables, capture_output=True, text=True, timeout=20, check=True)
    assert told in done.stdout
