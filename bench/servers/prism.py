"""Prism: a mock of an OpenAPI document with one operation and one example. It has no delay of its own."""

import json
from pathlib import Path

from bench.servers.npm import program
from bench.servers.server import ANSWER, Server

_FIELDS = {"remote_id": {"type": "string"}, "quantity": {"type": "integer"}, "global_id": {"type": "string"}}
_ASKED = {"type": "object", "required": list(_FIELDS), "properties": _FIELDS}
_DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "holds", "version": "1"},
    "paths": {
        "/v1/holds": {
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": _ASKED}}},
                "responses": {
                    "200": {
                        "description": "held",
                        "content": {"application/json": {"schema": {"type": "object"}, "example": ANSWER}},
                    }
                },
            }
        }
    },
}


def prism() -> Server:
    """Return Prism over that document."""

    def prepare(folder: Path, port: int) -> list[str]:
        (folder / "openapi.json").write_text(json.dumps(_DOCUMENT))
        return [program("prism"), "mock", "--host", "127.0.0.1", "--port", str(port), str(folder / "openapi.json")]

    return Server("prism", "Prism", prepare)
