"""The page of the control plane: every call with its fields, and a command that a shell can send as it stands."""

import html
import re
import shutil
import subprocess
import urllib.request

import pytest

from mockpos.web.control.examples import AREAS, BODIES, QUERIES
from mockpos.web.control.table import CONTROL_CALLS
from tests.conftest import KEY, running_server

needs_curl = pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="no curl or bash here")
BLOCK = re.compile(r'<pre class="shell"[^>]*><code>(.*?)</code>', re.DOTALL)
ARTICLE = re.compile(r'<article class="code" id="(\w+)"(.*?)</article>', re.DOTALL)
AHEAD = {
    "post_pos_expire_hold": "curl -s -X POST {url}/v1/holds -H 'X-API-Key: {key}' -H 'Content-Type: application/json' "
    '-d \'{{"remote_id": "TG-9001", "quantity": 1, "global_id": "checkout-17"}}\'',
    "patch_sandboxes_sandbox_name": "curl -s -X POST {url}/_mock/sandboxes -H 'Content-Type: application/json' "
    '-d \'{{"name": "checkout-17"}}\'',
}
NEEDS_SOMETHING = {"get_requests_request_id", "get_requests_request_id_curl", "get_holds_global_id", "post_verify"}
"""Calls whose example names what a test would know: the request id of a call of its own."""

ENDLESS = {"get_events"}


def page(url):
    return urllib.request.urlopen(f"{url}/docs/control").read().decode()


def commands(text):
    return {name: html.unescape(BLOCK.search(part)[1]) for name, part in ARTICLE.findall(text)}


def shell(command, folder):
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, cwd=folder, check=False)
    return done.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("served"), "--quiet") as running:
        yield running


def test_every_call_is_there_with_its_fields(bed):
    text = bed.client.get("/docs/control").get_data(as_text=True)
    articles = dict(ARTICLE.findall(text))
    assert list(articles) == [call.endpoint for call in CONTROL_CALLS]
    for call in CONTROL_CALLS:
        schema = call.body or call.query
        for name, field in (schema().fields if schema else {}).items():
            assert f"<code>{field.data_key or name}</code>" in articles[call.endpoint]


def test_every_area_and_every_body_is_explained():
    assert {call.area for call in CONTROL_CALLS} == set(AREAS)
    names = {call.endpoint for call in CONTROL_CALLS}
    assert set(BODIES) | set(QUERIES) <= names
    assert {call.endpoint for call in CONTROL_CALLS if call.body is not None} <= set(BODIES)


def test_every_link_on_the_page_leads_somewhere(bed):
    text = bed.client.get("/docs/control").get_data(as_text=True)
    anchors = set(re.findall(r'id="([^"]+)"', text))
    codes = set(re.findall(r'id="([^"]+)"', bed.client.get("/docs/codes").get_data(as_text=True)))
    for path, anchor in re.findall(r'href="([^"#]*)#([^"]+)"', text):
        assert anchor in (codes if path else anchors), anchor


def test_the_page_is_framed_like_the_others(bed):
    answer = bed.client.get("/docs/control")
    assert answer.headers["Content-Security-Policy"] == bed.client.get("/docs/codes").headers["Content-Security-Policy"]
    assert bed.client.get("/docs/control", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert "<script>" not in answer.get_data(as_text=True)


@needs_curl
def test_every_command_is_answered_with_success(server, tmp_path):
    found = commands(page(server.url))
    shell(f"curl -s '{server.url}/_mock/listings/export?format=csv' > listings.csv", tmp_path)
    for call in CONTROL_CALLS:
        if call.endpoint in ENDLESS | NEEDS_SOMETHING:
            continue
        if call.endpoint in AHEAD:
            shell(AHEAD[call.endpoint].format(url=server.url, key=KEY), tmp_path)
        command = found[call.endpoint].replace("curl ", "curl -s -o answer -w '%{http_code}' ", 1)
        answer = shell(command, tmp_path)
        assert answer == str(call.status), f"{command}\n{answer}\n{(tmp_path / 'answer').read_text()}"


def test_beyond_loopback_the_commands_carry_the_token(tmp_path):
    with running_server(tmp_path, "--quiet", "--host", "0.0.0.0", "--control-token", "sesame") as server:
        asked = urllib.request.Request(f"{server.url}/docs/control", headers={"X-Mockpos-Token": "sesame"})
        text = urllib.request.urlopen(asked).read().decode()
        assert "sesame" not in text
        assert all("$MOCKPOS_CONTROL_TOKEN" in command for command in commands(text).values())
