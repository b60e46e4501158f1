"""What a call leaves behind that only the garbage collector could free: a busy server looks for old garbage never."""

import gc
import json
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import create_environ

from tests.conftest import KEY, BedMaker, TestBed, a_listing

WERKZEUG = 8
"""Objects of the function that werkzeug finds a route with, which refers to itself. They die young."""


@pytest.fixture
def bed(make_bed: BedMaker) -> Iterator[TestBed]:
    bed = make_bed(a_listing(quantity=1000))
    bed.hold(global_id="again")
    gc.collect()
    gc.disable()
    yield bed
    gc.enable()


def serve(bed: TestBed, method: str, path: str, body: bytes, key: str = KEY) -> None:
    """Serve a call without a test client, which leaves much behind itself."""
    environ = create_environ(
        path, method=method, data=body, content_type="application/json", headers={"X-API-Key": key}
    )
    chunks: Any = bed.client.application(environ, lambda *_: None)
    b"".join(chunks)
    chunks.close()


def left_by(bed: TestBed, count: int, *call: Any) -> float:
    for _ in range(3):
        serve(bed, *call)
    gc.collect()
    for _ in range(count):
        serve(bed, *call)
    return gc.collect() / count


def hold(**changed: Any) -> bytes:
    return json.dumps({"remote_id": "TG-1", "quantity": 1, "global_id": "again", **changed}).encode()


@pytest.mark.parametrize(
    ("call", "most"),
    [
        (("POST", "/v1/holds", hold(quantity=2)), 0),
        (("POST", "/v1/holds", hold(global_id="huge", quantity=5000)), 0),
        (("POST", "/v1/holds", hold(remote_id="TG-2")), 0),
        (("POST", "/v1/holds", hold(remote_id="MOCK-POS-UNAVAILABLE")), 0),
        (("POST", "/v1/holds", hold(), "wrong"), 0),
        (("POST", "/v1/holds", b"{"), 0),
        (("POST", "/v1/holds", b"{}"), 0),
        (("POST", "/v1/holds", hold(quantity="x", more=1)), 0),
        (("POST", "/v1/invoices", b'{"global_id": "unknown", "order_id": "o"}'), 0),
        (("DELETE", "/v1/holds/unknown", b""), WERKZEUG),
        (("GET", "/v1/holds", b""), WERKZEUG),
        (("GET", "/nowhere", b""), WERKZEUG),
        (("POST", "/_mock/clock", b"{}"), WERKZEUG),
        (("GET", "/_mock/listings?limit=x", b""), WERKZEUG),
        (("GET", "/_mock/audit", b""), WERKZEUG),
    ],
)
def test_a_call_leaves_nothing_to_collect(bed: TestBed, call: tuple[Any, ...], most: int) -> None:
    assert left_by(bed, 10, *call) <= most


def test_a_sandbox_that_was_dropped_is_gone_at_once(bed: TestBed) -> None:
    def ask(method: str, path: str, asked: object = None, key: str = KEY) -> None:
        serve(bed, method, path, b"" if asked is None else json.dumps(asked).encode(), key)

    ask("POST", "/_mock/sandboxes", {"name": "mine", "api_key": "my-own-key"})
    sandbox = bed.mock.sandboxes.get("mine")
    assert sandbox is not None
    ask("POST", "/v1/holds", {"remote_id": "TG-1", "quantity": 1, "global_id": "g"}, key=sandbox.api_key)
    ask("PUT", "/s/mine/_mock/snapshots/then")
    ask("POST", "/s/mine/_mock/snapshots/then/restore")
    ask("PUT", "/s/mine/_mock/scenario", {"name": "flapping"})
    store = weakref.ref(sandbox.store)
    del sandbox
    assert store() is not None
    ask("DELETE", "/_mock/sandboxes/mine")
    assert store() is None
