"""The documentation pages: complete, safe under their own policy, and true to the contract."""

import json
import re

import pytest

from mockpos.contract.loader import load_contract
from mockpos.domain.catalogue import Operation
from mockpos.domain.codes import CATALOGUE
from mockpos.web.openapi.document import openapi_document
from tests.conftest import KEY, ROOT
from tests.web.docs_client import client_of

PAGES = ["/docs/start", "/docs", "/docs/codes"]
DIFFERENT = ROOT / "fixtures" / "contracts" / "everything-different.yaml"


@pytest.fixture(scope="module")
def client():
    return client_of()


def without_examples(node):
    if isinstance(node, dict):
        return {name: without_examples(below) for name, below in node.items() if name != "example"}
    return [without_examples(item) for item in node] if isinstance(node, list) else node


@pytest.fixture(scope="module")
def codes(client):
    return client.get("/docs/codes").text


def test_the_openapi_document_is_served(client):
    reply = client.get("/openapi.json")
    assert reply.content_type == "application/json"
    document = openapi_document(load_contract(), base_url="http://localhost")
    assert without_examples(reply.json) == json.loads(json.dumps(without_examples(document)))


@pytest.mark.parametrize("path", PAGES)
def test_pages_allow_nothing_from_elsewhere_and_nothing_inline(client, path):
    reply = client.get(path)
    assert reply.status_code == 200
    assert reply.content_type == "text/html; charset=utf-8"
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", reply.text) is None
    linked = re.findall(r'(?:src|href)="([^"#]+)', reply.text)
    assert all(address.startswith("/") and not address.startswith("//") for address in linked)


@pytest.mark.parametrize("path", PAGES)
def test_everything_a_page_loads_is_served(client, path):
    for address in re.findall(r'(?:src|href)="(/[^"#]*)', client.get(path).text):
        with client.get(address) as reply:  # a file stays open until its answer is closed
            assert reply.status_code == 200, address


@pytest.mark.parametrize("path", [*PAGES, "/openapi.json", "/docs/static/docs.css"])
def test_what_has_not_changed_is_not_sent_again(client, path):
    with client.get(path) as first:
        assert first.headers["Cache-Control"] == "no-cache"
    with client.get(path, headers={"If-None-Match": first.headers["ETag"]}) as again:
        assert again.status_code == 304


def test_every_code_has_an_anchor_a_row_and_an_example(codes):
    for code in CATALOGUE:
        assert codes.count(f'id="{code.code}"') == 1
        assert f'href="#{code.code}"' in codes
        assert f'<span class="json-text">&#34;{code.code}&#34;</span>' in codes


def test_every_anchor_is_there_once_and_every_link_leads_to_one(codes):
    anchors = re.findall(r'\bid="([^"]+)"', codes)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', codes)) <= set(anchors)


@pytest.mark.parametrize("operation", Operation, ids=str)
def test_every_operation_leads_to_each_code_it_may_answer(codes, operation):
    start = codes.index(f'<h2 id="{operation.value}">')
    section = codes[start : codes.index("</section>", start)]
    contract = load_contract()
    answered = {code.code for code in contract.codes_of(CATALOGUE, operation)}
    assert set(re.findall(r'href="#([^"]+)"', section)) == answered


def test_commands_call_the_address_the_page_was_asked_for_at(client):
    page = client.get("/docs/codes", base_url="http://mock.example:9000").text
    assert "http://mock.example:9000/v1/holds" in page
    assert "mockpos.invalid" not in page


@pytest.mark.parametrize("host", ["x;rm -rf", "x$(id)", "x'y", '"><script>'])
def test_a_host_that_a_shell_would_act_on_never_reaches_a_command(client, host):
    reply = client.get("/docs/codes", headers={"Host": host})
    if reply.status_code == 200:
        assert host not in reply.text
        assert "http://127.0.0.1:8000/v1/holds" in reply.text


@pytest.mark.parametrize("path", PAGES)
def test_what_a_contract_says_is_escaped(tmp_path, path):
    text = (ROOT / "mockpos/contract/default.yaml").read_text()
    file = tmp_path / "hostile.yaml"
    file.write_text(
        text.replace("name: mockpos default", "name: '<script>alert(1)</script>'")
        .replace('version: "1.0.0"', "version: '\"><img src=x>'")
        .replace("header: X-API-Key", 'header: "X-\'`Key"')
    )
    page = client_of(file).get(path).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_reference_fills_in_the_key_of_a_mock_without_settings(client):
    keys = re.search(r'data-keys="([^"]*)"', client.get("/docs").text)[1].replace("&#34;", '"')
    assert json.loads(keys) == {"apiKey": KEY}


def test_the_pages_show_the_key_of_a_mock_without_settings(codes):
    assert f"X-API-Key: {KEY}" in codes


def test_another_contract_has_other_commands_and_examples():
    codes = client_of(DIFFERENT).get("/docs/codes").text
    assert "curl -i -X PUT http://localhost/automation/reservations" in codes
    assert "Authorization: Token mockpos-dev-key" in codes
    assert "/automation/cancellations?reference=$ID" in codes
    assert "{&#34;data&#34;: {&#34;reservation&#34;: {&#34;ticketGroupId&#34;: &#34;TG-" in codes
    assert "/v1/holds" not in codes


def test_nothing_is_rendered_before_it_is_asked_for(monkeypatch):
    made = []
    monkeypatch.setattr("mockpos.web.docs.pages.Pages._rendered", lambda self, name: made.append(name) or name)
    client = client_of()
    assert made == []
    client.get("/docs/start")
    client.get("/docs/start")
    assert made == ["landing"]


def test_the_bundled_reference_is_small_and_carries_its_license():
    folder = ROOT / "mockpos" / "web" / "docs" / "static" / "swagger-ui"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 2_000_000
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert "5." in (folder / "README.md").read_text().splitlines()[0]
