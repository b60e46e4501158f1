"""WireMock: one stub; its request journal unbounded as it comes, bounded, or off."""

import json
from pathlib import Path

from bench.servers.npm import MODULES
from bench.servers.server import ANSWER, Server

JOURNALS = {
    "unbounded": ("journal as it comes", ()),
    "bounded": ("journal of 10,000 calls, as mockpos's", ("--max-request-journal-entries", "10000")),
    "off": ("no journal", ("--no-request-journal",)),
}


def wiremock(delay_ms: int = 0, *, journal: str = "unbounded") -> Server:
    """Return WireMock with a hold that is answered after ``delay_ms``."""
    words, options = JOURNALS[journal]

    def prepare(folder: Path, port: int) -> list[str]:
        response = {"status": 200, "jsonBody": ANSWER, "headers": {"Content-Type": "application/json"}}
        if delay_ms:
            response["fixedDelayMilliseconds"] = delay_ms
        stub = {"request": {"method": "POST", "urlPath": "/v1/holds"}, "response": response}
        (folder / "mappings").mkdir()
        (folder / "mappings" / "hold.json").write_text(json.dumps(stub))
        jar = next((MODULES / "wiremock" / "build").glob("*.jar"))
        command = ["java", "-jar", str(jar), "--port", str(port), "--root-dir", str(folder), "--disable-banner"]
        return [*command, *options]

    name = "wiremock" if journal == "unbounded" else f"wiremock_{journal}"
    return Server(name, f"WireMock stub, {words}", prepare)
