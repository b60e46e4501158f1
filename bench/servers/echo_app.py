"""A bare Flask view that parses JSON and answers JSON, on the worker that mockpos runs on: what cannot be undercut.

Run as ``python -P echo_app.py PORT ANSWER``. It must do nothing of mockpos's work.
"""

import gc
import json
import sys

from flask import Flask, request

from mockpos.server.application import Application
from mockpos.server.run import bind, serve
from mockpos.server.wsgi_lane import WsgiLane


def main(port: int, answer: dict[str, object]) -> int:
    """Serve until told to stop."""
    app = Flask("echo")

    @app.post("/v1/holds")
    def hold() -> dict[str, object]:
        asked = request.get_json()
        return {**answer, "global_id": asked["global_id"], "remote_id": asked["remote_id"]}

    return serve(Application(handle=WsgiLane(app), on_ready=_settle_memory), bind("127.0.0.1", port))


def _settle_memory() -> None:
    """Spare it the garbage collector as mockpos spares itself: the floor is to be as low as it can be."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), json.loads(sys.argv[2])))
