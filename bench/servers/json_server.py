"""json-server: the one tool of the field that stores what it is sent. It writes its whole file at each call."""

import json
from pathlib import Path

from bench.inventory import listing_documents
from bench.load.wrk import Calls
from bench.servers.npm import program
from bench.servers.server import Server


def json_server(inventory: Path, listings: int) -> Server:
    """Return json-server over the same listings as mockpos, and no hold yet."""

    def prepare(folder: Path, port: int) -> list[str]:
        rows = [{"id": number, **document} for number, document in enumerate(listing_documents(inventory), 1)]
        (folder / "db.json").write_text(json.dumps({"listings": rows, "holds": []}))
        return [program("json-server"), "--host", "127.0.0.1", "--port", str(port), str(folder / "db.json")]

    calls = Calls(listings, path="/holds")
    return Server("json_server", "json-server", prepare, calls=calls)
