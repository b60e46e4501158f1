"""The documentation's search and its table of settings: from the tables of the code, found by any word."""

import re

import pytest

from mockpos.settings import SETTINGS


def found(bed, query):
    text = bed.client.get("/docs/search", query_string={"q": query}).text
    return re.findall(r'<dt><a href="([^"]+)"><code>([^<]+)</code>', text), text


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("held_by_another", ("/docs/codes#held_by_another", "held_by_another")),
        ("lost-answers", ("/docs/scenarios#scenario-lost-answers", "lost-answers")),
        ("MOCK-SLOW", ("/docs/scenarios#MOCK-SLOW-5S", "MOCK-SLOW-5S")),
        ("snapshots restore", ("/docs/control#snapshots", "POST /_mock/snapshots/{name}/restore")),
        ("hold_ttl", ("/docs/settings#hold_ttl", "--hold-ttl")),
    ],
)
def test_codes_scenarios_magic_ids_control_calls_and_settings_are_found(bed, query, first):
    entries, _ = found(bed, query)
    assert first in entries


def test_every_link_of_a_search_leads_to_an_anchor_that_is_there(bed):
    entries, _ = found(bed, "a")
    entries += found(bed, "mock")[0] + found(bed, "listing")[0]
    pages = {path.partition("#")[0] for path, _ in entries}
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', bed.client.get(page).text)) for page in pages}
    assert [path for path, _ in entries if path.partition("#")[2] not in anchors[path.partition("#")[0]]] == []


def test_what_is_not_found_and_what_is_hostile_is_said(bed):
    entries, text = found(bed, "<script>alert(1)</script>")
    assert entries == []
    assert "Nothing has all of these words" in text
    assert "<script>alert" not in text


def test_the_page_of_settings_has_all_of_them(bed):
    text = bed.client.get("/docs/settings").text
    for setting in SETTINGS:
        assert f'id="{setting.name}"' in text
        assert setting.env in text


def test_console_and_documentation_lead_to_each_other(bed):
    assert 'href="/_mock/console/calls"' in bed.client.get("/docs/codes").text
    assert 'href="/docs"' in bed.client.get("/_mock/console/").text
