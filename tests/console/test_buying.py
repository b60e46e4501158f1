"""A person who has never seen mockpos buys two tickets, switches a scenario on and buys again."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_purchase_is_seen_from_free_seats_to_sold_ones_with_its_calls(world):
    page = world.open()
    row = page.locator("li.listing", has_text="TG-1042")
    expect(row.locator(".f i")).to_have_count(8)
    page.get_by_role("button", name="Buy 2 tickets", exact=True).click()
    expect(row.locator(".h i")).to_have_count(2)
    expect(page.locator("#buy")).to_contain_text("Holds seats 5, 6 for this buyer")
    expect(page.locator("#buy .buyer.confirmed")).to_contain_text("Your tickets are confirmed")
    expect(row.locator(".s i")).to_have_count(2)
    expect(page.locator("#buy .steps li")).to_have_text([re.compile("hold.*held.*ms"), re.compile("invoice.*ms")])
    expect(page.locator("#buy")).to_contain_text("Sold seats 5, 6 to this buyer, once.")
    expect(page.locator("#feed .call")).to_have_count(2)
    assert world.control("GET", "/listings/TG-1042")["sold"] == 2


def test_a_lost_answer_is_told_to_the_buyer_and_to_the_broker(world):
    world.control("PUT", "/scenario", json={"scenario": {
        "name": "cut", "rules": [{"id": "lost", "on": "invoice", "when": {"attempt": {"max": 1}}, "fault": "reset",
                                  "phase": "after_commit"}],
    }})  # fmt: skip
    page = world.open()
    page.locator("li.listing", has_text="TG-1042").get_by_role("button", name=re.compile("Buy 2")).click()
    expect(page.locator("#buy .steps .lost")).to_contain_text("Nobody can tell from this whether it took effect")
    expect(page.locator("#buy .buyer.confirmed")).to_contain_text("asked for again, with the same ids")
    expect(page.locator("#buy")).to_contain_text("Sold seats 5, 6 to this buyer, once.")
    expect(page.locator("#feed .lost")).to_contain_text("answer lost")
    assert world.control("GET", "/listings/TG-1042")["sold"] == 2


def test_a_scenario_is_chosen_by_a_sentence_and_shown_in_the_bar(world):
    page = world.open()
    page.get_by_role("button", name=re.compile("Every call takes between 2 and 8 seconds")).click()
    expect(page.locator("#toasts")).to_contain_text("legacy-pos is on")
    expect(page.locator("#world-state")).to_contain_text("legacy-pos")
    assert world.control("GET", "/scenario")["active"] == "legacy-pos"
    page.get_by_role("button", name=re.compile("^none")).click()
    expect(page.locator("#world-state")).not_to_contain_text("legacy-pos")


def test_the_broker_sells_behind_tevos_back_from_a_listings_menu(world):
    world.hold(global_id="victim")
    page = world.open()
    row = page.locator("li.listing", has_text="TG-1042")
    row.locator("summary").click()
    menu = row.locator("details")
    menu.get_by_label("Sell").fill("8")
    menu.get_by_label("held ones too").check()
    menu.get_by_role("button", name="Sell elsewhere").click()
    expect(page.locator("#toasts")).to_contain_text("Sold 8 elsewhere. Broken holds: victim.")
    expect(row.locator(".s i")).to_have_count(8)
    menu.get_by_role("button", name="Sell elsewhere").click()
    expect(page.locator("#toasts .bad")).to_contain_text("8 cannot be sold: 0 are free")
    assert world.complaints == ["Failed to load resource: the server responded with a status of 409 (Conflict)"], (
        "nothing but what the browser itself says of a refusal"
    )
    world.complaints.clear()


def test_the_clock_is_moved_and_holds_lapse_on_the_screen(world):
    world.hold()
    page = world.open()
    row = page.locator("li.listing", has_text="TG-1042")
    expect(row.locator(".hold time")).to_have_text(re.compile(r"14:\d\d"))
    page.get_by_role("button", name="+15 min").click()
    expect(page.locator("#toasts")).to_contain_text("1 hold lapsed")
    expect(row.locator(".f i")).to_have_count(8)
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator("#world-state")).to_contain_text("clock stands still")
    page.get_by_role("button", name="Real time").click()
    expect(page.locator("#clock-state")).to_have_text("")


def test_two_browsers_see_each_others_changes(world):
    one, other = world.open(), world.open()
    one.locator("li.listing", has_text="TG-1042").get_by_role("button", name=re.compile("Buy 2")).click()
    expect(other.locator("li.listing", has_text="TG-1042").locator(".s i")).to_have_count(2)
    expect(other.locator("#totals .s dd")).to_contain_text("2")
