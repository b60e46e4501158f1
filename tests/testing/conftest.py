"""A project of somebody's own, in a folder of its own, whose tests use the pytest plugin."""

import os

import pytest

PLUGIN = "mockpos.testing.plugin.hooks"
XDIST = f"{PLUGIN} xdist"
ALL_OF_THEM = f"{XDIST} pytest_asyncio.plugin pytest_randomly pytest_cov.plugin"

CLIENT = """
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

def call(mockpos, method, path, body=None):
    headers = {"X-API-Key": mockpos.api_key, "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urlopen(Request(mockpos.url + path, data, headers, method=method)) as answer:
            return json.load(answer)
    except HTTPError as refused:
        with refused:
            return json.load(refused)

def hold(mockpos, global_id="g-1", remote_id="TG-1042", quantity=8):
    body = {"remote_id": remote_id, "quantity": quantity, "global_id": global_id}
    return call(mockpos, "POST", "/v1/holds", body)

def invoice(mockpos, global_id="g-1"):
    return call(mockpos, "POST", "/v1/invoices", {"global_id": global_id, "order_id": "o-1"})

def buy(mockpos):
    assert hold(mockpos)["status"] == "held"
    assert invoice(mockpos)["status"] == "invoiced"
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty folder with a client, as a project of its own has one; other plugins are there only when asked for."""
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    pytester.makepyfile(checkout=CLIENT)
    return pytester


def run(project: pytest.Pytester, *words: str, plugins: str = PLUGIN) -> pytest.RunResult:
    chosen = [f"-p{name}" for name in plugins.split()]
    return project.runpytest_subprocess("-pno:cacheprovider", *chosen, *words)


FAILING = """
import pytest
from checkout import hold, buy

def test_fails(mockpos):
    hold(mockpos)
    hold(mockpos, "g-2")
    hold(mockpos, "g-3", "MOCK-HELD_BY_ANOTHER")
    assert False

def test_passes(mockpos):
    buy(mockpos)
"""
