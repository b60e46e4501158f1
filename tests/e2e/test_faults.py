"""Faults as real clients see them: curl, Python's http.client and Node, against a real server."""

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.conftest import KEY, RunningServer, running_server

KINDS = ("reset", "empty", "truncate", "malformed", "hang", "drip")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose holds break as their Global ID says: ``reset-1`` before the commit, ``reset-after-1`` after it."""
    folder = tmp_path_factory.mktemp("faulty")
    rules = []
    for kind in KINDS:
        rules.append(f'{{id: {kind}-after, on: hold, when: {{global_id: "{kind}-after-*", attempt: 1}}, '
                     f"fault: {kind}, phase: after_commit}}")  # fmt: skip
        rules.append(f'{{id: {kind}, on: hold, when: {{global_id: "{kind}-*", attempt: 1}}, fault: {kind}}}')
    (folder / "faulty.yaml").write_text("name: faulty\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules))
    (folder / "more").mkdir()
    for kind in KINDS:
        text = f"name: all-{kind}\nrules: [{{id: r, on: [hold, release, invoice], fault: {kind}}}]\n"
        (folder / "more" / f"all-{kind}.yaml").write_text(text)
    with running_server(folder, "--scenario", "faulty.yaml", "--scenarios", "more", "--quiet") as running:
        yield running


def body(global_id: str) -> str:
    return json.dumps({"remote_id": "TG-GA", "quantity": 1, "global_id": global_id})


def curl(server: RunningServer, global_id: str, *options: str) -> subprocess.CompletedProcess[str]:
    headers = ["-H", f"X-API-Key: {KEY}", "-H", "Content-Type: application/json"]
    command = ["curl", "-sS", f"{server.url}/v1/holds", *headers, "-d", body(global_id), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def replayed(server: RunningServer, global_id: str) -> bool:
    """Repeat a hold; tell whether its first call was committed."""
    answer = json.loads(curl(server, global_id).stdout)
    return bool(answer["replayed"])


def what_was_sent(server: RunningServer, global_id: str) -> str:
    """Tell what the journal says became of a call's answer."""
    with urlopen(f"{server.url}/_mock/requests?global_id={global_id}") as answer:
        return str(json.load(answer)["requests"][0]["sent"])


@pytest.mark.parametrize(("kind", "exit_code"), [("reset", 56), ("empty", 52), ("truncate", 18)])
@pytest.mark.parametrize("phase", ["", "after-"])
def test_curl_sees_the_fault_and_the_phase_says_whether_it_was_committed(
    faulty: RunningServer, kind: str, exit_code: int, phase: str
) -> None:
    global_id = f"{kind}-{phase}curl"
    assert curl(faulty, global_id).returncode == exit_code
    assert what_was_sent(faulty, global_id) == "cut"
    assert replayed(faulty, global_id) == bool(phase)


@pytest.mark.parametrize("phase", ["", "after-"])
def test_malformed_is_a_success_whose_json_is_broken(faulty: RunningServer, phase: str) -> None:
    answer = curl(faulty, f"malformed-{phase}1", "-w", "%{http_code} %{content_type}", "-o", "-")
    text, _, tail = answer.stdout.rpartition("200 application/json")
    assert (answer.returncode, tail) == (0, "")
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
    assert replayed(faulty, f"malformed-{phase}1") == bool(phase)


def test_a_dripped_answer_arrives_whole_and_slowly(faulty: RunningServer) -> None:
    started = time.monotonic()
    answer = json.loads(curl(faulty, "drip-after-1").stdout)
    assert answer["status"] == "held"
    assert time.monotonic() - started > 1
    assert json.loads(curl(faulty, "drip-1").stdout)["code"] == "pos_unavailable"
    assert not replayed(faulty, "drip-1")


@pytest.mark.parametrize("phase", ["", "after-"])
def test_hang_never_answers_and_ends_when_the_client_leaves(faulty: RunningServer, phase: str) -> None:
    hanging = [
        subprocess.Popen(
            ["curl", "-s", f"{faulty.url}/v1/holds", "-H", f"X-API-Key: {KEY}", "-H", "Content-Type: application/json",
             "-d", body(f"hang-{phase}{number}"), "-m", "1"]
        )
        for number in range(40)
    ]  # fmt: skip
    assert json.loads(curl(faulty, f"while-{phase}hanging").stdout)["status"] == "held"
    assert {each.wait(10) for each in hanging} == {28}
    assert replayed(faulty, f"hang-{phase}0") == bool(phase)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", ConnectionResetError),
        ("empty", http.client.RemoteDisconnected),
        ("truncate", http.client.IncompleteRead),
    ],
)
def test_pythons_client_sees_the_fault(faulty: RunningServer, kind: str, error: type[Exception]) -> None:
    connection = http.client.HTTPConnection(faulty.url.removeprefix("http://"), timeout=10)
    try:
        connection.request(
            "POST", "/v1/holds", body(f"{kind}-python"), {"X-API-Key": KEY, "Content-Type": "application/json"}
        )
        with pytest.raises(error):
            connection.getresponse().read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "code"), [("reset", "ECONNRESET"), ("empty", "ECONNRESET"), ("truncate", "ECONNRESET")]
)
def test_nodes_client_sees_the_fault(faulty: RunningServer, kind: str, code: str, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed; the same faults are tried with curl and Python")
    program = tmp_path / "call.js"
    program.write_text(f"""
const http = require("http");
const request = http.request("{faulty.url}/v1/holds", {{method: "POST", headers: {{"X-API-Key": "{KEY}",
  "Content-Type": "application/json"}}}}, (answer) => {{
  answer.on("data", () => {{}}); answer.on("error", (error) => console.log(error.code)); }});
request.on("error", (error) => console.log(error.code));
request.end({json.dumps(body(f"{kind}-node"))});
""")
    done = subprocess.run([node, str(program)], capture_output=True, text=True, timeout=20)
    assert done.stdout.strip() == code


@pytest.mark.parametrize("kind", ["truncate", "malformed"])
def test_a_fault_before_the_commit_tells_of_nothing_that_is_not_so(faulty: RunningServer, kind: str) -> None:
    """The broken body of a release or an invoice says nothing of a hold; nor does any say that it took effect."""
    curl(faulty, f"whole-{kind}")
    calls = {
        f"/v1/holds/whole-{kind}": ["-X", "DELETE"],
        "/v1/invoices": ["-d", json.dumps({"global_id": f"whole-{kind}", "order_id": f"o-{kind}"})],
        "/v1/holds": ["-d", body(f"another-{kind}")],
    }
    for path, options in calls.items():
        headers = [f"X-API-Key: {KEY}", "Content-Type: application/json", f"X-Mockpos-Scenario: all-{kind}"]
        given = [word for header in headers for word in ("-H", header)]
        command = ["curl", "-s", faulty.url + path, *given, *options]
        told = subprocess.run(command, capture_output=True, timeout=30).stdout
        assert told.startswith(b"{")
        for word in (b"status", b"held", b"released", b"invoiced"):
            assert word not in told
