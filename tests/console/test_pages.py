"""What the pages answer beside what a browser shows: who gets which page, headers, hostile names, vendored files."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import escape

from tests.conftest import ROOT, a_listing

HTML = {"Accept": "text/html,application/xhtml+xml"}
STATIC = ROOT / "mockpos" / "web" / "console" / "static"
HOSTILE = "<img src=x onerror=alert(1)>\"'&</script>"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def test_the_console_is_the_first_page_where_the_control_plane_is_open(bed):
    answer = bed.client.get("/", headers=HTML)
    assert "Buy as TEvo does" in answer.text
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_beyond_loopback_the_first_page_is_documentation_and_the_console_an_empty_frame(make_bed):
    bed = make_bed(a_listing("SECRET-1"), host="0.0.0.0", control_token="t0ken")
    first, console = bed.client.get("/", headers=HTML), bed.client.get("/_mock/console/", headers=HTML)
    assert "An automator to test against" in first.text
    assert "This console needs the control token" in console.text
    assert "SECRET-1" not in console.text
    shown = bed.client.get("/_mock/console/", headers={**HTML, "X-Mockpos-Token": "t0ken"})
    assert "SECRET-1" in shown.text


@pytest.mark.parametrize(
    "path",
    ["/", "/calls", "/numbers", "/controls", "/listing?remote_id=TG-1", "/stream", "/show", "/show/stream"],
)
def test_no_page_tells_anything_beyond_loopback_without_the_token(make_bed, path):
    bed = make_bed(a_listing("TG-1", section="SECRET"), host="0.0.0.0", control_token="t0ken")
    for headers in ({}, {"HX-Request": "true"}, {"HX-Request": "true", "X-Mockpos-Token": "wrong"}):
        answer = bed.client.get(f"/_mock/console{path}", headers=headers)
        assert "SECRET" not in answer.text
        assert answer.status_code == (401 if headers else 200)


def test_a_browser_is_led_from_the_control_plane_to_the_console_and_a_program_is_not(bed):
    refused = bed.hold("TG-NONE")
    instance = refused.json["instance"]
    led = bed.client.get(instance, headers=HTML)
    assert (led.status_code, led.headers["Location"]) == (303, f"/_mock/console/calls/{refused.json['request_id']}")
    assert bed.client.get(instance).json["response"]["code"] == "listing_not_found"
    assert bed.client.get("/_mock/", headers=HTML).headers["Location"] == "/_mock/console/"
    assert {"method": "GET", "path": "/_mock/listings", "summary": "List listings"} in bed.client.get("/_mock/").json[
        "calls"
    ]
    assert "listing_not_found" in bed.client.get(led.headers["Location"], headers=HTML).text


def test_behind_a_sandboxs_path_a_browser_is_led_within_it(bed):
    bed.call("PUT", "/_mock/sandboxes/one")
    for mounted_at in ("", "/mock"):
        console = f"{mounted_at}/s/one/_mock/console/"
        environ = {"SCRIPT_NAME": mounted_at}
        led = bed.client.get("/s/one/_mock/requests", headers=HTML, environ_overrides=environ)
        assert led.headers["Location"] == f"{console}calls"
        refused = bed.client.get("/s/one/_mock/console/calls/nobody", headers=HTML, environ_overrides=environ).text
        assert f'href="{console}"' in refused


def test_the_links_of_events_lead_a_browser_to_the_calls_of_their_global_id(bed):
    bed.hold(global_id="g/1?x")
    led = bed.client.get("/_mock/requests?global_id=g-1", headers=HTML)
    assert led.headers["Location"] == "/_mock/console/calls?global_id=g-1"


def test_hostile_names_are_text_on_every_page(make_bed):
    bed = make_bed(a_listing(HOSTILE, section=HOSTILE, row=HOSTILE))
    bed.call("POST", "/v1/holds", {"remote_id": HOSTILE, "quantity": 1, "global_id": "g-1"}, X_Buyer=HOSTILE)
    bed.call("POST", "/v1/holds", {"remote_id": HOSTILE, "quantity": 1, "global_id": HOSTILE})
    request_id = bed.call("GET", "/<script>alert(1)</script>").headers["X-Request-Id"]
    paths = ["/", "/calls", "/numbers", "/controls", f"/calls/{request_id}", "/calls?global_id=%3Cimg%20src%3Dx%3E"]
    paths += ["/listing?remote_id=" + HOSTILE.replace("<", "%3C").replace("&", "%26").replace(" ", "%20")]
    for path in paths:
        text = bed.client.get(f"/_mock/console{path}", headers=HTML).text
        assert "<img" not in text, path
        assert "<script>alert" not in text, path
        attributes = attributes_in(text)
        assert not [name for name in attributes if name == "style" or name.startswith(("on", "hx-on"))], path


def attributes_in(text: str) -> set[str]:
    """Return the names of all attributes of a page."""
    found: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.update(name for name, _ in attributes)
    parser.feed(text)
    return found


def test_a_page_that_is_not_there_is_told_as_a_page(bed):
    answer = bed.client.get("/_mock/console/calls/nobody", headers=HTML)
    assert answer.status_code == 404
    assert "No call &#39;nobody&#39; is in the journal" in answer.text
    assert answer.headers["Content-Security-Policy"] == POLICY


def test_another_site_cannot_press_a_button(bed):
    answer = bed.client.post("/_mock/console/act/reset", data={}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


def test_an_action_without_scripts_leads_back_to_the_controls(bed):
    answer = bed.client.post("/_mock/console/act/clock", data={"freeze": "true"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/_mock/console/controls")
    assert bed.client.get("/_mock/clock").json["frozen"]


@pytest.mark.parametrize(
    ("action", "form", "told"),
    [
        ("sell", {"remote_id": "TG-1", "quantity": "x"}, "quantity: must be a whole number"),
        ("sell", {"remote_id": "TG-NONE", "quantity": "1"}, "There is no listing"),
        ("reprice", {"remote_id": "TG-1", "wholesale_price": "1.234"}, "wholesale_price"),
        ("clock", {"set": "yesterday"}, "body.set"),
        ("scenario", {"name": "lost-anwsers"}, "lost-answers"),
        ("inline", {"yaml": "name: x\nrules: 3"}, "rules"),
        ("restore", {"name": "nothing"}, "There is no snapshot"),
        ("nonsense", {}, "There is no action"),
    ],
)
def test_a_button_that_cannot_do_it_says_why_and_changes_nothing(bed, action, form, told):
    answer = bed.client.post(f"/_mock/console/act/{action}", data=form, headers={"HX-Request": "true"})
    assert answer.status_code in (400, 404, 409, 422)
    assert told in answer.text
    assert bed.client.get("/_mock/listings/TG-1").json["available"] == 4


@pytest.mark.parametrize("quantity", ["0", "1001", "0010001", "000001" + "9" * 5000, "2.0", "", "\u0662"])
def test_no_more_tickets_are_bought_than_the_limit_says_however_they_are_written(bed, quantity):
    answer = bed.client.post("/_mock/console/buy", data={"remote_id": "TG-1", "quantity": quantity})
    assert (answer.status_code, "Buy from 1 to 1,000 tickets" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("action", "form", "method", "path", "body"),
    [
        ("scenario", {"name": "nope"}, "PUT", "/scenario", {"name": "nope"}),
        ("clock", {"advance": "-1m"}, "POST", "/clock", {"advance": "-1m"}),
        ("sell", {"remote_id": "TG-1", "quantity": "99"}, "POST", "/pos/sell", {"remote_id": "TG-1", "quantity": 99}),
        ("retire", {"remote_id": "TG-NONE"}, "POST", "/pos/retire", {"remote_id": "TG-NONE"}),
        ("offer", {"remote_id": "TG-NONE"}, "PATCH", "/listings/TG-NONE", {"retired": False}),
        (
            "reprice",
            {"remote_id": "TG-1", "wholesale_price": "-1"},
            "POST",
            "/pos/reprice",
            {"remote_id": "TG-1", "wholesale_price": "-1"},
        ),
        ("expire", {"global_id": "nobody"}, "POST", "/pos/expire-hold", {"global_id": "nobody"}),
        ("snapshot", {"name": "a b"}, "PUT", "/snapshots/a b", None),
        ("restore", {"name": "none"}, "POST", "/snapshots/none/restore", None),
        ("undo", {"snapshot": "none"}, "POST", "/snapshots/none/restore", None),
        ("forget", {"name": "none"}, "DELETE", "/snapshots/none", None),
        ("reset", {"fixture": "nope"}, "POST", "/reset", {"fixture": "nope"}),
        ("sandbox", {"name": "a b"}, "POST", "/sandboxes", {"name": "a b"}),
        ("drop-sandbox", {"sandbox_name": "none"}, "DELETE", "/sandboxes/none", None),
    ],
)
def test_a_button_is_refused_what_the_control_plane_refuses_in_the_same_words(bed, action, form, method, path, body):
    told = bed.client.open(f"/_mock{path}", method=method, json=body)
    answer = bed.client.post(f"/_mock/console/act/{action}", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == told.status_code >= 400
    assert str(escape(told.json["detail"])) in answer.text


def test_what_destroys_can_be_undone(bed):
    bed.hold()
    answer = bed.client.post("/_mock/console/act/reset", data={}, headers={"HX-Request": "true"})
    assert bed.client.get("/_mock/listings/TG-1").json["held"] == 0
    kept = re.search(r'name="snapshot" value="([^"]+)"', answer.text)[1]
    bed.client.post("/_mock/console/act/undo", data={"snapshot": kept}, headers={"HX-Request": "true"})
    assert bed.client.get("/_mock/listings/TG-1").json["held"] == 2


def test_one_can_go_back_to_the_oldest_of_the_snapshots_that_undo(bed):
    def press(action, **form):
        return bed.client.post(f"/_mock/console/act/{action}", data=form, headers={"HX-Request": "true"})

    bed.hold()
    for _ in range(12):
        press("reset")
    kept = [each["name"] for each in bed.client.get("/_mock/snapshots").json["snapshots"]]
    assert kept == [f"undo-{number:06d}" for number in range(3, 13)]
    assert press("restore", name=kept[0]).status_code == 200


def test_what_a_scenario_has_in_store_is_shown_with_a_mark_where_the_order_of_calls_decides(bed):
    rules = (
        "{id: one, on: hold, when: {global_id: buyer-1}, respond: pos_unavailable}",
        "{id: two, on: hold, when: {call: 2}, respond: pos_unavailable}",
    )
    text = "name: x\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules)
    page = bed.client.post("/_mock/console/controls/check", data={"yaml": text}).text
    chips = re.findall(r'<span class="chip[^>]*>buyer-([1-3]): (.*?)</span>', page)
    unavailable, well = "respond pos_unavailable", "as it should"
    assert chips == [
        *(("1", unavailable), ("2", f"{unavailable} ?"), ("3", f"{well} ?")), *((number, well) for number in "123"),
    ]  # fmt: skip
    assert "? depends on the order in which calls arrive." in page


def test_view_links_are_bounded_and_one_that_is_revoked_makes_room(bed):
    def press(action, **form):
        return bed.client.post(f"/_mock/console/act/{action}", data=form, headers={"HX-Request": "true"})

    links = [press("link") for _ in range(51)]
    assert [each.status_code for each in links] == [200] * 50 + [422]
    assert "There are 50 view links; revoke some first." in links[-1].text
    name = re.search(r'name="name" value="([0-9a-f]{12})"', links[-2].text)[1]
    assert [press("revoke", name=name).status_code, press("link").status_code] == [200, 200]
    assert "This link opens nothing already." in press("revoke", name=name).text


@pytest.mark.parametrize(("remote_id", "effect"), [("MOCK-TIMEOUT-AFTER-INVOICE", True), ("MOCK-POS_TIMEOUT", False)])
def test_the_page_of_a_call_says_whether_what_was_refused_took_effect(bed, remote_id, effect):
    answers = [bed.hold(remote_id, 1, "g-1"), bed.invoice("g-1")]
    refused = next(answer for answer in answers if answer.status_code >= 500)
    page = bed.client.get(f"/_mock/console/calls/{refused.json['request_id']}", headers=HTML).text
    assert ("decided" in page, "it took effect all the same" in page) == (True, effect)


def test_every_page_of_a_world_in_which_nothing_has_happened_is_there(bed):
    for path in ("/", "/calls", "/numbers", "/controls", "/listing?remote_id=TG-1", "/listing/menu?remote_id=TG-1"):
        assert bed.client.get(f"/_mock/console{path}", headers=HTML).status_code == 200, path
    assert "Nothing has happened to it yet." in bed.client.get("/_mock/console/listing?remote_id=TG-1").text


def test_the_life_of_a_listing_tells_what_the_broker_did_in_the_pos(bed):
    bed.hold(quantity=1, global_id="g-1")
    bed.invoice("g-1")
    bed.hold(quantity=1, global_id="g-2")
    bed.client.post("/_mock/pos/sell", json={"remote_id": "TG-1", "quantity": 1})
    bed.client.post("/_mock/pos/reprice", json={"remote_id": "TG-1", "wholesale_price": "99.00"})
    bed.client.post("/_mock/pos/retire", json={"remote_id": "TG-1"})
    text = bed.client.get("/_mock/console/listing?remote_id=TG-1", headers=HTML).text
    assert re.findall(r'<span class="chip">POS</span>\s*<span class="code">(.*?)</span>', text) == [
        "offered for $99.00; off sale",
        "offered for $99.00",
        "sold 1 elsewhere: 2 sold in all",
    ]


def test_htmx_is_the_version_and_the_bytes_its_readme_names():
    folder = STATIC / "htmx"
    sums = re.findall(r"^    ([0-9a-f]{64})  (\S+)$", folder.joinpath("README.md").read_text(), re.MULTILINE)
    assert {name for _, name in sums} == {path.name for path in folder.iterdir()} - {"README.md"}
    for expected, name in sums:
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == expected, name


def test_there_is_less_script_and_style_than_promised():
    folders = STATIC, ROOT / "mockpos" / "demo" / "static"
    own = [path for folder in folders for path in folder.iterdir() if path.suffix in (".js", ".css")]
    assert max(len(line) for path in own for line in path.read_text().splitlines()) <= 135, "that a person can read"
    assert sum(_lines(path) for path in own) <= 600
    assert sum(_lines(path) for path in own if path.suffix == ".js") <= 300


def test_there_is_less_python_and_markup_than_promised():
    folders = [ROOT / "mockpos" / name for name in ("web/console", "demo", "checkout")]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".html")]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines() if line.strip()]
    assert 0 < len(lines) <= 3000


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
