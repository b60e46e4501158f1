"""Contract files: every fault named with file and line, and two whole other contracts spoken end to end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mockpos.contract.loader import DEFAULT_CONTRACT, load_contract
from mockpos.domain.errors import BadInput
from mockpos.yaml_file import read_yaml
from tests.conftest import ROOT

DEFAULT = DEFAULT_CONTRACT.read_text()
CONTRACTS = ROOT / "fixtures" / "contracts"
TTL = 15 * 60_000

HOLD, RELEASE, INVOICE = (f"  {name}:\n" for name in ("hold", "release", "invoice"))


def edited(old, new, after=""):
    """Change the first ``old`` behind ``after`` in the default contract; return the text and the line of the change."""
    start = DEFAULT.index(old, DEFAULT.index(after))
    text = DEFAULT[:start] + new + DEFAULT[start + len(old) :]
    return text, DEFAULT[:start].count("\n") + 1


def complaints(tmp_path, text):
    file = tmp_path / "mine.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadInput) as refused:
        load_contract(file)
    return [line.removeprefix(f"{file}") for line in str(refused.value).splitlines()]


FAULTS = {
    "a reserved path": (("path: /v1/holds\n", "path: /docs/holds\n", HOLD), "/docs is a path the mock needs itself"),
    **{
        f"the reserved path {path}": (("path: /v1/holds\n", f"path: {path}\n", HOLD), "is a path the mock needs itself")
        for path in ("/_mock", "/_mock/x", "/docs", "/s", "/s/x", "/metrics", "/healthz", "/readyz", "/openapi.json")
    },
    "a path that begins with the Global ID": (("/v1/holds/{global_id}", "/{global_id}/x", RELEASE), "would swallow"),
    "two operations on one route": (
        ("path: /v1/invoices", "path: /v1/holds", INVOICE),
        "operations.invoice.path: POST /v1/holds is the route of hold already",
    ),
    "an operation_id twice": (
        ("createInvoice", "holdInventory", ""),
        "two operations have the same operation_id",
    ),
    "an unknown code": (
        ("  statuses: {}", "  statuses:\n    listing_retird: 404\n  #", ""),
        "errors.statuses.listing_retird: is not a code of the catalogue; did you mean listing_retired?",
    ),
    "a status that is none": (("  statuses: {}", "  statuses:\n    listing_retired: 99\n  #", ""), "HTTP status"),
    "a status without a body": (("  statuses: {}", "  statuses: {listing_retired: 204}", ""), "HTTP status"),
    "a status in words": (("  statuses: {}", "  statuses: {listing_retired: gone}", ""), "whole number"),
    "a redirect": (("  statuses: {}", "  statuses: {listing_retired: 300}", ""), "HTTP status"),
    "a success that is an error": (("success: 200", "success: 404", HOLD), "200-299"),
    "a success without a body that has fields": (("success: 200", "success: 204", HOLD), "204 has no body"),
    "a success that resets a form": (("success: 200", "success: 205", HOLD), "200-299"),
    "a success that is a truth": (("success: 200", "success: true", HOLD), "operations.hold.success"),
    "an unknown request field": (
        ("      quantity: quantity\n", "      quantity: quantity\n      quantitty: x\n", HOLD),
        "operations.hold.request.quantitty: is not a field of this operation; did you mean quantity?",
    ),
    "an order id in a hold": (("quantity: quantity\n", "quantity: quantity\n      order_id: x\n", HOLD), "order_id"),
    "a request field left out": (("quantity: quantity", "quantity: null", HOLD), "must not be null"),
    "two fields at one place": (("quantity: quantity", "quantity: remote_id", HOLD), "collides with remote_id"),
    "a field inside another": (("quantity: quantity", "quantity: remote_id.count", HOLD), "collides with remote_id"),
    "a name with a space": (("quantity: quantity", "quantity: how many", HOLD), "must be a dotted name"),
    "an empty step": (("quantity: quantity", "quantity: a..b", HOLD), "must be a dotted name"),
    "a method that is none": (("method: POST", "method: FETCH", HOLD), "must be one of POST, PUT, PATCH, DELETE"),
    "a lower-case method": (("method: POST", "method: post", HOLD), "must be one of"),
    "GET": (("method: POST", "method: GET", HOLD), "must be one of"),
    "a relative path": (("path: /v1/holds\n", "path: v1/holds\n", HOLD), "must be a path"),
    "a trailing slash": (("path: /v1/holds\n", "path: /v1/holds/\n", HOLD), "must be a path"),
    "a doubled slash": (("path: /v1/holds\n", "path: /v1//holds\n", HOLD), "must be a path"),
    "an unknown place holder": (("{global_id}", "{id}", RELEASE), "must be a path"),
    "no Global ID in the path": (("/{global_id}", "", RELEASE), "must contain {global_id} once"),
    "the Global ID twice": (("{global_id}", "{global_id}/{global_id}", RELEASE), "must contain {global_id} once"),
    "a Global ID too many": (
        ("path: /v1/holds", "path: /v1/holds/{global_id}", HOLD),
        "global_id_in is",
    ),
    "an unknown place of the Global ID": (("global_id_in: body", "global_id_in: cookie", HOLD), "path, query, body"),
    "an unknown key": (("version:", "versoin:", ""), "versoin"),
    "an unknown key deeper": (("    success: 200", "    sucess: 200", HOLD), "sucess"),
    "a header that is none": (
        ("header: X-API-Key", "header: X API Key", ""),
        "must be the name of a header",
    ),
    **{
        f"a header that has a meaning: {name}": (("header: X-API-Key", f"header: {name}", ""), "another meaning")
        for name in ("Content-Type", "CONTENT-LENGTH", "Host", "X-Request-Id", "Transfer-Encoding", "Connection")
    },
    "a scheme of two words": (("scheme: null", "scheme: My Token", ""), "key.scheme: must be one word, or null"),
    "bearer in words": (("bearer: true", "bearer: maybe", ""), "key.bearer: must be true or false"),
    "unknown fields in words": (("unknown_fields: ignore", "unknown_fields: drop", ""), "ignore, refuse"),
    "an HTML error": (("media_type: application/problem+json", "media_type: text/html", ""), "application/json or"),
    "a shape that is none": (("shape: problem", "shape: round", ""), "problem, envelope, template"),
    "a template too many": (("shape: problem", "template: {a: b}\n  shape: problem", ""), "the shape is problem"),
    "no template": (("shape: problem", "shape: template", ""), "must be a mapping, because the shape is template"),
    "an unknown member": (
        ("shape: problem", "template: {a: $cod}\n  shape: template", ""),
        "$cod is not known; did you mean code?",
    ),
    "a time in the template": (
        ("shape: problem", "template: {a: 2026-11-23}\n  shape: template", ""),
        "errors.template",
    ),
    "bytes in the template": (
        ("shape: problem", "template: {a: !!binary aGk=}\n  shape: template", ""),
        "errors.template",
    ),
    "a number that is none in the template": (
        ("shape: problem", "template: {a: [.nan]}\n  shape: template", ""),
        "template",
    ),
    "a name twice": (("version:", "name: again\nversion:", ""), "not YAML"),
    "broken YAML": (("key:\n", "key: [\n", ""), "not YAML"),
    "a tab": (("  header:", "\theader:", ""), "not YAML"),
    "an unknown code renamed": (
        ("  codes: {}", "  codes: {sold_out: X}", ""),
        "errors.codes.sold_out: is not a code",
    ),
    "a code's name that is none": (
        ("  codes: {}", "  codes: {listing_sold_out: [X]}", ""),
        "a text or a whole number",
    ),
    "an unknown state": (("states: {}", "states: {hold: H}", ""), "is not a state of a hold"),
    "a constant where a field stands": (
        ("    success: 200", "    success: 200\n    response_constants: {seats: none}", HOLD),
        "seats collides with seats",
    ),
    "a constant that is a mapping": (
        ("    success: 200", "    success: 200\n    request_constants: {meta: {a: 1}}", HOLD),
        "dots in the name make objects",
    ),
    "a list of operations": (("  hold:\n", "  - hold:\n", ""), ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_file_and_line(tmp_path, fault):
    edit, message = FAULTS[fault]
    text, _ = edited(*edit)
    found = complaints(tmp_path, text)
    assert all(line.startswith(":") and line[1:].split(":")[0].isdigit() for line in found), found
    assert any(message in line for line in found), found


LINED = ["a reserved path", "an unknown request field", "a success that is an error",
         "a method that is none", "a header that is none", "bearer in words", "unknown fields in words",
         "an HTML error", "a shape that is none", "two fields at one place", "a path that begins with the Global ID",
         "a request field left out", "an unknown key"]  # fmt: skip


@pytest.mark.parametrize("fault", LINED)
def test_the_line_is_the_one_to_change(tmp_path, fault):
    (old, new, after), message = FAULTS[fault]
    text, _ = edited(old, new, after)
    lines = text.splitlines()
    wrong = [line for line in complaints(tmp_path, text) if message in line]
    assert lines[int(wrong[0].split(":")[1]) - 1] not in DEFAULT.splitlines()


def test_a_route_that_swallows_anothers_is_refused(tmp_path):
    text = DEFAULT.replace("method: DELETE", "method: POST").replace("/v1/holds/{global_id}", "/v1/{global_id}")
    assert any(
        "operations.release.path: /v1/{global_id} also matches /v1/holds" in x for x in complaints(tmp_path, text)
    )


def test_two_routes_that_some_global_id_makes_one_are_refused(tmp_path):
    text = DEFAULT.replace("method: DELETE", "method: POST").replace("/v1/holds/{global_id}", "/v1/{global_id}/release")
    text = text.replace("path: /v1/invoices\n    global_id_in: body", "path: /v1/x/{global_id}\n    global_id_in: path")
    assert any("/v1/x/{global_id}" in x for x in complaints(tmp_path, text))


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path):
    text = DEFAULT.replace("header: X-API-Key", "header: X API Key").replace("success: 200", "success: 700")
    found = complaints(tmp_path, text.replace("shape: problem", "shape: round"))
    numbers = [int(line.split(":")[1]) for line in found]
    assert len(found) == 5
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("part", ["name", "version", "key", "unknown_fields", "operations", "errors"])
def test_a_part_that_is_left_out_is_as_in_the_default_contract_and_told(tmp_path, part):
    lines = DEFAULT.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if line.startswith(part + ":"))
    end = next((n for n in range(start + 1, len(lines)) if lines[n][0].isalpha()), len(lines))
    file = tmp_path / "mine.yaml"
    file.write_text("".join(lines[:start] + lines[end:]))
    contract = load_contract(file)
    assert replace(contract, source="", defaults=()) == replace(load_contract(), source="")
    assert [told.partition(" ")[0] for told in contract.defaults] == [part]
    assert load_contract().defaults == ()


def test_a_sketch_is_a_contract(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(SKETCH)
    contract = load_contract(file)
    hold, release, invoice = contract.operations.values()
    assert (hold.path, hold.request["remote_id"], hold.request["quantity"]) == ("/reserve", ("lot",), ("quantity",))
    assert (release.global_id_in, release.path) == ("query", "/v1/holds")
    assert (release.success, release.answers_body, set(release.response.values())) == (204, False, {None})
    assert invoice.global_id_in == "path"
    assert (contract.errors.shape, contract.errors.media_type) == ("envelope", "application/json")
    assert 'operations.hold.request.quantity is left out, so "quantity"' in contract.defaults
    assert "key is left out, all as in the default contract" in contract.defaults
    assert not [told for told in contract.defaults if told.startswith("operations.release.response")]


SKETCH = """
operations:
  hold: {path: /reserve, request: {remote_id: lot}}
  release: {global_id_in: query, success: 204}
  invoice: {path: "/reserve/{global_id}/buy"}
errors: {shape: envelope}
"""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected a mapping"),
        (b"- a\n- b\n", "expected a mapping"),
        (b"just text", "expected a mapping"),
        (b"{}", "says nothing"),
        (b"name: \xff", "not UTF-8"),
        (b"a\n\nname: \xff", ":3: not UTF-8"),
        (b"name: a\n\tkey: b\n", ":2: not YAML"),
        (b"\0", "not YAML"),
        (b"[" * 5000, "not YAML"),
        (b"a: &a [*a]", ""),
        (b"x: " + b"y" * 1_000_001, "larger than"),
        (b"a: &a [1]\nb: &b [*a,*a]\n", "a: is not a key that belongs here"),
        (b"--- {a: 1}\n--- {b: 2}\n", "not YAML"),
        (b"name: !!python/object/apply:os.system ['true']\n", ""),
        (DEFAULT.encode("utf-16"), ":1: UTF-16 text; save the file as UTF-8"),
        (DEFAULT.encode("utf-16-le"), ":1: UTF-16 text; save the file as UTF-8"),
        (DEFAULT.encode("utf-32"), ":1: UTF-32 text; save the file as UTF-8"),
        (json.dumps({"operations": None}).encode(), "operations: must not be null"),
    ],
)
def test_a_file_that_is_no_contract_is_refused(tmp_path, content, message):
    assert any(message in line for line in complaints(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"absent\.yaml: there is no such file"):
        load_contract(tmp_path / "absent.yaml")
    with pytest.raises(BadInput, match="cannot be read"):
        load_contract(tmp_path)


def test_a_delete_with_a_body_is_warned_about(tmp_path):
    text, line = edited("method: POST", "method: DELETE", INVOICE)
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    (warning,) = load_contract(file).warnings
    assert warning.startswith(f"{file}:{line}: operations.invoice.method: a DELETE with a body")
    assert load_contract().warnings == ()


def test_a_delete_with_a_body_works(make_bed, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(edited("method: POST", "method: DELETE", INVOICE)[0])
    bed = make_bed(contract=file)
    bed.hold(global_id="g")
    reply = bed.call("DELETE", "/v1/invoices", {"global_id": "g", "order_id": "o"})
    assert (reply.status_code, reply.json["status"]) == (200, "invoiced")


def test_three_methods_may_share_one_path(make_bed, tmp_path):
    text = DEFAULT.replace("path: /v1/invoices", "path: /v1/holds").replace("method: POST", "method: PUT", 1)
    text = text.replace(
        "path: /v1/holds/{global_id}\n    global_id_in: path", "path: /v1/holds\n    global_id_in: query"
    )
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    bed = make_bed(contract=file)
    hold = {"remote_id": "TG-1", "quantity": 2, "global_id": "g"}
    assert bed.call("PUT", "/v1/holds", hold).json["status"] == "held"
    assert bed.call("POST", "/v1/holds", {"global_id": "g", "order_id": "o"}).json["status"] == "invoiced"
    assert bed.call("DELETE", "/v1/holds?global_id=g").json["code"] == "hold_already_invoiced"
    assert bed.call("PATCH", "/v1/holds").headers["Allow"] == "DELETE, POST, PUT"


def test_an_envelope(make_bed, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(DEFAULT.replace("shape: problem ", "shape: envelope ").replace("problem+json", "json"))
    reply = make_bed(contract=file).hold(quantity=5)
    assert (reply.status_code, reply.content_type) == (409, "application/json")
    assert reply.json == {
        "error": {
            "code": "insufficient_quantity",
            "message": "TG-1 has 4 unsold tickets; 5 were asked for.",
            "retryable": False,
            "request_id": "req-1",
            "details": {"available_quantity": 4},
        }
    }


def test_text_of_a_template_is_kept_as_it_stands(make_bed, tmp_path):
    template = '{s: "été $ $code", n: 1.50, i: -3, t: true, x: null, l: [$status, [$code]], big: 99999999999999999999}'
    file = tmp_path / "mine.yaml"
    file.write_text(DEFAULT.replace("shape: problem ", f"template: {template}\n  shape: template "))
    assert make_bed(contract=file).hold(quantity=5).json == {
        "s": "été $ $code", "n": 1.5, "i": -3, "t": True, "x": None, "l": [409, ["insufficient_quantity"]],
        "big": 99999999999999999999,
    }  # fmt: skip


def test_a_device_without_an_end_is_refused() -> None:
    with pytest.raises(BadInput, match=r"/dev/zero: larger than 1000000 characters"):
        read_yaml(Path("/dev/zero"))
