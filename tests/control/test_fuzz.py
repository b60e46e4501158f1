"""Property-based fuzzing of a live control plane from its own document, with every check schemathesis has.

* ``positive_data_acceptance``: a call of the right form may name what is not there (404), find nothing to verify
  (409), or ask for what cannot be (422: a name that is taken, a fixture that is not known, a 30th of February).
* ``negative_data_rejection``: wrong in form is 400, 413, 415 or 422; where it breaks key, path or method 401, 404, 405;
  414 where the wrong value is longer than a request line.
* An unknown scenario is 400 here as it is for the header that names one.
"""

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import running_server

CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = [200, 201, 202, 204, 404, 409, 422]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 413, 414, 415, 422]

[[operations]]
include-path = "/_mock/scenario"
checks.positive_data_acceptance.expected-statuses = [200, 400, 422]
"""
STREAM = "/_mock/events"


def test_schemathesis_finds_nothing(tmp_path):
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    with running_server(tmp_path, "--quiet", "--fixture", "tiny") as server:
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "--config-file", "schemathesis.toml",
            "run", f"{server.url}/_mock/openapi.json", "--checks", "all", "--no-color", "--seed", "3",
            "--max-examples", "6", "--phases", "examples,coverage,fuzzing", "--exclude-path", STREAM,
        ]  # fmt: skip
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        assert re.search(r"Test cases:\s+\d+ generated, \d+ passed", done.stdout)
        assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()
