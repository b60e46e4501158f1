"""What the tests of hostile calls share: a busy world, and checks that a refusal changes nothing of it."""

import json

import pytest

from tests.conftest import KEY, ManualClock, a_bed, a_listing

GOOD = {"remote_id": "TG-1", "quantity": 2, "global_id": "new"}
INVOICE = {"global_id": "live", "order_id": "o-1"}
HEADERS = {"X-API-Key": KEY}


def a_busy_world():
    """A world with a live hold, a sale, a released hold and a tombstone; nothing in it moves by itself."""
    bed = a_bed(a_listing(quantity=8), a_listing("\u00e9"), clock=ManualClock())
    for name in ("live", "sold", "released"):
        bed.hold(quantity=1, global_id=name)
    bed.invoice("sold")
    bed.release("released")
    bed.release("tombstone")
    return bed


@pytest.fixture
def busy():
    """A busy world of one test's own."""
    return a_busy_world()


@pytest.fixture(scope="module")
def unchanged():
    """One busy world for all calls that are refused: each test makes sure that it changed nothing."""
    return a_busy_world()


def state(bed):
    """Everything the store knows."""
    world = bed.store.snapshot()
    return (
        list(world.each_listing()),
        sorted(world.each_live()),
        list(world.each_closed()),
        list(world.tombstones.items()),
        sorted(world.orders.items()),
        world.invoices_made,
        world.committed_at,
    )


def refused(bed, method, path, *, status, code, **call):
    """Make a call that must be refused in JSON and change nothing; return the problem."""
    before = state(bed)
    reply = bed.client.open(path, method=method, headers={**HEADERS, **call.pop("headers", {})}, **call)
    assert state(bed) == before
    assert (reply.status_code, reply.content_type) == (status, "application/problem+json")
    assert reply.headers["X-Request-Id"]
    assert int(reply.headers["Content-Length"]) < 4000
    assert "Location" not in reply.headers
    if method == "HEAD":
        assert reply.data == b""
        return {}
    problem = json.loads(reply.data)
    assert (problem["status"], problem["code"]) == (status, code)
    assert "sys." not in problem["detail"], "nothing of Python's own advice"
    return problem


def malformed(bed, data, **call):
    call = {"content_type": "application/json", "status": 400, "code": "malformed_request", **call}
    return refused(bed, "POST", "/v1/holds", data=data, **call)


def invalid(bed, data, *fields, path="/v1/holds"):
    if isinstance(data, dict):
        data = json.dumps(data).encode()
    problem = refused(
        bed, "POST", path, data=data, content_type="application/json", status=422, code="validation_failed"
    )
    assert sorted(problem["errors"]) == sorted(fields)
    assert all(messages and all(isinstance(m, str) for m in messages) for messages in problem["errors"].values())
    return problem


def with_raw(name, raw, **others):
    """Return a good hold in which one field is written exactly so."""
    fields = {key: json.dumps(value) for key, value in {**GOOD, **others}.items()} | {name: raw}
    return ("{" + ",".join(f'"{key}":{value}' for key, value in fields.items()) + "}").encode("utf-8", "surrogatepass")
