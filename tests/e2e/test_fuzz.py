"""Property-based fuzzing of a live server from its own OpenAPI document, with every check schemathesis has.

No check is switched off and nothing is excluded. What its configuration says is said because the contract says so:

* ``positive_data_acceptance``: a call of the right form may still be refused by the state of the inventory,
  with 404, 409, 410 and, for a split the broker does not sell, 422.
* ``negative_data_rejection``: what schemathesis thinks is wrong in form is refused with 400, 413, 415 or 422, and
  with 401, 404, 405 where it breaks the key, the path or the method.
"""

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import KEY, ROOT, running_server

CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = [200, 201, 202, 404, 409, 410, 422]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 413, 415, 422]
"""

EVERYTHING_DIFFERENT = """
[checks]
positive_data_acceptance.expected-statuses = [200, 201, 202, 400, 404, 409, 410, 422]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 413, 415, 422]
"""
"""That contract answers a split the broker does not sell with 400."""


def fuzz(folder, url, key, *options, config=CONFIG):
    """Run schemathesis against a server; it must find nothing."""
    (folder / "schemathesis.toml").write_text(config)
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", "schemathesis.toml"]
    command += ["run", f"{url}/openapi.json", "--checks", "all", "-H", key, "--no-color", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "3 selected / 3 total" in done.stdout
    assert re.search(r"Test cases:\s+\d+ generated, \d+ passed", done.stdout)
    assert not re.search(r"\d+ (failed|errored)", done.stdout)


def test_schemathesis_finds_nothing(tmp_path):
    with running_server(tmp_path, "--quiet") as server:
        fuzz(tmp_path, server.url, f"X-API-Key: {KEY}", "--max-examples", "40", "--seed", "2")
        assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()


def test_schemathesis_finds_nothing_in_another_contract(tmp_path):
    text = (ROOT / "fixtures" / "contracts" / "everything-different.yaml").read_text()
    listed = "    trace:\n      - $request_id\n      - $instance\n"
    assert listed in text
    contract = tmp_path / "contract.yaml"
    # schemathesis 4.32 writes prefixItems as an older draft's items, and then calls that an invalid schema
    contract.write_text(text.replace(listed, "    trace: {id: $request_id, at: $instance}\n"))
    with running_server(tmp_path, "--quiet", "--contract", str(contract)) as server:
        fuzz(
            tmp_path, server.url, f"Authorization: Token {KEY}", "--max-examples", "10", "--seed", "2",
            config=EVERYTHING_DIFFERENT,
        )  # fmt: skip
