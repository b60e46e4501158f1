"""Hostile sizes, types, paths and methods: each gets its documented 4xx, and nothing in the inventory changes."""

import json
from io import BytesIO
from urllib.parse import unquote

import pytest

from tests.web.bad_input import GOOD, HEADERS, busy, malformed, refused, state, unchanged

__all__ = ["busy", "unchanged"]

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
def test_a_length_that_is_none_is_refused(unchanged, length):
    expected = (413, "request_too_large") if length.startswith("9") else (400, "malformed_request")
    malformed(unchanged, b"x", environ_overrides={"CONTENT_LENGTH": length}, status=expected[0], code=expected[1])


TYPES_REFUSED = [
    None, "", " ", "json", "text/json", "text/plain", "text/html", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/xml", "application/octet-stream", "application/jsonp",
    "application/json-seq", "application/ndjson", "application/json2", "application/+json", "application/a/b+json",
    "application/a b+json", "application/xml; x=application/json", "image/svg+json", "application/json, text/plain",
    "application/json/x", "xapplication/json", "applicationjson", ";application/json", "application/json x", "é",
]  # fmt: skip


@pytest.mark.parametrize("kind", TYPES_REFUSED)
def test_a_body_that_does_not_say_it_is_json(unchanged, kind):
    given = {} if kind is None else {"content_type": kind}
    malformed(unchanged, json.dumps(GOOD), status=415, code="unsupported_media_type", **{"content_type": None, **given})


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
def test_a_path_of_no_operation(unchanged, path):
    for method in ("POST", "DELETE", "GET", "OPTIONS", "HEAD", "TRACE"):
        problem = refused(unchanged, method, path, json=GOOD, status=404, code="unknown_endpoint")
        assert method == "HEAD" or problem["detail"].isprintable()


ALLOWED = {"/v1/holds": "POST", "/v1/holds/live": "DELETE", "/v1/invoices": "POST"}
METHODS = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "POST", "DELETE", "CONNECT", "PROPFIND", "HOLD"]


@pytest.mark.parametrize(
    ("method", "path"), [(m, path) for path, allowed in ALLOWED.items() for m in METHODS if m != allowed]
)
def test_a_method_of_no_operation(unchanged, method, path):
    before = state(unchanged)
    environ = {"REQUEST_METHOD": method}
    reply = unchanged.client.open(path, json=GOOD, headers=HEADERS, environ_overrides=environ)
    assert state(unchanged) == before
    assert (reply.status_code, reply.headers["Allow"]) == (405, ALLOWED[path])
    assert reply.content_type == "application/problem+json"
    assert reply.headers["X-Request-Id"]
    if method != "HEAD":
        assert reply.json["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["//v1/holds", "///v1/holds", "//v1//holds", "//", "//evil.test/v1/holds"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "GET", "HEAD"])
def test_leading_slashes_are_not_merged(unchanged, method, path):
    environ = {"PATH_INFO": path, "RAW_URI": path, "REQUEST_URI": path}
    refused(unchanged, method, "/", json=GOOD, environ_overrides=environ, status=404, code="unknown_endpoint")


@pytest.mark.parametrize("path", ["/v1/holds%2Flive", "/v1/holds%2flive", "/v1%2Fholds%2Flive", "/%2Fv1/holds/live"])
def test_an_encoded_slash_is_no_slash(busy, path):
    refused(busy, "DELETE", path, status=404, code="unknown_endpoint")
    refused(busy, "DELETE", path + "?a=/", status=404, code="unknown_endpoint")
    assert busy.client.delete("/v1/holds/live?a=%2F", headers=HEADERS).status_code == 200


def test_a_method_cannot_be_smuggled(unchanged):
    before = state(unchanged)
    for headers in ({"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "DELETE"}):
        reply = unchanged.client.post("/v1/holds/live?_method=DELETE", headers={**HEADERS, **headers})
        assert reply.status_code == 405
    assert state(unchanged) == before


GARBAGE_IDS = [
    "%00", "%0A", "live%0A", "live%00", "%20", "live%20", "%20live", "%E2%80%AE", "%FF", "%C0%AF", "%ED%A0%80",
    "%", "%zz",
    "%25", "%6", "..", ".", "-", "_a", "%2E%2E", "a,b", "a;b", "a|b", "a+b", "a@b", "a'b", "a%22b", "a%3Cb%3E", "a%5Cb",
    "\u00e9", "x" * 129, "x" * 3000, "%F0%9F%8E%AB", "{global_id}", "<global_id>", "*", "~", "$(id)", "a=b",
]  # fmt: skip


@pytest.mark.parametrize("global_id", GARBAGE_IDS, ids=lambda text: text[:20])
def test_a_global_id_in_the_path_of_the_wrong_form(unchanged, global_id):
    problem = refused(unchanged, "DELETE", f"/v1/holds/{global_id}", status=422, code="validation_failed")
    assert list(problem["errors"]) == ["global_id"]


def test_a_global_id_may_be_percent_encoded(busy):
    reply = busy.client.delete("/v1/holds/%6Civ%65", headers=HEADERS)
    assert (reply.status_code, reply.json["global_id"]) == (200, "live")


def test_the_query_changes_nothing(busy):
    reply = busy.client.delete("/v1/holds/live?global_id=sold&global_id=%FF&x=%", headers=HEADERS)
    assert reply.json["global_id"] == "live"


@pytest.mark.parametrize("host", ["", "a b", "[", "\u00e9", "x" * 3000, "evil.test:99999", "a@b", "a/b"])
def test_a_host_nobody_knows_is_no_reason_to_fail(unchanged, host):
    before = state(unchanged)
    reply = unchanged.client.get("/nothing", headers=HEADERS, environ_overrides={"HTTP_HOST": host})
    assert reply.json["code"] in ("unknown_endpoint", "malformed_request")
    assert state(unchanged) == before


@pytest.mark.parametrize(
    ("target", "wrong", "meant"),
    [
        ("//v1/holds", "more than one slash", "/v1/holds"),
        ("///v1//holds", "more than one slash", "/v1/holds"),
        ("/v1%2Fholds", "an escaped slash (%2F)", "/v1/holds"),
        ("/v1%2fholds?a=1", "an escaped slash (%2F)", "/v1/holds"),
    ],
)
def test_wrong_slashes_are_answered_with_the_target_as_it_came(unchanged, target, wrong, meant):
    path = unquote(target.partition("?")[0])
    reply = unchanged.client.post("/", environ_overrides={"PATH_INFO": path, "RAW_URI": target}, headers=HEADERS)
    assert (reply.status_code, reply.json["code"]) == (404, "unknown_endpoint")
    assert f"nothing at {target.partition('?')[0]}: " in reply.json["detail"]
    assert wrong in reply.json["detail"]
    assert reply.json["did_you_mean"] == meant
