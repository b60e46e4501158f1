"""Mockoon CLI: one environment with one route, as it comes."""

import json
from pathlib import Path
from typing import Any

from bench.servers.npm import program
from bench.servers.server import ANSWER, Server

_TLS_FILES = ("pfxPath", "certPath", "keyPath", "caPath", "passphrase")


def mockoon(delay_ms: int = 0) -> Server:
    """Return Mockoon with a hold that is answered after ``delay_ms``."""

    def prepare(folder: Path, port: int) -> list[str]:
        (folder / "environment.json").write_text(json.dumps(_environment(port, delay_ms)))
        return [program("mockoon-cli"), "start", "--data", str(folder / "environment.json")]

    return Server("mockoon", "Mockoon CLI", prepare)


def _environment(port: int, delay_ms: int) -> dict[str, Any]:
    """Return a data file; its ids are made up, and ``--repair`` is not needed for it."""
    response = {
        "uuid": "00000000-0000-4000-8000-000000000003",
        "body": json.dumps(ANSWER),
        "latency": delay_ms,
        "statusCode": 200,
        "label": "",
        "headers": [{"key": "Content-Type", "value": "application/json"}],
        "bodyType": "INLINE",
        "filePath": "",
        "databucketID": "",
        "sendFileAsBody": False,
        "rules": [],
        "rulesOperator": "OR",
        "disableTemplating": True,
        "fallbackTo404": False,
        "default": True,
        "crudKey": "id",
        "callbacks": [],
    }
    route = {
        "uuid": "00000000-0000-4000-8000-000000000002",
        "type": "http",
        "documentation": "",
        "method": "post",
        "endpoint": "v1/holds",
        "responses": [response],
        "responseMode": None,
        "streamingMode": None,
        "streamingInterval": 0,
    }
    return {
        "uuid": "00000000-0000-4000-8000-000000000001",
        "lastMigration": 33,
        "name": "holds",
        "endpointPrefix": "",
        "latency": 0,
        "port": port,
        "hostname": "127.0.0.1",
        "folders": [],
        "routes": [route],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "proxyMode": False,
        "proxyHost": "",
        "proxyRemovePrefix": False,
        "tlsOptions": {"enabled": False, "type": "CERT"} | dict.fromkeys(_TLS_FILES, ""),
        "cors": False,
        "headers": [],
        "proxyReqHeaders": [],
        "proxyResHeaders": [],
        "data": [],
        "callbacks": [],
    }
