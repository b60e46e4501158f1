"""The page of scenarios: complete, safe under its policy, true to the contract, and up to date with the files."""

import html
import re

import pytest

from mockpos.contract.loader import load_contract
from mockpos.domain.codes import CATALOGUE, MOCK_CODES
from mockpos.scenario.magic import MAGIC
from mockpos.scenario.outcomes import FaultKind
from mockpos.scenario.refusals import documented_pairs
from mockpos.scenario.schema import FIELDS
from mockpos.web.docs.pages import yaml_marked
from tests.conftest import ROOT, BedMaker
from tests.web.docs_client import client_and_mock, client_of

DIFFERENT = ROOT / "fixtures" / "contracts" / "everything-different.yaml"
BAD = "<script>alert(1)</script>"


def row_of(page: str, remote_id: str) -> str:
    return re.search(f'<tbody id="{remote_id}">(.*?)</tbody>', page, re.S)[1]


@pytest.fixture(scope="module")
def page():
    return client_of().get("/docs/scenarios").text


def test_it_is_linked_where_people_look():
    client = client_of()
    for address in ("/docs/start", "/docs", "/docs/codes"):
        assert 'href="/docs/scenarios"' in client.get(address).text


def test_it_allows_nothing_from_elsewhere_and_everything_it_loads_is_served(page):
    client = client_of()
    reply = client.get("/docs/scenarios")
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", reply.text) is None
    linked = set(re.findall(r'(?:src|href)="([^"#]+)', page))
    assert all(address.startswith("/") and not address.startswith("//") for address in linked)
    for address in linked:
        with client.get(address) as answer:
            assert answer.status_code == 200, address


def test_what_has_not_changed_is_not_sent_again():
    client = client_of()
    etag = client.get("/docs/scenarios").headers["ETag"]
    assert client.get("/docs/scenarios", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("address", ["/docs/scenarios", "/docs/codes"])
def test_every_anchor_is_there_once_and_links_between_the_pages_lead_to_one(address):
    client = client_of()
    anchors = {at: re.findall(r'\bid="([^"]+)"', client.get(at).text) for at in ("/docs/scenarios", "/docs/codes")}
    assert len(anchors[address]) == len(set(anchors[address]))
    text = client.get(address).text
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(anchors[address])
    for target, anchor in re.findall(r'href="(/docs/\w+)#([^"]+)"', text):
        assert anchor in anchors[target]


def test_every_magic_id_has_a_row_with_its_operations_codes_and_commands(page):
    for magic in MAGIC:
        row = row_of(page, magic.remote_id)
        assert ("any" if len(magic.operations) == 3 else ", ".join(magic.operations)) in row
        for step in magic.how_to_try:
            if step.code:
                assert f'href="/docs/codes#{step.code}"' in row
        assert f"&#34;{magic.remote_id}&#34;" in row


def test_every_pair_of_the_catalogue_has_a_header_command_and_its_scenario_is_listed(page):
    for operation, code in documented_pairs():
        name = f"{operation}-{code.code}"
        assert f"X-Mockpos-Scenario: {name}&#39;" in page
        assert f'id="scenario-{name}"' in page


def test_every_shipped_file_stands_on_the_page_in_full(page):
    for path in (*(ROOT / "scenarios").glob("*.yaml"), *(ROOT / "scenarios" / "codes").glob("*.yaml")):
        shown = re.search(f'id="scenario-{path.stem}">.*?<pre class="yaml"[^>]*><code>(.*?)</code></pre>', page, re.S)[
            1
        ]
        assert html.unescape(re.sub(r"</?span[^>]*>", "", shown)) == path.read_text()


def test_every_field_fault_and_error_of_the_mock_has_an_anchor(page):
    anchors = set(re.findall(r'\bid="([^"]+)"', page))
    assert {f"field-{field.within}-{field.name}" for field in FIELDS} <= anchors
    assert {f"fault-{kind}" for kind in FaultKind} <= anchors
    assert set(MOCK_CODES) <= anchors
    assert set(MOCK_CODES) <= set(re.findall(r'\bid="([^"]+)"', client_of().get("/docs/codes").text))


def test_another_contract_has_other_paths_fields_and_statuses():
    contract = load_contract(DIFFERENT)
    page = client_of(DIFFERENT).get("/docs/scenarios").text
    assert "/v1/holds" not in page
    assert "Authorization: Token mockpos-dev-key" in page
    assert "/automation/reservations" in row_of(page, "MOCK-LISTING_SOLD_OUT")
    moved = [code for code in CATALOGUE if contract.status(code) != code.status and code.operations]
    assert moved
    for code in moved:
        for magic in MAGIC:
            if magic.code == code.code:
                row = row_of(page, magic.remote_id)
                assert f"({contract.status(code)})" in row
                assert f"({code.status})" not in row


def test_own_scenarios_are_listed_and_escaped(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        f'name: mine\nsummary: "{BAD}"\nrules: []\n'.replace("[]", "\n  - {id: a, on: any}")
    )
    page = client_of(scenarios=str(tmp_path)).get("/docs/scenarios").text
    assert 'id="scenario-mine"' in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_list_follows_the_files_and_the_active_scenario(tmp_path):
    client, mock = client_and_mock(scenarios=str(tmp_path))
    selector = mock.sandboxes.default.selector
    assert "scenario-mine" not in client.get("/docs/scenarios").text
    (tmp_path / "mine.yaml").write_text("name: mine\nsummary: before\nrules:\n  - {id: a, on: any}\n")
    selector.reload()
    assert "before" in client.get("/docs/scenarios").text
    selector.choose(selector.registry.get("lost-answers"))
    assert 'Now it is <a href="#scenario-lost-answers">' in client.get("/docs/scenarios").text


def test_an_own_file_that_cannot_be_used_says_why(tmp_path):
    client, mock = client_and_mock(scenarios=str(tmp_path))
    (tmp_path / "broken.yaml").write_text(f"name: broken\n{BAD}: 1\n")
    mock.sandboxes.default.selector.reload()
    page = client.get("/docs/scenarios").text
    assert "Cannot be used:" in page
    assert "broken.yaml" in page
    assert "<script>alert" not in page


def test_the_served_page_knows_the_folders_and_settings_of_the_mock(tmp_path, make_bed: BedMaker):
    (tmp_path / "mine.yaml").write_text("name: mine\nsummary: of my own\nrules:\n  - {id: a, on: any}\n")
    bed = make_bed(no_magic="true", scenario=tmp_path / "mine.yaml")
    page = bed.client.get("/docs/scenarios").text
    assert "of my own" in page
    assert "Now it is <a" in page
    assert "started with <code>--no-magic</code>" in page


def test_the_json_schema_is_served_for_editors():
    reply = client_of().get("/docs/scenarios/schema.json")
    assert reply.content_type == "application/json"
    assert reply.data == (ROOT / "mockpos" / "scenario" / "schema.json").read_bytes()


def test_what_stands_between_the_marks_of_an_example_is_escaped() -> None:
    marked = yaml_marked("<b>&\nname: <i> # <u>\n<s>")
    assert not re.search("<(?!/?span)|&(?!amp;|lt;|gt;)", marked)
    assert html.unescape(re.sub("</?span[^>]*>", "", marked)) == "<b>&\nname: <i> # <u>\n<s>"
