"""WireMock: one stub, request journal on, as it comes."""

import json
from pathlib import Path

from bench.servers.field import MODULES
from bench.servers.server import ANSWER, Server


def wiremock(delay_ms: int = 0) -> Server:
    """Return WireMock with a hold that is answered after ``delay_ms``."""

    def prepare(folder: Path, port: int) -> list[str]:
        response = {"status": 200, "jsonBody": ANSWER, "headers": {"Content-Type": "application/json"}}
        if delay_ms:
            response["fixedDelayMilliseconds"] = delay_ms
        stub = {"request": {"method": "POST", "urlPath": "/v1/holds"}, "response": response}
        (folder / "mappings").mkdir()
        (folder / "mappings" / "hold.json").write_text(json.dumps(stub))
        jar = next((MODULES / "wiremock" / "build").glob("*.jar"))
        return ["java", "-jar", str(jar), "--port", str(port), "--root-dir", str(folder), "--disable-banner"]

    return Server("wiremock", "WireMock stub, journal on", prepare)
