"""The control plane on loopback: open to whoever reaches it, closed to pages of other sites, bounded; GET is safe."""

import re

import httpx
import pytest

from mockpos.sandboxes.sandbox import MOST_SNAPSHOTS
from mockpos.web.control.table import CONTROL_CALLS
from tests.conftest import KEY, running_server
from tests.store.actors import state_of

READS = [call for call in CONTROL_CALLS if call.method == "GET"]
CHANGES = [call for call in CONTROL_CALLS if call.method != "GET"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("open"), "--fixture", "tiny") as running:
        yield running


@pytest.fixture(scope="module")
def connected(server):
    with httpx.Client(base_url=server.url, timeout=10) as client:
        yield client


@pytest.fixture
def client(connected):
    connected.post("/_mock/reset")
    return connected


def path_of(call) -> str:
    return "/_mock" + re.sub(r"{\w+}", "nothing", call.path)


def test_on_loopback_no_token_is_asked_for(client):
    assert client.get("/_mock/clock").status_code == 200
    assert client.get("/_mock/clock", headers={"X-Mockpos-Token": "whatever"}).status_code == 200


@pytest.mark.parametrize("call", CHANGES, ids=lambda call: call.endpoint)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", ""])
def test_a_page_of_another_site_changes_nothing(client, call, origin):
    answer = client.request(call.method, path_of(call), headers={"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "mock_cross_site")


@pytest.mark.parametrize("call", CONTROL_CALLS, ids=lambda call: call.endpoint)
def test_a_rebound_name_is_refused_at_every_call(client, call):
    answer = client.request(call.method, path_of(call), headers={"Host": "rebound.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "mock_host_not_allowed")


def test_a_page_of_this_site_may_change_things(client, server):
    assert client.post("/_mock/reset", headers={"Origin": server.url}).status_code == 200


def test_a_form_of_another_site_without_an_origin_changes_nothing(client):
    """Old browsers sent forms without Origin; a form cannot send JSON."""
    answer = client.post("/_mock/clock", data={"freeze": "true"})
    assert answer.json()["code"] == "mock_unsupported_media_type"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_the_browser_calls_another_site_changes_nothing(client, site):
    answer = client.post("/_mock/reset", headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, answer.json()["code"]) == (403, "mock_cross_site")


def test_a_get_changes_nothing(bed):
    bed.hold()
    before = state_of(bed.mock.sandboxes.default.store)
    names = [sandbox.name for sandbox in bed.mock.sandboxes]
    for call in READS:
        bed.client.get(path_of(call), buffered=False).close()
        assert state_of(bed.mock.sandboxes.default.store) == before, call.path
        assert [sandbox.name for sandbox in bed.mock.sandboxes] == names, call.path
        assert bed.mock.sandboxes.default.clock.setting.is_real, call.path
        assert bed.mock.sandboxes.default.snapshots == {}, call.path


def test_what_changes_state_is_not_reached_by_get_or_head(bed):
    for path in {path_of(call) for call in CHANGES} - {path_of(call) for call in READS}:
        for method in ("GET", "HEAD"):
            assert bed.client.open(path, method=method).status_code in {404, 405}, path


def test_snapshots_are_bounded_in_count_and_name(client):
    for number in range(MOST_SNAPSHOTS):
        assert client.put(f"/_mock/snapshots/many-{number}").status_code == 200
    try:
        assert client.put("/_mock/snapshots/one-more").status_code == 422
        assert client.put("/_mock/snapshots/many-0").status_code == 200, "retaking one makes no more of them"
        assert client.put("/_mock/snapshots/" + "x" * 65).status_code == 422
    finally:
        for number in range(MOST_SNAPSHOTS):
            client.delete(f"/_mock/snapshots/many-{number}")


@pytest.mark.parametrize(
    "body", [{"name": "x" * 65}, {"name": "../up"}, {"name": ""}, {"api_key": "k" * 257}, {"api_key": "a\r\nb"},
             {"seed": 10**19}, {"ttl": "9999999d"}, {"colour": "red"}, {"from": {"fixture": "tiny", "sandbox": "a"}}]
)  # fmt: skip
def test_what_a_sandbox_is_made_with_is_bounded(client, body):
    answer = client.post("/_mock/sandboxes", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "mock_bad_input")


def test_a_body_is_bounded(client):
    answer = client.post("/_mock/sandboxes", json={"name": "x" * 70_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "mock_request_too_large")


def test_behind_a_path_only_its_own_key_and_the_default_key_open(client):
    keys = {name: client.post("/_mock/sandboxes", json={"name": name}).json()["api_key"] for name in ("one", "two")}
    for path in ("/s/one/v1/holds/nothing", "/s/one/_mock/clock"):
        method = "GET" if path.endswith("clock") else "DELETE"
        refused = client.request(method, path, headers={"X-API-Key": keys["two"]})
        assert (refused.status_code, refused.json()["code"]) == (401, "api_key_invalid")
        for key in (keys["one"], KEY):
            assert client.request(method, path, headers={"X-API-Key": key}).status_code in {200, 404}
    assert client.get("/_mock/clock", headers={"X-API-Key": "unknown"}).status_code == 401


TOKEN = "a-token-that-was-given"


def outcome(bed, address="127.0.0.1", method="GET", path="/_mock/clock", **headers):
    """Make a call as if it came from an address; return its status and code."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = bed.client.open(path, method=method, headers=sent, environ_overrides={"REMOTE_ADDR": address})
    return answer.status_code, (answer.json or {}).get("code")


def test_a_token_that_was_given_is_asked_for_on_loopback_too(make_bed):
    bed = make_bed(control_token=TOKEN)
    assert outcome(bed) == (401, "mock_token_missing")
    assert outcome(bed, X_Mockpos_Token="x") == (401, "mock_token_invalid")
    assert outcome(bed, X_Mockpos_Token=TOKEN)[0] == 200
    assert outcome(bed, Authorization=f"Bearer {TOKEN}")[0] == 200


@pytest.mark.parametrize("address", ["10.0.0.7", "192.168.1.1", "::ffff:10.0.0.7", "2001:db8::1", "", "127.0.0.1.evil"])
@pytest.mark.parametrize(
    "path", ["/_mock/clock", "/_mock/requests", "/metrics", "/_mock/openapi.json", "/docs/control"]
)
def test_a_call_that_is_not_of_this_machine_needs_the_token_under_every_server(bed, address, path):
    """Under gunicorn and flask the address to listen on is none of mockpos's settings."""
    assert outcome(bed, address, path=path, Host="localhost") == (401, "mock_token_missing")
    assert outcome(bed, address, path=path, X_Mockpos_Token=bed.mock.settings.control_token)[0] == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_a_call_of_this_machine_needs_none(bed, address):
    assert outcome(bed, address)[0] == 200


@pytest.mark.parametrize(
    "host", ["[::1]evil", "[::1", "::1", "127.0.0.1:80:90", "localhost evil", "user@localhost", "["]
)
def test_a_host_that_is_none_is_refused(bed, host):
    assert outcome(bed, Host=host) == (403, "mock_host_not_allowed")


@pytest.mark.parametrize("origin", ["http://[::1", "http://[evil", "://", "http://localhost:99999999"])
def test_an_origin_that_is_none_is_refused(bed, origin):
    assert outcome(bed, method="POST", path="/_mock/reset", Origin=origin) == (403, "mock_cross_site")
