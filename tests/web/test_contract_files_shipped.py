"""Contract files: every fault named with file and line, and two whole other contracts spoken end to end."""

import json

import pytest

from mockpos.contract.loader import DEFAULT_CONTRACT, load_contract
from mockpos.domain.codes import CATALOGUE
from tests.conftest import KEY, ROOT, a_listing

DEFAULT = DEFAULT_CONTRACT.read_text()
CONTRACTS = ROOT / "fixtures" / "contracts"
TTL = 15 * 60_000

# The two shipped examples, end to end


@pytest.mark.parametrize("file", sorted(CONTRACTS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_shipped_contract_has_no_faults_and_no_warnings(file):
    assert load_contract(file).warnings == ()


class Kestrel:
    """Speaks fixtures/contracts/everything-different.yaml."""

    def __init__(self, bed):
        self.bed = bed
        self.clock = bed.clock

    def call(self, method, path, body=None, **headers):
        sent = {"Authorization": f"Token {KEY}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        return self.bed.client.open(path, method=method, json=body, headers=sent)

    def hold(self, remote_id="TG-1", count=2, reference="g-1", **more):
        reservation = {"ticketGroupId": remote_id, "count": count, "reference": reference, **more}
        return self.call("PUT", "/automation/reservations", {"data": {"reservation": reservation}})

    def release(self, reference):
        return self.call("POST", f"/automation/cancellations?reference={reference}")

    def invoice(self, reference, order="o-1"):
        return self.call("PATCH", f"/automation/reservations/{reference}/purchase", {"data": {"orderNumber": order}})


@pytest.fixture
def make_kestrel(make_bed):
    return lambda *listings, **settings: Kestrel(
        make_bed(*listings, contract=CONTRACTS / "everything-different.yaml", **settings)
    )


@pytest.fixture
def kestrel(make_kestrel):
    return make_kestrel(a_listing(), a_listing("GONE", retired=True, superseded_by="TG-1"))


def test_everything_different_holds(kestrel):
    reply = kestrel.hold()
    assert (reply.status_code, reply.content_type) == (201, "application/json")
    assert reply.data == (
        b'{"data":{"state":"RESERVED","reservation":{"reference":"g-1","ticketGroupId":"TG-1","count":2,'
        b'"seatNumbers":["5","6"],"from":"2026-11-23T12:00:00.000Z","until":"2026-11-23T12:15:00.000Z"}},'
        b'"meta":{"repeated":false,"version":3}}'
    )
    assert kestrel.hold().data == reply.data.replace(b"false", b"true")
    assert kestrel.hold(count=1).json["fault"]["name"] == "global_id_conflict"


def test_everything_different_releases_by_query(kestrel):
    kestrel.hold()
    reply = kestrel.release("g-1")
    assert reply.status_code == 202
    assert reply.data == (
        b'{"data":{"state":"CANCELED","reservation":{"reference":"g-1","ticketGroupId":"TG-1","count":2},'
        b'"canceledAt":"2026-11-23T12:00:00.000Z","hadLapsed":false,"left":4},"meta":{"repeated":false}}'
    )
    assert kestrel.release("%67-1&x=1").json["meta"] == {"repeated": True}


def test_everything_different_invoices_by_path(kestrel):
    kestrel.hold()
    reply = kestrel.invoice("g-1", 77)
    assert reply.status_code == 201
    assert reply.json == {
        "data": {
            "purchase": {
                "number": "INV-000001", "orderNumber": "77", "at": "2026-11-23T12:00:00.000Z",
                "soldTo": "Ticket Evolution", "price": {"value": "240.00", "unit": "USD"}, "takenAgain": False,
            },
            "state": "BOUGHT",
            "reservation": {"reference": "g-1", "ticketGroupId": "TG-1", "count": 2, "seatNumbers": ["5", "6"]},
        },
        "meta": {"repeated": False},
    }  # fmt: skip


def test_everything_different_has_its_own_error_shape(kestrel):
    reply = kestrel.hold(count=5)
    assert (reply.status_code, reply.content_type) == (409, "application/vnd.kestrel.fault+json")
    assert json.dumps(reply.json) == json.dumps(
        {
            "ok": False,
            "fault": {
                "name": "TOO_FEW",
                "text": "TG-1 has 4 unsold tickets; 5 were asked for.",
                "title": "Insufficient quantity",
                "http": 409,
                "tryAgain": False,
                "about": {"available_quantity": 4},
                "readMore": "/docs/codes#insufficient_quantity",
            },
            "trace": ["req-1", "/_mock/requests/req-1"],
        }
    )


def statuses_seen(kestrel):
    """Provoke what plain state can; return what answered."""
    yield kestrel.hold("NONE")
    yield kestrel.hold("GONE")
    yield kestrel.hold(count=5)
    yield kestrel.hold(count=0)
    kestrel.hold(count=4)
    yield kestrel.hold(count=3)
    yield kestrel.hold(reference="other", count=1)
    kestrel.invoice("g-1")
    yield kestrel.hold(reference="other", count=1)
    yield kestrel.hold(count=4)
    yield kestrel.invoice("g-1", "another")
    yield kestrel.release("g-1")
    yield kestrel.release("unknown")
    yield kestrel.call("PUT", "/automation/reservations", {}, Authorization="")
    yield kestrel.call("PUT", "/automation/reservations", {}, Authorization="Token no")
    yield kestrel.call("PUT", "/automation/reservations", {}, Content_Type="text/plain")
    yield kestrel.call("DELETE", "/automation/reservations")
    yield kestrel.call("POST", "/v1/holds")


def test_everything_different_answers_with_its_own_statuses(kestrel):
    changed = {
        "validation_failed": 400, "invalid_split": 400, "key_not_allowed": 401, "listing_retired": 404,
        "listing_sold_out": 404, "hold_released": 404, "hold_expired": 404, "pos_timeout": 502,
    }  # fmt: skip
    seen = set()
    for reply in statuses_seen(kestrel):
        fault = reply.json["fault"]
        assert reply.content_type == "application/vnd.kestrel.fault+json"
        code = "insufficient_quantity" if fault["name"] == "TOO_FEW" else fault["name"]
        assert reply.status_code == fault["http"] == changed.get(code, CATALOGUE[code].status)
        assert reply.json["trace"][0] == reply.headers["X-Request-Id"]
        seen.add(fault["name"])
    assert len(seen) == 16


def test_everything_different_lapses(make_kestrel):
    kestrel = make_kestrel()
    kestrel.hold()
    kestrel.clock.advance(TTL)
    reply = kestrel.invoice("g-1")
    assert (reply.status_code, reply.json["fault"]["about"]) == (404, {"expired_at": "2026-11-23T12:15:00.000Z"})


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"data"}),
        ({"data": None}, {"data"}),
        ({"data": []}, {"data"}),
        ({"data": {"reservation": "x"}}, {"data.reservation"}),
        ({"data": {"reservation": {}}}, {f"data.reservation.{n}" for n in ("ticketGroupId", "count", "reference")}),
        (
            {"data": {"reservation": {"ticketGroupId": "TG-1", "count": "2", "reference": "g-1"}}},
            {"data.reservation.count"},
        ),
        (
            {"data": {"reservation": {"ticketGroupId": "TG-1", "count": 2, "reference": "g-1", "price": 1}}},
            {"data.reservation.price"},
        ),
        (
            {"data": {"reservation": {"ticketGroupId": "TG-1", "count": 2, "reference": "g-1"}, "x": {}}, "y": 1},
            {"data.x", "y"},
        ),
        ({"remote_id": "TG-1", "quantity": 2, "global_id": "g"}, {"remote_id", "quantity", "global_id", "data"}),
        ({"data": {"reservation": {"ticketGroupId": "TG-1", "count": 2, "reference": "g-1", "\ud800": 1}}}, None),
    ],
)
def test_everything_different_names_wrong_and_unknown_fields_by_their_place(kestrel, body, wrong):
    reply = kestrel.call("PUT", "/automation/reservations", body)
    fault = reply.json["fault"]
    assert (reply.status_code, fault["name"]) == (400, "validation_failed")
    assert wrong is None or set(fault["about"]["errors"]) == wrong
    assert next(kestrel.bed.store.listings())[1].available == 4


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Is required."),
        ("?", "Is required."),
        ("?ref=g-1", "Is required."),
        ("?Reference=g-1", "Is required."),
        ("?reference=g-1&reference=g-1", "Must be given once."),
        ("?reference=", "Must be 1 to 128"),
        ("?reference=%FF", "Must be 1 to 128"),
        ("?reference=a+b", "Must be 1 to 128"),
        ("?reference=a%00", "Must be 1 to 128"),
        ("?reference=" + "x" * 129, "Must be 1 to 128"),
    ],
)
def test_everything_different_checks_the_global_id_in_the_query(kestrel, query, message):
    reply = kestrel.call("POST", f"/automation/cancellations{query}")
    assert reply.status_code == 400
    assert reply.json["fault"]["about"]["errors"]["reference"][0].startswith(message)


def test_everything_different_checks_the_global_id_in_the_path_together_with_the_body(kestrel):
    reply = kestrel.call("PATCH", "/automation/reservations/-/purchase", {"data": {"orderNumber": ""}})
    assert set(reply.json["fault"]["about"]["errors"]) == {"reference", "data.orderNumber"}


def test_everything_different_takes_only_its_own_key_and_scheme(kestrel):
    body = {"data": {"reservation": {"ticketGroupId": "TG-1", "count": 1, "reference": "g-1"}}}
    for headers in ({"Authorization": f"Bearer {KEY}"}, {"Authorization": KEY}, {"X-API-Key": KEY}):
        reply = kestrel.bed.client.put("/automation/reservations", json=body, headers=headers)
        assert (reply.status_code, reply.json["fault"]["name"]) == (401, "api_key_missing")
        assert "Bearer" not in reply.headers["WWW-Authenticate"]


def test_everything_different_has_none_of_the_default_paths(kestrel):
    for method, path in (("POST", "/v1/holds"), ("DELETE", "/v1/holds/g"), ("POST", "/v1/invoices")):
        reply = kestrel.call(method, path)
        assert (reply.status_code, reply.json["fault"]["name"]) == (404, "unknown_endpoint")
    assert kestrel.call("PUT", "/automation/reservation").json["fault"]["about"] == {
        "did_you_mean": "/automation/reservations"
    }


def test_the_httparty_contract_differs_only_in_the_errors_media_type(make_bed):
    ours, theirs = make_bed(), make_bed(contract=CONTRACTS / "httparty.yaml")
    for bed in (ours, theirs):
        bed.replies = [
            bed.hold(global_id="g"), bed.hold(global_id="g"), bed.invoice("g"), bed.release("g"), bed.hold("NONE"),
            bed.hold(quantity=True), bed.call("GET", "/v1/holds"), bed.call("GET", "/x"), bed.release("y"),
        ]  # fmt: skip
    for one, other in zip(ours.replies, theirs.replies, strict=True):
        assert other.content_type == "application/json"
        assert (one.status_code, one.data) == (other.status_code, other.data)


@pytest.mark.parametrize("file", [None, "everything-different.yaml", "httparty.yaml"])
def test_the_openapi_document_names_the_contracts_routes_and_statuses(make_bed, file):
    path = CONTRACTS / file if file else None
    bed = make_bed(**({"contract": path} if path else {}))
    contract = load_contract(path)
    document = bed.client.get("/openapi.json").json
    routes = {(rule.method.lower(), rule.path): rule for rule in contract.operations.values()}
    found = {(m, p): op for p, operations in document["paths"].items() for m, op in operations.items()}
    assert set(found) == set(routes)
    for route, operation in found.items():
        rule = routes[route]
        statuses = {str(rule.success)} | {str(contract.status(c)) for c in contract.codes_of(CATALOGUE, rule.operation)}
        assert set(operation["responses"]) == statuses
        assert operation["operationId"] == rule.operation_id
