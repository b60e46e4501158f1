"""The guide to an automator of one's own: its examples print what it shows, and its table is what the tests found."""

import html
import json

from mockpos.conformance.rules import caught_faults
from mockpos.web.docs.guides import COMMANDS, PRINTED
from tests.conformance.guide import made


def test_the_commands_of_the_guide_print_what_it_shows():
    now, printed = made(), json.loads(PRINTED.read_text())
    assert list(now) == list(COMMANDS)
    for name in COMMANDS:
        again = "is another; if that is meant, run `python -m tests.conformance.guide`"
        assert now[name].splitlines() == printed[name].splitlines(), f"{name} {again}"


def test_the_page_shows_every_command_and_every_broken_automator(bed):
    page, printed = bed.client.get("/docs/automator").text, json.loads(PRINTED.read_text())
    for name, command in COMMANDS.items():
        assert html.escape(command) in page
        assert printed[name].splitlines()[-1] in html.unescape(page)
    for each in caught_faults():
        assert f'<th scope="row">{html.escape(each.fault)}</th><td><code>{each.check}</code>' in page
    assert '<a href="/docs/automator" aria-current="page">' in page


def test_rules_are_found_by_what_they_catch(bed):
    assert "HOLD-03" in bed.client.get("/docs/search?q=repeated+hold+seats").text
    assert "/docs/automator" in bed.client.get("/llms.txt").text
