"""A contract may rename codes and states, fix values, and answer a release without a body."""

import pytest

from tests.conftest import KEY

CONTRACT = """
name: Terse
unknown_fields: refuse
states: {held: RESERVED, released: 3, invoiced: SOLD}
operations:
  hold:
    request_constants: {channel: tevo, meta.version: 1}
    response_constants: {ok: true, meta.api: "2"}
    response: {status: meta.state, available_quantity: null}
  release: {success: 204, method: POST, path: /v1/releases, global_id_in: body}
  invoice: {method: PATCH, path: "/v1/holds/{global_id}", request_constants: {state: SOLD}, success: 202}
errors:
  shape: template
  codes: {listing_sold_out: SOLD_OUT, held_by_another: SOLD_OUT, invalid_split: 1042}
  template: {ok: false, code: $code, text: $detail, state: $details}
"""


@pytest.fixture
def bed(make_bed, tmp_path):
    file = tmp_path / "terse.yaml"
    file.write_text(CONTRACT)
    return make_bed(contract=file)


def hold(bed, quantity=2, global_id="g", **changes):
    body = {
        "remote_id": "TG-1",
        "quantity": quantity,
        "global_id": global_id,
        "channel": "tevo",
        "meta": {"version": 1},
    }
    return bed.call("POST", "/v1/holds", body | changes)


def test_states_and_constants_stand_in_the_answers(bed):
    assert hold(bed).json["meta"] == {"state": "RESERVED", "api": "2"}
    sold = bed.call("PATCH", "/v1/holds/g", {"order_id": "o", "state": "SOLD"})
    assert (sold.status_code, sold.json["status"]) == (202, "SOLD")


def test_a_release_answers_without_a_body(bed):
    hold(bed)
    released = bed.call("POST", "/v1/releases", {"global_id": "g"})
    assert (released.status_code, released.get_data()) == (204, b"")
    assert "Content-Type" not in released.headers
    closed = hold(bed)
    assert (closed.json["code"], closed.json["state"]) == ("global_id_closed", {"hold_status": 3})


def test_codes_have_the_contracts_names_and_the_mock_keeps_its_own(bed):
    assert hold(bed, 4).status_code == 200
    assert hold(bed, 1, "h").json["code"] == "SOLD_OUT"
    (call,) = bed.call("GET", "/_mock/requests?code=held_by_another").json["requests"]
    assert call["code"] == "held_by_another"
    assert bed.call("POST", "/v1/holds", hold_body := {"channel": "tevo"}).json["code"] == "validation_failed", (
        hold_body
    )


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"channel": "web"}, {"channel": ['Must be "tevo".']}),
        ({"meta": {"version": True}}, {"meta.version": ["Must be 1."]}),
    ],
)
def test_a_constant_that_a_caller_sends_otherwise_is_refused(bed, changes, wrong):
    assert hold(bed, **changes).json["state"] == {"errors": wrong}


def test_the_document_says_all_of_it(bed):
    document = bed.client.get("/openapi.json").json
    schemas = document["components"]["schemas"]
    assert schemas["HoldRequest"]["properties"]["channel"] == {"const": "tevo"}
    assert schemas["HoldAnswer"]["properties"]["meta"]["properties"]["state"] == {"type": "string", "const": "RESERVED"}
    released = document["paths"]["/v1/releases"]["post"]["responses"]["204"]
    assert "content" not in released
    assert "ReleaseAnswer" not in schemas
    refused = document["paths"]["/v1/holds"]["post"]["responses"]
    assert "SOLD_OUT" in str(refused["409"])
    assert 1042 in refused["422"]["content"]["application/json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]


def test_exercise_and_a_checkout_speak_it(tmp_path):
    from mockpos.checkout.client import AutomatorClient
    from mockpos.contract.loader import load_contract
    from tests.conftest import running_server

    file = tmp_path / "terse.yaml"
    file.write_text(CONTRACT)
    with running_server(tmp_path, "--quiet", "--contract", str(file)) as server:
        client = AutomatorClient(server.url, KEY, load_contract(file))
        assert client.hold("TG-1042", 2, "g").values["status"] == "RESERVED"
        assert client.release("g").code == "released"
        assert client.hold("TG-PAIRS", 3, "h").code == "invalid_split"
