"""mountebank: one imposter with one stub, as it comes."""

import json
from pathlib import Path

from bench.servers.npm import program
from bench.servers.server import ANSWER, Server, free_port


def mountebank(delay_ms: int = 0) -> Server:
    """Return mountebank with a hold that is answered after ``delay_ms``."""

    def prepare(folder: Path, port: int) -> list[str]:
        answer = {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": ANSWER}
        response: dict[str, object] = {"is": answer}
        if delay_ms:
            response["behaviors"] = [{"wait": delay_ms}]
        stub = {"predicates": [{"equals": {"method": "POST", "path": "/v1/holds"}}], "responses": [response]}
        imposters = {"imposters": [{"port": port, "protocol": "http", "stubs": [stub]}]}
        (folder / "imposters.json").write_text(json.dumps(imposters))
        return [program("mb"), "start", "--port", str(free_port()), "--configfile", str(folder / "imposters.json")]

    return Server("mountebank", "mountebank stub", prepare)
