"""Hostile bodies and fields: each gets its documented 4xx as problem+json, and nothing in the inventory changes."""

import json

import pytest

from mockpos.web.contract.bodies import _object
from tests.web.bad_input import GOOD, HEADERS, busy, invalid, malformed, refused, unchanged, with_raw

__all__ = ["busy", "unchanged"]

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
    "deeper than any Python would refuse": with_raw("x", "[" * 501 + "]" * 501),
    "a deeply nested known field": with_raw("quantity", '{"quantity":' * 5_000 + "1" + "}" * 5_000),
}


@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_one_json_object_is_malformed(unchanged, data):
    problem = malformed(unchanged, data)
    assert problem["position"] is None or problem["position"].startswith(("line ", "byte "))


def test_a_hundred_thousand_brackets_are_too_large_before_they_are_deep(unchanged):
    malformed(unchanged, b"[" * 100_000, status=413, code="request_too_large")


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
def test_a_name_that_stands_twice_in_one_object_is_malformed_at_any_depth(unchanged, data):
    assert "twice" in malformed(unchanged, data)["detail"]


def test_the_name_that_stands_twice_is_found_without_comparing_each_with_each():
    looked_at = 0

    class Name(str):
        def __hash__(self):
            nonlocal looked_at
            looked_at += 1
            return super().__hash__()

        def __eq__(self, other):
            nonlocal looked_at
            looked_at += 1
            return super().__eq__(other)

    names = [*(Name(number) for number in range(7_000)), Name("x"), Name("x")]
    with pytest.raises(ValueError, match="it names 'x' twice"):
        _object([(name, 1) for name in names])
    assert looked_at < 10 * len(names)


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
def test_a_quantity_that_is_no_whole_number_from_1_to_1000(unchanged, raw):
    invalid(unchanged, with_raw("quantity", raw), "quantity")


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
def test_a_large_quantity_is_judged_by_the_listing(unchanged, quantity):
    refused(
        unchanged, "POST", "/v1/holds", json={**GOOD, "quantity": quantity}, status=409, code="insufficient_quantity"
    )


OPAQUE_REFUSED = [
    '""', '" "', '"\\t\\n"', '"\\u00a0"', json.dumps("x" * 129), json.dumps("x" * 10_000), json.dumps("é" * 129),
    '"a\\u0000b"', '"\\u0000"', '"a\\u001fb"', '"a\\u007fb"', '"a\\u0085b"', '"a\\u200bb"', '"a\\u202eb"', '"\\ufeffa"',
    '"a\\u00adb"', '"\\ud800"', '"a\\udfffb"', '"\\ud83d"', '"\\ue000"', '"\\uffff"', '"\\u0378"', '"a\\nb"', '"a\\tb"',
    "true", "false", "null", "[]", '["TG-1"]', "{}", '{"$ne":null}', "1.5", "1e-400", "1e400", "-1e400", "1e128",
    "9" * 129, "-" + "9" * 128, "9" * 20_000, "1e99999999999999999999",
]  # fmt: skip


@pytest.mark.parametrize("raw", OPAQUE_REFUSED, ids=lambda raw: raw[:24])
def test_a_remote_id_or_order_id_of_the_wrong_form(unchanged, raw):
    invalid(unchanged, with_raw("remote_id", raw), "remote_id")
    invalid(unchanged, f'{{"global_id":"live","order_id":{raw}}}'.encode(), "order_id", path="/v1/invoices")


GLOBAL_REFUSED = [
    '""', '" "', '"-a"', '".a"', '"_a"', '":a"', '" new"', '"new "', '"new\\n"', '"new\\u0000"', '"a/b"', '"a b"',
    '"a%20b"', '"é"', '"٣"', '"\uff41"', '"\\ud800"', '"<b>"', '"{global_id}"', json.dumps("x" * 129),
    json.dumps("x" * 10_000), "1", "1.0", "0", "true", "null", "[]", '["new"]', "{}",
]  # fmt: skip


@pytest.mark.parametrize("raw", GLOBAL_REFUSED, ids=lambda raw: raw[:24])
def test_a_global_id_of_the_wrong_form(unchanged, raw):
    invalid(unchanged, with_raw("global_id", raw), "global_id")
    invalid(unchanged, f'{{"global_id":{raw},"order_id":"o"}}'.encode(), "global_id", path="/v1/invoices")


def test_every_wrong_field_is_named_at_once(unchanged):
    problem = invalid(unchanged, b"{}", "remote_id", "quantity", "global_id")
    assert problem["errors"] == {name: ["Is required."] for name in ("remote_id", "quantity", "global_id")}
    assert problem["detail"] == "3 fields are wrong: global_id, quantity, remote_id."
    invalid(unchanged, {"remote_id": [], "quantity": "2"}, "remote_id", "quantity", "global_id")
    invalid(unchanged, b"{}", "global_id", "order_id", path="/v1/invoices")


@pytest.mark.parametrize("name", ["Remote_ID", "remoteId", "remote_id ", "remote\u200b_id", "REMOTE_ID"])
def test_a_field_is_spelled_exactly(unchanged, name):
    invalid(unchanged, {name: "TG-1", "quantity": 2, "global_id": "new"}, "remote_id")


def test_names_of_pythons_own_are_only_unknown_fields(unchanged):
    invalid(unchanged, {"__class__": 1, "self": 1, "_schema": 1, "tx": 1}, "remote_id", "quantity", "global_id")


@pytest.mark.parametrize(
    "raw",
    ["null", "[1,2,{}]", '{"quantity":0}', '"\\ud800"', "1e400", "1e99999999999999999999", "9" * 5_000, "9" * 60_000,
     "[" * 300 + "]" * 300, '"' + "x" * 60_000 + '"'],
    ids=lambda raw: raw[:24],
)  # fmt: skip
def test_unknown_fields_are_ignored_whatever_they_hold(busy, raw):
    for number, name in enumerate(["order_total", "__proto__", "", "\\ud800", "é", "x" * 1000]):
        data = with_raw(name, raw, global_id=f"new-{number}")
        reply = busy.client.post("/v1/holds", data=data, content_type="application/json", headers=HEADERS)
        assert (reply.status_code, reply.json["available_quantity"]) == (200, 4), name
        busy.release(f"new-{number}")


def test_thousands_of_unknown_fields_are_ignored(busy):
    reply = busy.client.post("/v1/holds", json={**GOOD, **{f"f{n}": n for n in range(4_000)}}, headers=HEADERS)
    assert reply.status_code == 200
