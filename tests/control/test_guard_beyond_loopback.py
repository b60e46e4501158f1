"""Who may use the control plane, tried from outside against a real server that listens on every address."""

import re
import socket

import httpx
import pytest

from mockpos.control_client import TOKEN_HEADER
from mockpos.web.control.table import CONTROL_CALLS
from tests.conftest import KEY, running_server

TOKEN = "s3cret-token-of-the-test"
API_KEY = {"X-API-Key": KEY}
every_call = pytest.mark.parametrize("call", CONTROL_CALLS, ids=lambda call: call.endpoint)


@pytest.fixture(scope="module")
def exposed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exposed")
    options = ("--fixture", "tiny", "--host", "0.0.0.0", "--control-token", TOKEN, "--allowed-host", "ci.example")
    with running_server(folder, *options, "--log-control") as server:
        yield server


@pytest.fixture(scope="module")
def client(exposed):
    with httpx.Client(base_url=exposed.url, timeout=10) as client:
        yield client


def path_of(call) -> str:
    return "/_mock" + re.sub(r"{\w+}", "nothing", call.path)


def code_of(answer) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Mockpos-Error"] == "true"
    return answer.json()["code"]


def status_with_token(client, call) -> int:
    """The status that a call gets with the token; only the head, because some answers never end."""
    with client.stream(call.method, path_of(call), headers={TOKEN_HEADER: TOKEN}) as answer:
        return answer.status_code


@every_call
def test_without_a_token_every_call_is_refused(client, call):
    answer = client.request(call.method, path_of(call))
    assert (answer.status_code, code_of(answer)) == (401, "mock_token_missing")


@every_call
@pytest.mark.parametrize("token", ["wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\xff\xfe"])
def test_with_a_wrong_token_every_call_is_refused(client, call, token):
    answer = client.request(call.method, path_of(call), headers={TOKEN_HEADER: token.encode("latin-1")})
    assert (answer.status_code, code_of(answer)) == (401, "mock_token_invalid")


@every_call
def test_with_the_token_every_call_is_let_in(client, call):
    assert status_with_token(client, call) in {200, 201, 202, 204, 400, 404, 409, 415, 422}


@every_call
def test_an_api_key_is_no_token(client, call):
    answer = client.request(call.method, path_of(call), headers=API_KEY)
    assert (answer.status_code, code_of(answer)) == (401, "mock_token_missing")


def test_behind_the_path_of_a_sandbox_the_token_is_asked_for_too(client):
    assert code_of(client.get("/s/default/_mock/clock")) == "mock_token_missing"
    assert client.get("/s/default/_mock/clock", headers={TOKEN_HEADER: TOKEN}).status_code == 200


def test_the_document_needs_the_token(client):
    assert client.get("/_mock/openapi.json").status_code == 401
    document = client.get("/_mock/openapi.json", headers={TOKEN_HEADER: TOKEN}).json()
    assert all("controlToken" in way for way in document["security"])


def test_product_calls_need_only_the_api_key(client):
    hold = {"remote_id": "TG-1042", "quantity": 2, "global_id": "guard-1"}
    assert client.post("/v1/holds", json=hold, headers=API_KEY).status_code in {200, 201}
    assert client.post("/v1/holds", json=hold, headers={TOKEN_HEADER: TOKEN}).json()["code"] == "api_key_missing"
    assert client.get("/docs").status_code == 200


def test_the_page_of_the_control_plane_tells_nothing_without_the_token(client):
    assert code_of(client.get("/docs/control")) == "mock_token_missing"
    assert client.get("/docs/control", headers={TOKEN_HEADER: TOKEN}).status_code == 200


@pytest.mark.parametrize(
    "host", ["mockpos:8000", "ci.example", "CI.example:8000", "localhost", "[::1]:80", "a.b.c", ""]
)
def test_who_has_the_token_may_call_the_server_by_any_name(client, host):
    assert client.get("/_mock/clock", headers={"Host": host, TOKEN_HEADER: TOKEN}).status_code == 200
    assert client.get("/_mock/clock", headers={"Host": host}).status_code == 401


@pytest.mark.parametrize("path", ["/_mock/clock", "/metrics", "/_mock/openapi.json", "/docs/control"])
def test_the_token_may_come_as_a_bearer(client, path):
    assert client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.get(path, headers={"Authorization": f"bearer  {TOKEN}"}).status_code == 200
    for wrong in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer", f"Bearer {KEY}"):
        assert client.get(path, headers={"Authorization": wrong}).status_code == 401


def test_of_two_tokens_the_one_in_the_header_of_its_own_counts(client):
    def status(own: str, bearer: str) -> int:
        headers = {TOKEN_HEADER: own, "Authorization": f"Bearer {bearer}"}
        return client.get("/_mock/clock", headers=headers).status_code

    assert (status(TOKEN, KEY), status(KEY, TOKEN)) == (200, 401)


def test_a_cross_site_call_is_refused_even_with_the_token(client):
    headers = {"Origin": "https://evil.example", TOKEN_HEADER: TOKEN}
    answer = client.post("/_mock/clock", json={"freeze": True}, headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "mock_cross_site")
    assert client.get("/_mock/clock", headers={TOKEN_HEADER: TOKEN}).json()["frozen"] is False


def test_two_host_headers_are_no_way_around(exposed):
    port = int(exposed.url.rpartition(":")[2])
    request = f"GET /_mock/clock HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n{TOKEN_HEADER}: {TOKEN}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request.encode())
        assert connection.recv(65_536).split()[1] in {b"400", b"403"}


def test_the_token_is_never_in_the_log(exposed, client):
    client.get("/_mock/clock", headers={TOKEN_HEADER: TOKEN})
    client.get("/_mock/clock", headers={TOKEN_HEADER: "a-wrong-one"})
    log = exposed.log.read_text()
    assert "/_mock/clock" in log
    assert TOKEN not in log
    assert "a-wrong-one" not in log


def test_a_token_that_was_not_given_is_made_and_printed_once(tmp_path):
    with running_server(tmp_path, "--fixture", "tiny", "--host", "0.0.0.0") as server:
        assert httpx.get(f"{server.url}/_mock/clock").status_code == 401
        found = re.findall(r"X-Mockpos-Token: (\S+)\)", server.log.read_text())
        assert len(found) == 1
        assert httpx.get(f"{server.url}/_mock/clock", headers={TOKEN_HEADER: found[0]}).status_code == 200
