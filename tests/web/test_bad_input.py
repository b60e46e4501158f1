"""Hostile calls: each gets its documented 4xx as problem+json, and nothing in the inventory changes."""

import json
import time
from io import BytesIO

import pytest

from tests.conftest import KEY, a_listing

GOOD = {"remote_id": "TG-1", "quantity": 2, "global_id": "new"}
INVOICE = {"global_id": "live", "order_id": "o-1"}
HEADERS = {"X-API-Key": KEY}


@pytest.fixture
def busy(make_bed):
    """A world with a live hold, a sale, a released hold and a tombstone; nothing in it moves by itself."""
    bed = make_bed(a_listing(quantity=8), a_listing("\u00e9"))
    for name in ("live", "sold", "released"):
        bed.hold(quantity=1, global_id=name)
    bed.invoice("sold")
    bed.release("released")
    bed.release("tombstone")
    return bed


def state(bed):
    """Everything the store knows."""
    world = bed.store.snapshot()
    return (
        list(world.each_listing()),
        sorted((name, hold) for name, hold in world.live.items()),
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


# Not one JSON object

NOT_JSON = {
    "nothing": b"",
    "white space": b" \r\n\t ",
    "text": b"hello",
    "HTML": b"<html></html>",
    "a form": b"remote_id=TG-1&quantity=2&global_id=new",
    "cut": b'{"remote_id":"TG-1","quantity":2',
    "cut in a string": b'{"remote_id":"TG-1',
    "a comma too many": b'{"remote_id":"TG-1",}',
    "single quotes": b"{'remote_id':'TG-1'}",
    "comments": b'{/* no */"remote_id":"TG-1"}',
    "unquoted names": b'{remote_id:"TG-1"}',
    "two objects": b"{}{}",
    "something behind": b"{} x",
    "a NUL behind": b"{}\0",
    "a leading zero": with_raw("quantity", "02"),
    "a plus sign": with_raw("quantity", "+2"),
    "a bare point": with_raw("quantity", "2."),
    "hexadecimal": with_raw("quantity", "0x2"),
    "an underscore": with_raw("quantity", "1_0"),
    "full-width digits": with_raw("quantity", "\uff12"),
    "Python's True": with_raw("quantity", "True"),
    "NaN": with_raw("quantity", "NaN"),
    "Infinity": with_raw("quantity", "Infinity"),
    "-Infinity": with_raw("quantity", "-Infinity"),
    "NaN in an unknown field": with_raw("x", "[NaN]"),
    "a raw control in a string": b'{"remote_id":"a\x01"}',
    "a raw line feed in a string": b'{"remote_id":"a\n"}',
    "a raw lone surrogate": with_raw("remote_id", '"\ud800"'),
    "a broken escape": with_raw("remote_id", r'"\u12"'),
    "an unknown escape": with_raw("remote_id", r'"\x41"'),
    "invalid UTF-8": b'{"remote_id":"\xff"}',
    "overlong UTF-8": b'{"remote_id":"\xc0\xaf"}',
    "Latin-1": '{"remote_id":"é"}'.encode("latin-1"),
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "UTF-16 without a mark": json.dumps(GOOD).encode("utf-16-le"),
    "UTF-16, the other end": json.dumps(GOOD).encode("utf-16-be"),
    "UTF-32": json.dumps(GOOD).encode("utf-32-le"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
    "gzip": bytes.fromhex("1f8b08000000000000ff"),
    "an array": b"[]",
    "an array of calls": json.dumps([GOOD]).encode(),
    "a string": b'"{}"',
    "a number": b"12",
    "a fraction": b"1.5",
    "true": b"true",
    "null": b"null",
    "deep arrays": b"[" * 60_000,
    "deep arrays that end": b"[" * 30_000 + b"]" * 30_000,
    "deep objects": b'{"a":' * 13_000,
    "deep in an unknown field": with_raw("x", "[" * 30_000 + "]" * 30_000),
    "a deeply nested known field": with_raw("quantity", '{"quantity":' * 5_000 + "1" + "}" * 5_000),
}


@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_one_json_object_is_malformed(busy, data):
    problem = malformed(busy, data)
    assert problem["position"] is None or problem["position"].startswith(("line ", "byte "))


def test_a_hundred_thousand_brackets_are_too_large_before_they_are_deep(busy):
    malformed(busy, b"[" * 100_000, status=413, code="request_too_large")


@pytest.mark.parametrize(
    "data",
    [
        b'{"remote_id":"TG-1","quantity":2,"global_id":"new","global_id":"new"}',
        b'{"remote_id":"TG-1","remote_id":"TG-2","quantity":2,"global_id":"new"}',
        with_raw("x", '{"a":1,"a":1}'),
        with_raw("x", '[[{"y":{"a":null,"b":1,"a":2}}]]'),
        b'{"remote_id":"TG-1","quantity":2,"global_id":"new","\\u0071uantity":3}',
        with_raw("x", '{"\\ud800":1,"\\ud800":2}'),
        with_raw("x", '{"":1,"":2}'),
    ],
)
def test_a_name_that_stands_twice_in_one_object_is_malformed_at_any_depth(busy, data):
    assert "twice" in malformed(busy, data)["detail"]


def test_finding_the_name_that_stands_twice_takes_no_time(busy):
    names = "".join(f'"{n:x}":1,' for n in range(7_000))
    started = time.perf_counter()
    malformed(busy, f'{{{names}"x":1,"x":2}}'.encode())
    assert time.perf_counter() - started < 0.5


def test_one_name_in_two_objects_is_fine(busy):
    data = with_raw("x", '[{"a":1},{"a":1},{"quantity":7}]')
    reply = busy.client.post("/v1/holds", data=data, content_type="application/json", headers=HEADERS)
    assert reply.json["quantity"] == 2


# Fields

QUANTITIES_REFUSED = [
    "0", "-0", "-1", "1001", "1000000000000", "-1000000000000", "1e12", "1e400", "-1e400", "1e-400", "0e0", "0e400",
    "1E999999999", "1e99999999999999999999", "1e-99999999999999999999", "2.5", "0.9999", "1.0000000000000000000001",
    "1000.0000000000000000000000000001", "2e-1", "9" * 400, "9" * 20_000, "-" + "9" * 20_000, "0." + "0" * 20_000 + "1",
    "1" + "0" * 20_000 + ".0", '"2"', '"two"', '""', "true", "false", "null", "[2]", "[]", "{}", '{"value":2}',
]  # fmt: skip


@pytest.mark.parametrize("raw", QUANTITIES_REFUSED, ids=lambda raw: raw[:24])
def test_a_quantity_that_is_no_whole_number_from_1_to_1000(busy, raw):
    invalid(busy, with_raw("quantity", raw), "quantity")


@pytest.mark.parametrize(
    "raw", ["2", "2.0", "2.000", "2e0", "0.2e1", "20e-1", "200E-2", "2." + "0" * 20_000, "0.00002E+5"],
    ids=lambda raw: raw[:24],
)  # fmt: skip
def test_a_quantity_is_an_integer_as_json_schema_counts(busy, raw):
    data = with_raw("quantity", raw)
    reply = busy.client.post("/v1/holds", data=data, content_type="application/json", headers=HEADERS)
    assert reply.status_code == 200
    assert b'"quantity":2,' in reply.data


@pytest.mark.parametrize("quantity", [8, 1000])
def test_a_large_quantity_is_judged_by_the_listing(busy, quantity):
    refused(busy, "POST", "/v1/holds", json={**GOOD, "quantity": quantity}, status=409, code="insufficient_quantity")


OPAQUE_REFUSED = [
    '""', '" "', '"\\t\\n"', '"\\u00a0"', json.dumps("x" * 129), json.dumps("x" * 10_000), json.dumps("é" * 129),
    '"a\\u0000b"', '"\\u0000"', '"a\\u001fb"', '"a\\u007fb"', '"a\\u0085b"', '"a\\u200bb"', '"a\\u202eb"', '"\\ufeffa"',
    '"a\\u00adb"', '"\\ud800"', '"a\\udfffb"', '"\\ud83d"', '"\\ue000"', '"\\uffff"', '"\\u0378"', '"a\\nb"', '"a\\tb"',
    "true", "false", "null", "[]", '["TG-1"]', "{}", '{"$ne":null}', "1.5", "1e-400", "1e400", "-1e400", "1e128",
    "9" * 129, "-" + "9" * 128, "9" * 20_000, "1e99999999999999999999",
]  # fmt: skip


@pytest.mark.parametrize("raw", OPAQUE_REFUSED, ids=lambda raw: raw[:24])
def test_a_remote_id_or_order_id_of_the_wrong_form(busy, raw):
    invalid(busy, with_raw("remote_id", raw), "remote_id")
    invalid(busy, f'{{"global_id":"live","order_id":{raw}}}'.encode(), "order_id", path="/v1/invoices")


GLOBAL_REFUSED = [
    '""', '" "', '"-a"', '".a"', '"_a"', '":a"', '" new"', '"new "', '"new\\n"', '"new\\u0000"', '"a/b"', '"a b"',
    '"a%20b"', '"é"', '"٣"', '"\uff41"', '"\\ud800"', '"<b>"', '"{global_id}"', json.dumps("x" * 129),
    json.dumps("x" * 10_000), "1", "1.0", "0", "true", "null", "[]", '["new"]', "{}",
]  # fmt: skip


@pytest.mark.parametrize("raw", GLOBAL_REFUSED, ids=lambda raw: raw[:24])
def test_a_global_id_of_the_wrong_form(busy, raw):
    invalid(busy, with_raw("global_id", raw), "global_id")
    invalid(busy, f'{{"global_id":{raw},"order_id":"o"}}'.encode(), "global_id", path="/v1/invoices")


def test_every_wrong_field_is_named_at_once(busy):
    problem = invalid(busy, b"{}", "remote_id", "quantity", "global_id")
    assert problem["errors"] == {name: ["Is required."] for name in ("remote_id", "quantity", "global_id")}
    assert problem["detail"] == "3 fields are wrong: global_id, quantity, remote_id."
    invalid(busy, {"remote_id": [], "quantity": "2"}, "remote_id", "quantity", "global_id")
    invalid(busy, b"{}", "global_id", "order_id", path="/v1/invoices")


@pytest.mark.parametrize("name", ["Remote_ID", "remoteId", "remote_id ", "remote\u200b_id", "REMOTE_ID"])
def test_a_field_is_spelled_exactly(busy, name):
    invalid(busy, {name: "TG-1", "quantity": 2, "global_id": "new"}, "remote_id")


def test_names_of_pythons_own_are_only_unknown_fields(busy):
    invalid(busy, {"__class__": 1, "self": 1, "_schema": 1, "tx": 1}, "remote_id", "quantity", "global_id")


@pytest.mark.parametrize(
    "raw",
    ["null", "[1,2,{}]", '{"quantity":0}', '"\\ud800"', "1e400", "1e99999999999999999999", "9" * 5_000, "9" * 60_000,
     "[" * 300 + "]" * 300, '"' + "x" * 60_000 + '"'],
    ids=lambda raw: raw[:24],
)  # fmt: skip
@pytest.mark.parametrize("name", ["order_total", "__proto__", "", "\\ud800", "é", "x" * 1000])
def test_unknown_fields_are_ignored_whatever_they_hold(busy, name, raw):
    data = with_raw(name, raw)
    reply = busy.client.post("/v1/holds", data=data, content_type="application/json", headers=HEADERS)
    assert (reply.status_code, reply.json["available_quantity"]) == (200, 4)


def test_thousands_of_unknown_fields_are_ignored(busy):
    reply = busy.client.post("/v1/holds", json={**GOOD, **{f"f{n}": n for n in range(4_000)}}, headers=HEADERS)
    assert reply.status_code == 200


# Sizes and media types


def test_a_body_of_64_kib_is_read_and_a_larger_one_is_not(busy):
    body = json.dumps(GOOD).encode()
    for size in (65_537, 70_000, 10_000_000):
        malformed(busy, body.ljust(size), status=413, code="request_too_large")
    reply = busy.client.post("/v1/holds", data=body.ljust(65_536), content_type="application/json", headers=HEADERS)
    assert reply.status_code == 200


def test_a_body_that_hides_its_length_is_measured_all_the_same(busy):
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    body = json.dumps(GOOD).encode()
    for size in (65_537, 70_000, 10_000_000):
        hidden = BytesIO(body.ljust(size))
        malformed(busy, hidden, environ_overrides=environ, status=413, code="request_too_large")
    whole = BytesIO(body.ljust(65_536))
    reply = busy.client.post(
        "/v1/holds", data=whole, content_type="application/json", headers=HEADERS, environ_overrides=environ
    )
    assert reply.status_code == 200


@pytest.mark.parametrize("length", ["-1", "abc", "1.5", "", "9" * 30, "0"])
def test_a_length_that_is_none_is_refused(busy, length):
    expected = (413, "request_too_large") if length.startswith("9") else (400, "malformed_request")
    malformed(busy, b"x", environ_overrides={"CONTENT_LENGTH": length}, status=expected[0], code=expected[1])


TYPES_REFUSED = [
    None, "", " ", "json", "text/json", "text/plain", "text/html", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/xml", "application/octet-stream", "application/jsonp",
    "application/json-seq", "application/ndjson", "application/json2", "application/+json", "application/a/b+json",
    "application/a b+json", "application/xml; x=application/json", "image/svg+json", "application/json, text/plain",
    "application/json/x", "xapplication/json", "applicationjson", ";application/json", "application/json x", "é",
]  # fmt: skip


@pytest.mark.parametrize("kind", TYPES_REFUSED)
def test_a_body_that_does_not_say_it_is_json(busy, kind):
    given = {} if kind is None else {"content_type": kind}
    malformed(busy, json.dumps(GOOD), status=415, code="unsupported_media_type", **{"content_type": None, **given})


@pytest.mark.parametrize(
    "kind",
    [
        "application/json", "APPLICATION/JSON", "Application/Json", "application/json;",
        "application/json ; charset=utf-8",
        "application/json;charset=UTF-8", 'application/json; charset="utf-8"; v=1', "application/json; charset=utf-16",
        "application/vnd.api+json", "application/problem+json", "application/vnd.tevo.v9+JSON; a=b",
        " application/json ",
        "application/merge-patch+json", "application/a+b+json",
    ],
)  # fmt: skip
def test_json_by_its_type_is_accepted(busy, kind):
    reply = busy.client.post("/v1/holds", data=json.dumps(GOOD), content_type=kind, headers=HEADERS)
    assert reply.status_code == 200


# Paths and methods

UNKNOWN_PATHS = [
    "/v1//holds", "/v1/holds/", "/v1/holds//", "/v1/invoices/",
    "/V1/holds", "/v1/Holds", "/v1", "/v1/", "/v2/holds", "/v1/hold", "/v1/holds/live/", "/v1/holds/live/x",
    "/v1/holds//live",
    "/v1/holds/a%2Fb", "/v1/holds/%2F", "/v1/holds%2Flive", "/v1%2Fholds", "/%2Fv1/holds", "/v1/holds%20",
    "/v1/holds;x=1",
    "/v1/holds%00", "/v1/holds%0a", "/v1/holds%3Fa=b", "/v1/./holds", "/v1/../v1/holds", "/v1/holds/../holds", "/%",
    "/%ff", "/%FF%FE", "/\u00e9", "/favicon.ico", "/.env", "/<script>alert(1)</script>", "/" + "a" * 3000, "/v1/holds%",
]  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN_PATHS, ids=lambda path: path[:30])
def test_a_path_of_no_operation(busy, path):
    for method in ("POST", "DELETE", "GET", "OPTIONS", "HEAD", "TRACE"):
        problem = refused(busy, method, path, json=GOOD, status=404, code="unknown_endpoint")
        assert method == "HEAD" or problem["detail"].isprintable()


ALLOWED = {"/v1/holds": "POST", "/v1/holds/live": "DELETE", "/v1/invoices": "POST"}
METHODS = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "POST", "DELETE", "CONNECT", "PROPFIND", "HOLD"]


@pytest.mark.parametrize(
    ("method", "path"), [(m, path) for path, allowed in ALLOWED.items() for m in METHODS if m != allowed]
)
def test_a_method_of_no_operation(busy, method, path):
    before = state(busy)
    environ = {"REQUEST_METHOD": method}
    reply = busy.client.open(path, json=GOOD, headers=HEADERS, environ_overrides=environ)
    assert state(busy) == before
    assert (reply.status_code, reply.headers["Allow"]) == (405, ALLOWED[path])
    assert reply.content_type == "application/problem+json"
    assert reply.headers["X-Request-Id"]
    if method != "HEAD":
        assert reply.json["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["//v1/holds", "///v1/holds", "//v1//holds", "//", "//evil.test/v1/holds"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "GET", "HEAD"])
def test_leading_slashes_are_not_merged(busy, method, path):
    environ = {"PATH_INFO": path, "RAW_URI": path, "REQUEST_URI": path}
    refused(busy, method, "/", json=GOOD, environ_overrides=environ, status=404, code="unknown_endpoint")


@pytest.mark.parametrize("path", ["/v1/holds%2Flive", "/v1/holds%2flive", "/v1%2Fholds%2Flive", "/%2Fv1/holds/live"])
def test_an_encoded_slash_is_no_slash(busy, path):
    refused(busy, "DELETE", path, status=404, code="unknown_endpoint")
    refused(busy, "DELETE", path + "?a=/", status=404, code="unknown_endpoint")
    assert busy.client.delete("/v1/holds/live?a=%2F", headers=HEADERS).status_code == 200


def test_a_method_cannot_be_smuggled(busy):
    before = state(busy)
    for headers in ({"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "DELETE"}):
        reply = busy.client.post("/v1/holds/live?_method=DELETE", headers={**HEADERS, **headers})
        assert reply.status_code == 405
    assert state(busy) == before


GARBAGE_IDS = [
    "%00", "%0A", "live%0A", "live%00", "%20", "live%20", "%20live", "%E2%80%AE", "%FF", "%C0%AF", "%ED%A0%80",
    "%", "%zz",
    "%25", "%6", "..", ".", "-", "_a", "%2E%2E", "a,b", "a;b", "a|b", "a+b", "a@b", "a'b", "a%22b", "a%3Cb%3E", "a%5Cb",
    "\u00e9", "x" * 129, "x" * 3000, "%F0%9F%8E%AB", "{global_id}", "<global_id>", "*", "~", "$(id)", "a=b",
]  # fmt: skip


@pytest.mark.parametrize("global_id", GARBAGE_IDS, ids=lambda text: text[:20])
def test_a_global_id_in_the_path_of_the_wrong_form(busy, global_id):
    problem = refused(busy, "DELETE", f"/v1/holds/{global_id}", status=422, code="validation_failed")
    assert list(problem["errors"]) == ["global_id"]


def test_a_global_id_may_be_percent_encoded(busy):
    reply = busy.client.delete("/v1/holds/%6Civ%65", headers=HEADERS)
    assert (reply.status_code, reply.json["global_id"]) == (200, "live")


def test_the_query_changes_nothing(busy):
    reply = busy.client.delete("/v1/holds/live?global_id=sold&global_id=%FF&x=%", headers=HEADERS)
    assert reply.json["global_id"] == "live"


@pytest.mark.parametrize("host", ["", "a b", "[", "\u00e9", "x" * 3000, "evil.test:99999", "a@b", "a/b"])
def test_a_host_nobody_knows_is_no_reason_to_fail(busy, host):
    before = state(busy)
    reply = busy.client.get("/nothing", headers=HEADERS, environ_overrides={"HTTP_HOST": host})
    assert reply.json["code"] in ("unknown_endpoint", "malformed_request")
    assert state(busy) == before
