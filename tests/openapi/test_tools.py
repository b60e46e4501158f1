"""Other people's tools read both documents without an error; a validating proxy finds every answer as documented."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.conftest import ROOT, running_server

DIFFERENT = ROOT / "fixtures" / "contracts" / "everything-different.yaml"
PRISMS_OWN = {"malformed_request", "request_too_large", "method_not_allowed"}
"""Ways that end at the proxy: it reads bodies itself, and lets no body of 70,000 bytes pass as it came."""


def printed(folder, *options):
    file = folder / f"openapi{len(list(folder.iterdir()))}.json"
    subprocess.run([sys.executable, "-m", "mockpos", "openapi", *options, "-o", str(file)], check=True)
    return file


def fetched(folder, url, path):
    file = folder / f"{path.replace('/', '-')}"
    file.write_bytes(urllib.request.urlopen(url + path).read())
    return file


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("served"), "--quiet", "--memory") as running:
        yield running


@pytest.fixture(scope="module")
def documents(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    return [
        fetched(folder, server.url, "/openapi.json"), fetched(folder, server.url, "/_mock/openapi.json"),
        printed(folder, "--contract", str(DIFFERENT)), printed(folder, "--version", "3.0"),
        printed(folder, "--version", "3.0", "--contract", str(DIFFERENT)),
    ]  # fmt: skip


def test_spectral_finds_no_error(tools, documents, tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text('extends: ["spectral:oas"]\n')
    done = tools.run("spectral", "lint", "-r", str(rules), *map(str, documents))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "(0 errors" in done.stdout


def test_redocly_finds_no_error(tools, documents):
    done = tools.run("redocly", "lint", "--extends", "recommended", *map(str, documents))
    assert done.returncode == 0, done.stderr[-3000:]
    assert "validated" in done.stderr


VALIDATE = """
require('@apidevtools/swagger-parser').validate(process.argv[1])
  .then(read => console.log('valid', read.openapi)).catch(error => console.log(error.message.slice(0, 2000)))
"""


@pytest.mark.parametrize("contract", [(), ("--contract", str(DIFFERENT))], ids=["default", "different"])
def test_a_tool_that_reads_no_3_1_reads_3_0(tools, tmp_path, contract):
    assert "Unsupported OpenAPI version" in tools.script(VALIDATE, str(printed(tmp_path, *contract))).stdout
    assert tools.script(VALIDATE, str(printed(tmp_path, "--version", "3.0", *contract))).stdout == "valid 3.0.3\n"


def through_a_proxy(tools, document, url, log):
    """Run the exercise through Prism; return its report and what Prism has against the answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as output:
        command = tools.command("prism", "proxy", str(document), url, "-p", str(port))
        proxy = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while "Prism is listening" not in log.read_text():
            assert proxy.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        command = [sys.executable, "-m", "mockpos", "exercise", "--json", "--url", f"http://127.0.0.1:{port}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    finally:
        proxy.terminate()
        proxy.wait(30)
    return json.loads(done.stdout), re.findall(r"Violation: response[^\n]*", log.read_text())


def test_a_validating_proxy_finds_every_answer_as_documented(tools, documents, server, tmp_path):
    report, violations = through_a_proxy(tools, documents[0], server.url, tmp_path / "prism.log")
    assert violations == []
    ways = [(pair["code"], way["result"]) for pair in report["pairs"] for way in pair["ways"]]
    assert {code for code, result in ways if result == "failed"} <= PRISMS_OWN
    assert sum(result == "worked" for _, result in ways) > 140


def test_the_proxy_would_find_an_answer_that_is_not_as_documented(tools, documents, server, tmp_path):
    wrong = tmp_path / "wrong.json"
    text = documents[0].read_text()
    wrong.write_text(text.replace('"enum": [422]', '"enum": [423]'))
    assert wrong.read_text() != text
    _, violations = through_a_proxy(tools, wrong, server.url, tmp_path / "prism.log")
    assert violations
