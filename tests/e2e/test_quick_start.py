"""The first minute works at the first start, at the second and at the tenth, on pages and in the banner alike."""

import html
import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import KEY, ROOT, RunningServer, running_server

HEADERS = {"X-API-Key": KEY, "Content-Type": "application/json"}


def answer_to(command: str) -> dict[str, object]:
    done = subprocess.run(["sh", "-c", command.replace(" -i ", " -s ")], capture_output=True, text=True, timeout=60)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def page(server: RunningServer, path: str) -> str:
    return html.unescape(urllib.request.urlopen(server.url + path).read().decode())


def call(server: RunningServer, method: str, path: str, body: object) -> dict[str, object]:
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), HEADERS, method=method)
    found: dict[str, object] = json.loads(urllib.request.urlopen(request).read())
    return found


def banner(server: RunningServer) -> str:
    return server.log.read_text().rpartition("mockpos is ready")[2]


def buy_as_the_banner_says(server: RunningServer) -> None:
    command = next(line for line in banner(server).splitlines() if line.strip().startswith("curl"))
    held = answer_to(command)
    assert (held["status"], held["replayed"]) == ("held", False)


def buy_as_the_document_says(server: RunningServer) -> None:
    paths = json.loads(page(server, "/openapi.json"))["paths"]
    examples = {
        path: paths[path]["post"]["requestBody"]["content"]["application/json"]["example"]
        for path in ("/v1/holds", "/v1/invoices")
    }
    assert call(server, "POST", "/v1/holds", examples["/v1/holds"])["replayed"] is False
    assert call(server, "POST", "/v1/invoices", examples["/v1/invoices"])["status"] == "invoiced"


def buy_as_the_codes_page_says(server: RunningServer) -> None:
    blocks = re.findall(r"<pre class=\"shell\"[^>]*><code>(curl.*?)</code>", page(server, "/docs/codes"), re.S)
    hold, invoice = (next(one for one in blocks if path in one) for path in ("/v1/holds", "/v1/invoices"))
    assert answer_to(hold)["replayed"] is False
    assert answer_to(invoice)["replayed"] is False


def test_the_quick_start_works_at_the_tenth_start(tmp_path: Path) -> None:
    for number in range(10):
        with running_server(tmp_path, "--fixture", "tiny") as server:
            assert ("of an earlier run: `mockpos reset` begins anew" in banner(server)) is (number > 0)
            buy_as_the_banner_says(server)
            buy_as_the_document_says(server)
            buy_as_the_document_says(server)
            if number in (0, 9):
                buy_as_the_codes_page_says(server)
            assert server.stop() == 0


def test_pages_offer_what_a_brokers_inventory_sells(tmp_path: Path) -> None:
    mockpos = (sys.executable, "-m", "mockpos")
    subprocess.run([*mockpos, "import", ROOT / "fixtures" / "broker.csv"], cwd=tmp_path, check=True)
    with running_server(tmp_path) as server:
        codes = page(server, "/docs/codes")
        held = set(
            re.findall(r'"remote_id": ?"([^"]+)"', "".join(re.findall(r"<pre class=\"shell\".*?</pre>", codes, re.S)))
        )
        there = set(re.findall(r'"remote_id":"([^"]+)"', (tmp_path / "inventory.json").read_text()))
        assert {one for one in held - there if not one.startswith("MOCK-")} == {"NO-SUCH-LISTING"}
        assert held & there
        buy_as_the_banner_says(server)
        buy_as_the_document_says(server)
        buy_as_the_codes_page_says(server)


@pytest.mark.parametrize("path", ["/docs/start", "/docs/codes", "/docs/scenarios", "/openapi.json"])
def test_a_page_that_nobody_acted_upon_stays_as_it_is(server: RunningServer, path: str) -> None:
    assert page(server, path) == page(server, path)
